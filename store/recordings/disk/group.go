package disk

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"footpath/store/recordings"
)

// group is the files of one day and class, with their index in memory.
type group struct {
	store    *Store
	day      int32
	class    string
	sessions map[sessionKey][]place

	// What is open for writing; nil until the first put, and after a failed write
	// or sync: such a file is never written again (fault 36).
	index  *os.File
	object *os.File
	number uint32 // of the newest object
	size   int64  // of the newest object
}

func groupName(day int32, class string) string { return fmt.Sprintf("%d.%s", day, class) }

func (g *group) name() string { return groupName(g.day, g.class) }

func (g *group) objectName(number uint32) string {
	return fmt.Sprintf("%s.%04d.pack", g.name(), number)
}

func (g *group) path(name string) string { return filepath.Join(g.store.dir, name) }

func (g *group) indexPath() string { return g.path(g.name() + ".idx") }

// classes lists the retention classes that have an index for a day.
func (s *Store) classes(day int32) ([]string, error) {
	if s.closed {
		return nil, errClosed
	}
	prefix := strconv.Itoa(int(day)) + "."
	names, err := filepath.Glob(filepath.Join(s.dir, prefix+"*.idx"))
	if err != nil {
		return nil, fmt.Errorf("recordings: list day %d: %w", day, err)
	}
	var classes []string
	for _, name := range names {
		class := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), prefix), ".idx")
		if classPattern.MatchString(class) {
			classes = append(classes, class)
		}
	}
	return classes, nil
}

// group gives a day's group, read from disk when it is not in memory; nil when
// there is none and create is false.
func (s *Store) group(day int32, class string, create bool) (*group, error) {
	if s.closed {
		return nil, errClosed
	}
	name := groupName(day, class)
	if g := s.groups[name]; g != nil {
		s.recent = append(slices.DeleteFunc(s.recent, func(n string) bool { return n == name }), name)
		return g, nil
	}
	g := &group{store: s, day: day, class: class, sessions: map[sessionKey][]place{}}
	found, err := g.load()
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	if !found && !create {
		return nil, nil
	}
	if len(s.recent) >= s.cfg.Groups {
		oldest := s.recent[0]
		// A close error loses nothing: every write was synced when it was made.
		_ = s.groups[oldest].close()
		s.forget(oldest)
	}
	s.groups[name], s.recent = g, append(s.recent, name)
	return g, nil
}

func (s *Store) forget(name string) {
	delete(s.groups, name)
	s.recent = slices.DeleteFunc(s.recent, func(n string) bool { return n == name })
}

// load reads the index and cuts off a torn tail.
func (g *group) load() (found bool, err error) {
	data, err := os.ReadFile(g.indexPath())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read index: %w", err)
	}
	if len(data) < headLen {
		// Made, and the machine stopped before its head was synced: nothing was in it.
		g.store.log.Warn("recordings: index without a head begun again", "index", g.name())
		return true, os.Remove(g.indexPath())
	}
	if err := checkHead(data, indexMagic, g.indexPath()); err != nil {
		return false, err
	}
	good, damaged := readIndex(data, func(op byte, key sessionKey, places []place) {
		if op == opErase {
			delete(g.sessions, key)
			return
		}
		g.sessions[key] = places
	})
	if damaged > 0 {
		g.store.log.Error("recordings: damaged index entries left out", "index", g.name(), "entries", damaged)
	}
	if good < int64(len(data)) {
		g.store.log.Warn("recordings: torn tail of index cut off", "index", g.name(), "bytes", int64(len(data))-good)
		if err := os.Truncate(g.indexPath(), good); err != nil {
			return false, fmt.Errorf("cut torn tail: %w", err)
		}
	}
	return true, nil
}

// put appends the segments to the newest object, syncs it, and then names them in
// the index.
func (g *group) put(key sessionKey, segments []recordings.Segment) error {
	places := make([]place, 0, len(segments))
	for _, seg := range segments {
		p, err := g.append(seg)
		if err != nil {
			g.abandon()
			return err
		}
		places = append(places, p)
	}
	if err := g.object.Sync(); err != nil {
		g.abandon()
		return fmt.Errorf("sync object: %w", err)
	}
	if err := g.record(putRecord(key, places)); err != nil {
		return err
	}
	g.sessions[key] = places
	return nil
}

func (g *group) erase(key sessionKey) error {
	if _, ok := g.sessions[key]; !ok {
		return nil
	}
	if err := g.record(eraseRecord(key)); err != nil {
		return err
	}
	delete(g.sessions, key)
	return nil
}

// append writes one segment's bytes; a new object is begun when the newest is full.
func (g *group) append(seg recordings.Segment) (place, error) {
	if g.object != nil && g.size >= g.store.cfg.ObjectBytes {
		// Earlier segments of this put stand in it, so it is synced before it is left.
		if err := g.object.Sync(); err != nil {
			return place{}, fmt.Errorf("sync object: %w", err)
		}
		if err := g.object.Close(); err != nil {
			return place{}, fmt.Errorf("close object: %w", err)
		}
		g.object = nil
	}
	if g.object == nil {
		if err := g.begin(); err != nil {
			return place{}, err
		}
	}
	p := place{
		index: seg.Index, object: g.number, offset: g.size, length: int64(len(seg.Data)),
		checksum: crc32.Checksum(seg.Data, castagnoli), first: seg.First, last: seg.Last,
	}
	n, err := g.object.Write(seg.Data)
	g.size += int64(n)
	if err != nil {
		return place{}, fmt.Errorf("write object: %w", err)
	}
	return p, nil
}

// begin opens the object to append to: the newest one when this process finds it
// below its size, else the next. An object with bytes that no index names (a put
// that crashed) is continued behind them.
func (g *group) begin() error {
	number, size := g.newest()
	if g.number > number {
		number = g.number
	}
	if number == 0 || number == g.number || size >= g.store.cfg.ObjectBytes || size < headLen {
		number++
	}
	f, err := os.OpenFile(g.path(g.objectName(number)), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open object: %w", err)
	}
	if err := startFile(f, objectMagic, &size); err != nil {
		f.Close()
		return err
	}
	g.object, g.number, g.size = f, number, size
	return syncDir(g.store.dir)
}

// newest finds the highest object on disk and its size; 0 when there is none.
func (g *group) newest() (number uint32, size int64) {
	names, _ := filepath.Glob(g.path(g.name() + ".*.pack"))
	for _, name := range names {
		middle := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), g.name()+"."), ".pack")
		n, err := strconv.ParseUint(middle, 10, 32)
		if err != nil || uint32(n) < number {
			continue
		}
		if st, err := os.Stat(name); err == nil {
			number, size = uint32(n), st.Size()
		}
	}
	return number, size
}

// record appends to the index and syncs it.
func (g *group) record(payload []byte) error {
	if g.index == nil {
		f, err := os.OpenFile(g.indexPath(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("open index: %w", err)
		}
		var size int64
		if err := startFile(f, indexMagic, &size); err != nil {
			f.Close()
			return err
		}
		g.index = f
		if err := syncDir(g.store.dir); err != nil {
			return err
		}
	}
	_, err := g.index.Write(frame(payload))
	if err == nil {
		err = g.index.Sync()
	}
	if err != nil {
		g.abandon()
		// The group is read again from disk, which cuts off what was half written.
		g.store.forget(g.name())
		return fmt.Errorf("write index: %w", err)
	}
	return nil
}

// startFile writes the head of an empty file and gives the size.
func startFile(f *os.File, magic string, size *int64) error {
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stat %s: %w", filepath.Base(f.Name()), err)
	}
	*size = st.Size()
	if *size > 0 {
		return nil
	}
	if _, err := f.Write(fileHead(magic)); err != nil {
		return fmt.Errorf("write head of %s: %w", filepath.Base(f.Name()), err)
	}
	*size = headLen
	return nil
}

// abandon gives up the open files after an error; the next put begins a new
// object and opens the index anew.
func (g *group) abandon() { _ = g.close() }

func (g *group) close() error {
	var errs []error
	if g.object != nil {
		errs = append(errs, g.object.Close())
	}
	if g.index != nil {
		errs = append(errs, g.index.Close())
	}
	g.object, g.index = nil, nil
	return errors.Join(errs...)
}

// syncDir makes new and removed names durable (fault 42).
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("recordings: open directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("recordings: sync directory: %w", err)
	}
	return nil
}
