package disk

import (
	"fmt"

	"footpath/internal/vfs"
	"footpath/journal"
)

// segment is one file of the log. Guarded by Log.mu, apart from reads of f.
type segment struct {
	header
	name      string
	f         vfs.File
	entries   []entry // by position from first on
	live      int     // entries that can be read and are not forgotten
	end       int64   // where the next frame goes
	allocated int64
	damaged   bool
	headless  bool // the header could not be read
	readers   int  // reads under way; the file is closed after the last
	dead      bool // deleted: close when there are no readers
}

// entry is where a chunk stands, and whose it is. A length of 0 is a position
// without a chunk: damaged, forgotten, or never acknowledged.
type entry struct {
	off, length uint32
	owner       *owner // nil for Tier A
}

// owner is a session in the index.
type owner struct {
	key       sessionKey
	positions []journal.Position
}

func segmentName(first journal.Position) string { return fmt.Sprintf("%016x.seg", uint64(first)) }

// last is the position of the newest entry, first-1 when there is none.
func (s *segment) last() journal.Position {
	return s.first + journal.Position(len(s.entries)) - 1
}

// put notes an entry; positions skipped before it hold nothing.
func (s *segment) put(at journal.Position, e entry) {
	for s.last()+1 < at {
		s.entries = append(s.entries, entry{})
	}
	s.entries = append(s.entries, e)
	s.live++
}

// add enters a chunk into the log's index; l.mu is held, or nobody else is there yet.
func (l *Log) add(s *segment, at journal.Position, off, length int64, key sessionKey, session bool) {
	e := entry{off: uint32(off), length: uint32(length)}
	if session {
		e.owner = l.index[key]
		if e.owner == nil {
			e.owner = &owner{key: key}
			l.index[key] = e.owner
		}
		e.owner.positions = append(e.owner.positions, at)
	}
	s.put(at, e)
	l.live++
}

// drop takes one entry out of the index; l.mu is held.
func (l *Log) drop(s *segment, at journal.Position) {
	e := &s.entries[at-s.first]
	if e.length == 0 {
		return
	}
	if o := e.owner; o != nil {
		for i, p := range o.positions {
			if p == at {
				o.positions = append(o.positions[:i], o.positions[i+1:]...)
				break
			}
		}
		if len(o.positions) == 0 {
			delete(l.index, o.key)
		}
	}
	*e = entry{}
	s.live--
	l.live--
}
