package disk

import (
	"context"
	"fmt"
	"log/slog"
	"sort"

	"footpath/journal"
	"footpath/wire"
)

// Tail implements journal.Log.
func (l *Log) Tail(ctx context.Context, from journal.Position, fn func(journal.Entry) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.mu.Lock()
		s, at := l.after(from)
		if s == nil {
			grown, closed := l.grown, l.closed
			l.mu.Unlock()
			if closed {
				return journal.ErrClosed
			}
			select {
			case <-grown:
			case <-l.closing:
				return journal.ErrClosed
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		chunk, err := l.fetch(s, at) // unlocks
		from = at
		if err != nil {
			continue // reported by fetch
		}
		if err := fn(journal.Entry{Position: at, Chunk: chunk}); err != nil {
			return err
		}
	}
}

// Each implements journal.Log.
func (l *Log) Each(ctx context.Context, fn func(journal.Entry) error) error {
	end := l.End()
	for from := journal.Position(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return journal.ErrClosed
		}
		s, at := l.after(from)
		if s == nil || at > end {
			l.mu.Unlock()
			return nil
		}
		chunk, err := l.fetch(s, at) // unlocks
		from = at
		if err != nil {
			continue // reported by fetch
		}
		if err := fn(journal.Entry{Position: at, Chunk: chunk}); err != nil {
			return err
		}
	}
}

// Session implements journal.Log.
func (l *Log) Session(ctx context.Context, project wire.ProjectKey, session wire.ID) ([]journal.Entry, error) {
	key := keyOf(project, session)
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, journal.ErrClosed
	}
	var positions []journal.Position
	if o := l.index[key]; o != nil {
		positions = append(positions, o.positions...)
	}
	l.mu.Unlock()
	entries := make([]journal.Entry, 0, len(positions))
	for _, at := range positions {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l.mu.Lock()
		s, found := l.after(at - 1)
		if s == nil || found != at {
			l.mu.Unlock() // forgotten meanwhile
			continue
		}
		chunk, err := l.fetch(s, at) // unlocks
		if err != nil {
			continue // reported by fetch
		}
		entries = append(entries, journal.Entry{Position: at, Chunk: chunk})
	}
	return entries, nil
}

// after finds the first entry behind a position; l.mu is held.
func (l *Log) after(from journal.Position) (*segment, journal.Position) {
	n := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].last() > from })
	for _, s := range l.segments[n:] {
		if s.live == 0 {
			continue
		}
		for at := max(from+1, s.first); at <= s.last(); at++ {
			if s.entries[at-s.first].length > 0 {
				return s, at
			}
		}
	}
	return nil, 0
}

// fetch reads one entry. It is called with l.mu held and returns without it; the
// file stays open until the read is done. A chunk that was whole before and no
// longer is has decayed on disk: it is reported, and taken out of the index.
func (l *Log) fetch(s *segment, at journal.Position) (journal.Chunk, error) {
	e := s.entries[at-s.first]
	s.readers++
	l.mu.Unlock()
	chunk, err := readEntry(s, e, at)
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.readers--; s.readers == 0 && s.dead {
		_ = s.f.Close() // read only by now
	}
	if err != nil && !s.dead {
		l.damage(s, "entry", slog.Uint64("position", uint64(at)), slog.Any("error", err))
		l.drop(s, at)
	}
	return chunk, err
}

func readEntry(s *segment, e entry, at journal.Position) (journal.Chunk, error) {
	b := make([]byte, e.length)
	if _, err := s.f.ReadAt(b, int64(e.off)); err != nil {
		return journal.Chunk{}, fmt.Errorf("read: %w", err)
	}
	f, _, ok := readFrame(b)
	if !ok || f.at != at {
		return journal.Chunk{}, errFrame
	}
	return decodeBody(f.body)
}

// Forget implements journal.Log.
func (l *Log) Forget(_ context.Context, positions []journal.Position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return journal.ErrClosed
	}
	for _, at := range positions {
		n := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].last() >= at })
		if n < len(l.segments) && at >= l.segments[n].first {
			l.drop(l.segments[n], at)
		}
	}
	return l.sweep()
}

// sweep deletes the segments that nobody writes to and nobody needs, but never the
// newest: after a restart positions go on from it. l.mu is held.
func (l *Log) sweep() error {
	kept := make([]*segment, 0, len(l.segments))
	var failed error
	for i, s := range l.segments {
		if s.live > 0 || i == len(l.segments)-1 {
			kept = append(kept, s)
			continue
		}
		if err := l.discard(s); err != nil {
			kept = append(kept, s)
			failed = fmt.Errorf("delete %s: %w", l.path(s.name), err)
		}
	}
	changed := len(kept) != len(l.segments)
	l.segments = kept
	l.gauges()
	if changed && failed == nil {
		failed = l.cfg.FS.SyncDir(l.dir)
	}
	return failed
}

// discard removes a segment's file, or sets it aside when it is damaged.
func (l *Log) discard(s *segment) error {
	var err error
	if s.damaged {
		err = l.cfg.FS.Rename(l.path(s.name), l.path(damagedName(s.name, l.cfg.Now().Add(l.cfg.KeepDamaged))))
	} else {
		err = l.cfg.FS.Remove(l.path(s.name))
	}
	if err == nil {
		l.retire(s)
	}
	return err
}

// retire closes a segment's file, at once or behind its last reader.
func (l *Log) retire(s *segment) {
	s.dead = true
	if s.readers == 0 {
		_ = s.f.Close() // everything that was promised has been synced
	}
}

// gauges publishes sizes; l.mu is held, or nobody else is there yet.
func (l *Log) gauges() {
	l.m.size.Set(float64(l.size()))
	l.m.segments.Set(float64(len(l.segments)))
	l.m.entries.Set(float64(l.live))
}

func (l *Log) size() (n int64) {
	for _, s := range l.segments {
		n += max(s.end, s.allocated)
	}
	return n
}
