package disk

import (
	"errors"
	"fmt"
	"slices"

	"footpath/privacy/keys"
)

// creation is one key being made; concurrent callers of one name share it.
type creation struct {
	name keys.Name
	key  *dataKey
	err  error
	done chan struct{}
}

// enqueue asks the committer for a key; s.mu is held.
func (s *Store) enqueue(name keys.Name) *creation {
	for _, c := range slices.Concat(s.making, s.queue) {
		if c.name == name {
			return c
		}
	}
	c := &creation{name: name, done: make(chan struct{})}
	s.queue = append(s.queue, c)
	s.wake()
	return c
}

func (s *Store) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// commit makes keys, all that are waiting with one write and one sync per day.
func (s *Store) commit() {
	defer close(s.done)
	for range s.kick {
		s.files.Lock()
		s.mu.Lock()
		batch := s.queue
		s.making, s.queue = batch, nil
		closed := s.closed
		s.mu.Unlock()
		for len(batch) > 0 {
			n := batch[0].name.Day
			var same, rest []*creation
			for _, c := range batch {
				if c.name.Day == n {
					same = append(same, c)
				} else {
					rest = append(rest, c)
				}
			}
			s.create(n, same)
			batch = rest
		}
		s.mu.Lock()
		s.making = nil
		s.mu.Unlock()
		s.files.Unlock()
		if closed {
			return
		}
	}
}

// create makes the keys of one day durable and tells those who wait; s.files is held.
func (s *Store) create(n int32, batch []*creation) {
	err := s.makeDurable(n, batch)
	for _, c := range batch {
		if err != nil {
			c.key, c.err = nil, fmt.Errorf("create a key of day %d: %w", n, err)
		}
		close(c.done)
	}
}

func (s *Store) makeDurable(n int32, batch []*creation) error {
	d, kf, batch, err := s.prepare(n, batch)
	if err != nil || len(batch) == 0 {
		return err
	}
	records := make([]record, len(batch))
	for i, c := range batch {
		key, wrapped, err := s.generate(c.name)
		if err != nil {
			return err
		}
		c.key, records[i] = key, newRecord(stateLive, id(c.name), wrapped)
	}
	// The day stays in memory meanwhile: evict spares those with keys in the making.
	first, err := d.append(kf, records)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range batch {
		d.note(&records[i], place{file: first.file, record: first.record + uint32(i)})
		d.keep(id(c.name), c.key)
	}
	s.created.Add(float64(len(batch)))
	return nil
}

// prepare gives the day and its file, and the creations that are still wanted: one
// that was destroyed while its creation waited stays destroyed.
func (s *Store) prepare(n int32, batch []*creation) (*day, *keyFile, []*creation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.day(n)
	if err != nil {
		return nil, nil, nil, err
	}
	var wanted []*creation
	for _, c := range batch {
		if _, err := s.get(d, c.name); errors.Is(err, keys.ErrErased) {
			c.err = err
		} else {
			wanted = append(wanted, c)
		}
	}
	kf, err := d.writable()
	return d, kf, wanted, err
}

// append writes records behind the day's newest file and syncs it; s.files is held.
// After a failed write or sync the file is only read, and the next append starts
// another.
func (d *day) append(kf *keyFile, records []record) (place, error) {
	body := make([]byte, 0, len(records)*recordLen)
	for i := range records {
		body = append(body, records[i][:]...)
	}
	at := place{file: uint16(len(d.files) - 1), record: kf.count}
	if _, err := kf.f.WriteAt(body, int64(kf.count)*recordLen); err != nil {
		kf.failed = true
		_ = kf.f.Truncate(int64(kf.count) * recordLen) // the file is given up in any case
		return place{}, fmt.Errorf("write %s: %w", kf.name, err)
	}
	if err := kf.f.Sync(); err != nil {
		kf.failed = true
		return place{}, fmt.Errorf("sync %s: %w", kf.name, err)
	}
	kf.count += uint32(len(records))
	return at, nil
}

// writable gives the day's newest file, or a new one where that cannot be written.
func (d *day) writable() (*keyFile, error) {
	if n := len(d.files); n > 0 && !d.files[n-1].failed {
		return d.files[n-1], nil
	}
	name := fmt.Sprintf("%08d.%03d.keys", d.n, len(d.files))
	f, err := d.s.fs.Open(d.s.path(name), true)
	if err != nil {
		return nil, err
	}
	var header record
	copy(header[:], fileMagic)
	if _, err = f.WriteAt(header[:], 0); err == nil {
		if err = f.Sync(); err == nil {
			err = d.s.fs.SyncDir(d.s.dir)
		}
	}
	if err != nil {
		_ = f.Close() // the first error is the one to tell
		_ = d.s.fs.Remove(d.s.path(name))
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	kf := &keyFile{name: name, f: f, count: 1}
	d.files = append(d.files, kf)
	return kf, nil
}

// destroy writes a tombstone, then overwrites every record of the name. An
// unknown name gets its tombstone too: the session may still be on its way.
func (d *day) destroy(name recordID) error {
	tomb := newRecord(stateDestroyed, name, nil)
	at, known := d.lookup(name)
	if known {
		if rec, err := d.read(at); err == nil && rec[offState] == stateDestroyed {
			return d.overwrite(name, tomb)
		}
	}
	kf, err := d.writable()
	if err != nil {
		return err
	}
	first, err := d.append(kf, []record{tomb})
	if err != nil {
		return err
	}
	delete(d.open, name)
	if err := d.overwrite(name, tomb); err != nil {
		return err
	}
	d.note(&tomb, first)
	return nil
}

// overwrite replaces every live record of a name in every file of the day: there
// is more than one where an append failed half-way and was repeated.
func (d *day) overwrite(name recordID, tomb record) error {
	for i, kf := range d.files {
		dirty := false
		for n := uint32(1); n < kf.count; n++ {
			rec, err := d.read(place{file: uint16(i), record: n})
			if err != nil || rec.id() != name || rec[offState] == stateDestroyed {
				continue
			}
			if _, err := kf.f.WriteAt(tomb[:], int64(n)*recordLen); err != nil {
				return fmt.Errorf("overwrite in %s: %w", kf.name, err)
			}
			dirty = true
		}
		if !dirty {
			continue
		}
		if err := kf.f.Sync(); err != nil {
			kf.failed = true
			return fmt.Errorf("sync %s: %w", kf.name, err)
		}
	}
	return nil
}
