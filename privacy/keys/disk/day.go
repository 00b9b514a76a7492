package disk

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"footpath/internal/vfs"
	"footpath/privacy/keys"
)

// day is one day's files: usually one, more after a device failed (a file whose
// sync failed is never written again). Its index maps a hash of the name to the
// place of the record, some 20 bytes a key; whatever it says is compared with the
// record itself. Guarded by Store.mu.
type day struct {
	s     *Store
	n     int32
	used  uint64
	files []*keyFile
	seed  maphash.Seed
	index map[uint64]place
	same  map[recordID]place // names whose hash was taken already
	open  map[recordID]*dataKey
}

type place struct {
	file   uint16
	record uint32
}

type keyFile struct {
	name   string
	f      vfs.File
	count  uint32 // records, the header included
	failed bool   // a write or sync failed: read only
}

// maxOpen bounds the unwrapped keys in memory: a thousand open sessions and more;
// unwrapping another costs a read and a decryption.
const maxOpen = 4096

// filesOf lists the files of a day, oldest first.
func (s *Store) filesOf(n int32) ([]string, error) {
	all, err := s.fs.List(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	var names []string
	for _, name := range all {
		if strings.HasPrefix(name, fmt.Sprintf("%08d.", n)) && strings.HasSuffix(name, ".keys") {
			names = append(names, name)
		}
	}
	return names, nil
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// day gives a day, reading its files when it is not in memory; s.mu is held.
func (s *Store) day(n int32) (*day, error) {
	s.clock++
	if d := s.days[n]; d != nil {
		d.used = s.clock
		return d, nil
	}
	d := &day{
		s: s, n: n, used: s.clock, seed: maphash.MakeSeed(),
		index: map[uint64]place{}, same: map[recordID]place{}, open: map[recordID]*dataKey{},
	}
	names, err := s.filesOf(n)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := d.load(name); err != nil {
			d.close()
			return nil, fmt.Errorf("load keys %s: %w", s.path(name), err)
		}
	}
	s.evict()
	s.days[n] = d
	return d, nil
}

// evict makes room for one more day, sparing those with creations under way.
func (s *Store) evict() {
	busy := map[int32]bool{}
	for _, c := range slices.Concat(s.queue, s.making) {
		busy[c.name.Day] = true
	}
	for len(s.days) >= maxDays {
		var oldest *day
		for _, d := range s.days {
			if !busy[d.n] && (oldest == nil || d.used < oldest.used) {
				oldest = d
			}
		}
		if oldest == nil {
			return
		}
		oldest.close()
		delete(s.days, oldest.n)
	}
}

// load reads one file into the index. Records that are not whole at the end are
// a torn append that nobody was told of; they are cut off. One in the middle is
// damage: it is reported and counted, and its key is lost.
func (d *day) load(name string) error {
	f, err := d.s.fs.Open(d.s.path(name), false)
	if err != nil {
		return err
	}
	kf := &keyFile{name: name, f: f}
	d.files = append(d.files, kf)
	size, err := f.Size()
	if err != nil {
		return err
	}
	body := make([]byte, size)
	if _, err := f.ReadAt(body, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if size < recordLen || string(body[:len(fileMagic)]) != fileMagic {
		// A crash between creating the file and its first sync: it holds nothing.
		if len(strings.Trim(string(body), "\x00")) == 0 || strings.HasPrefix(fileMagic, string(body)) {
			kf.failed = true
			return nil
		}
		return errors.New("not a key file; move it away or restore it from the backup of keys")
	}
	last, bad := uint32(0), 0
	for n := uint32(1); int64(n+1)*recordLen <= size; n++ {
		r := (*record)(body[int64(n)*recordLen:])
		if !r.valid() {
			continue
		}
		bad += int(n - last - 1)
		last = n
		d.note(r, place{file: uint16(len(d.files) - 1), record: n})
	}
	if bad > 0 {
		d.s.damaged.Add(float64(bad))
		d.s.log.Error("key records are damaged: what they sealed cannot be read",
			slog.String("file", d.s.path(name)), slog.Int("records", bad))
	}
	kf.count = last + 1
	if end := int64(kf.count) * recordLen; end < size {
		d.s.log.Warn("torn end of a key file cut off", slog.String("file", d.s.path(name)), slog.Int64("bytes", size-end))
		return f.Truncate(end)
	}
	return nil
}

// note enters a record into the index: the last live record of a name counts, and
// a tombstone beats every live one, wherever it stands.
func (d *day) note(r *record, at place) {
	name := r.id()
	if old, known := d.lookup(name); known {
		if rec, err := d.read(old); err == nil && rec[offState] == stateDestroyed {
			return
		}
	}
	h := maphash.Bytes(d.seed, name[:])
	if old, taken := d.index[h]; taken {
		if rec, err := d.read(old); err != nil || rec.id() != name {
			d.same[name] = at
			return
		}
	}
	d.index[h] = at
}

// lookup finds where a name's record is, if there is one.
func (d *day) lookup(name recordID) (place, bool) {
	if at, ok := d.same[name]; ok {
		return at, true
	}
	at, ok := d.index[maphash.Bytes(d.seed, name[:])]
	if !ok {
		return place{}, false
	}
	rec, err := d.read(at)
	return at, err == nil && rec.id() == name
}

func (d *day) read(at place) (*record, error) {
	var r record
	if _, err := d.files[at.file].f.ReadAt(r[:], int64(at.record)*recordLen); err != nil {
		return nil, err
	}
	if !r.valid() {
		return nil, errors.New("damaged record")
	}
	return &r, nil
}

// find gives a name's key, unwrapping it when it is not open yet.
func (d *day) find(name recordID, unwrap func(*record) (*dataKey, error)) (*dataKey, error) {
	if key := d.open[name]; key != nil {
		return key, nil
	}
	at, ok := d.lookup(name)
	if !ok {
		return nil, keys.ErrUnknown
	}
	rec, err := d.read(at)
	if err != nil {
		return nil, err
	}
	if rec[offState] == stateDestroyed {
		return nil, keys.ErrErased
	}
	key, err := unwrap(rec)
	if err != nil {
		return nil, err
	}
	d.keep(name, key)
	return key, nil
}

func (d *day) keep(name recordID, key *dataKey) {
	if len(d.open) >= maxOpen {
		for other := range d.open { // any one: a map's order is random enough
			delete(d.open, other)
			break
		}
	}
	d.open[name] = key
}

func (d *day) close() {
	for _, kf := range d.files {
		_ = kf.f.Close() // everything that was promised has been synced
	}
}
