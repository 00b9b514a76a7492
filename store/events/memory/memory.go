// Package memory is the reference engine of store/events: plain slices and the
// plainest possible reading of the algebra, against which the other engines are
// compared. It keeps nothing on disk and is not meant for real sites.
package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"footpath/journal"
	"footpath/store/events"
	"footpath/wire"
)

// Store holds the three tables. Safe for concurrent use.
type Store struct {
	mu       sync.RWMutex
	offset   journal.Position
	events   []events.Event
	sessions []events.Session
	counts   []events.Count
}

// New makes an empty store.
func New() *Store { return &Store{} }

// Write follows events.Writer.
func (s *Store) Write(_ context.Context, b events.Batch) error {
	if _, err := b.Starts(); err != nil {
		return fmt.Errorf("write batch %d: %w", b.Offset, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.Offset < s.offset {
		return nil
	}
	replaced := map[events.SessionID]bool{}
	for _, k := range b.Replace {
		replaced[events.SessionID{Project: k.Project, Session: k.Session}] = true
	}
	s.remove(replaced, true)
	news := map[events.SessionID]bool{}
	for i := range b.Sessions {
		news[events.SessionID{Project: b.Sessions[i].Project, Session: b.Sessions[i].Session}] = true
	}
	s.remove(news, false)
	s.sessions = append(s.sessions, b.Sessions...)
	fresh := b.Offset > s.offset
	for _, e := range b.Events {
		if fresh || replaced[events.SessionID{Project: e.Project, Session: e.Session}] {
			s.events = append(s.events, e)
		}
	}
	if fresh {
		s.add(b.Counts)
	}
	s.offset = b.Offset
	return nil
}

// remove drops the session rows of these sessions, and their events too when all.
func (s *Store) remove(ids map[events.SessionID]bool, all bool) {
	if len(ids) == 0 {
		return
	}
	s.sessions = slices.DeleteFunc(s.sessions, func(r events.Session) bool {
		return ids[events.SessionID{Project: r.Project, Session: r.Session}]
	})
	if all {
		s.events = slices.DeleteFunc(s.events, func(e events.Event) bool {
			return ids[events.SessionID{Project: e.Project, Session: e.Session}]
		})
	}
}

// add adds counts up per combination of classes and hour.
func (s *Store) add(counts []events.Count) {
	for _, c := range counts {
		views := c.Views
		c.Views = 0
		i := slices.IndexFunc(s.counts, func(have events.Count) bool {
			have.Views = 0
			return have == c
		})
		if i < 0 {
			c.Views = views
			s.counts = append(s.counts, c)
			continue
		}
		s.counts[i].Views += views
	}
}

// Offset follows events.Writer.
func (s *Store) Offset(context.Context) (journal.Position, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.offset, nil
}

// Sealed follows events.Writer.
func (s *Store) Sealed(_ context.Context, keys []events.SessionKey) (map[events.SessionKey]journal.Position, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[events.SessionKey]journal.Position{}
	for _, r := range s.sessions {
		for _, k := range keys {
			if r.Sealed && r.Project == k.Project && r.Session == k.Session {
				out[k] = r.Last
			}
		}
	}
	return out, nil
}

// Erase follows events.Writer.
func (s *Store) Erase(_ context.Context, keys []events.SessionKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[events.SessionID]bool{}
	for _, k := range keys {
		ids[events.SessionID{Project: k.Project, Session: k.Session}] = true
	}
	s.remove(ids, true)
	return nil
}

// Expire follows events.Writer.
func (s *Store) Expire(_ context.Context, project wire.ProjectKey, before int64) (events.Removed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := map[wire.ID]bool{}
	for i := range s.sessions {
		if r := &s.sessions[i]; r.Project == project && r.Start < before {
			old[r.Session] = true
		}
	}
	was := events.Removed{Events: int64(len(s.events)), Sessions: int64(len(s.sessions)), Counts: int64(len(s.counts))}
	s.events = slices.DeleteFunc(s.events, func(e events.Event) bool {
		return e.Project == project && (old[e.Session] || e.Time < before-events.MaxSession)
	})
	s.sessions = slices.DeleteFunc(s.sessions, func(r events.Session) bool { return r.Project == project && old[r.Session] })
	s.counts = slices.DeleteFunc(s.counts, func(c events.Count) bool { return c.Project == project && c.Hour < before })
	return events.Removed{
		Events: was.Events - int64(len(s.events)), Sessions: was.Sessions - int64(len(s.sessions)), Counts: was.Counts - int64(len(s.counts)),
	}, nil
}

// Scrub follows events.Writer; there are no files.
func (s *Store) Scrub(context.Context) error { return nil }

// Close follows events.Store.
func (s *Store) Close() error { return nil }

// Query follows events.Reader.
func (s *Store) Query(ctx context.Context, q events.Query) (events.Rows, error) {
	if err := errors.Join(q.Check(), ctx.Err()); err != nil {
		return events.Rows{}, err
	}
	rows := s.match(q)
	var out [][]any
	if len(q.Select) > 0 {
		for _, r := range rows {
			line := make([]any, len(q.Select))
			for i, name := range q.Select {
				line[i] = r.get(name)
			}
			out = append(out, line)
		}
	} else {
		out = aggregate(q, rows)
	}
	order := q.FullOrder()
	slices.SortStableFunc(out, func(a, b []any) int { return compareRows(order, a, b) })
	out = out[min(q.Offset, len(out)):]
	if q.Limit > 0 {
		out = out[:min(q.Limit, len(out))]
	}
	return events.Rows{Columns: q.Names(), Values: out}, nil
}

// Scan follows events.Reader.
func (s *Store) Scan(ctx context.Context, q events.Query, fn func([]any) error) error {
	rows, err := s.Query(ctx, q)
	if err != nil {
		return err
	}
	for _, r := range rows.Values {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// row is a row with the places of its columns.
type row struct {
	values []any
	at     map[string]int
}

func (r row) get(column string) any { return r.values[r.at[column]] }

// match gives the rows of the table that fit project, time and filters.
func (s *Store) match(q events.Query) []row {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at := map[string]int{}
	for i, c := range events.Columns(q.Table) {
		at[c.Name] = i
	}
	var out []row
	take := func(project string, t int64, values func() []any) {
		if project != string(q.Project) || t < q.From || t >= q.To {
			return
		}
		if r := (row{values(), at}); holds(q.Where, r) {
			out = append(out, r)
		}
	}
	switch q.Table {
	case events.Events:
		for i := range s.events {
			take(string(s.events[i].Project), s.events[i].Time, s.events[i].Row)
		}
	case events.Sessions:
		for i := range s.sessions {
			take(string(s.sessions[i].Project), s.sessions[i].Start, s.sessions[i].Row)
		}
	case events.Counts:
		for i := range s.counts {
			take(string(s.counts[i].Project), s.counts[i].Hour, s.counts[i].Row)
		}
	}
	return out
}
