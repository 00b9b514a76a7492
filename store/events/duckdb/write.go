package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"

	"footpath/journal"
	"footpath/store/events"
	"footpath/wire"
)

// nearEdge: a session whose Start is this close to a month's edge (milliseconds)
// is also looked for on the other side, in case an earlier chunk that came late
// has moved its Start across: offline chunks live for 60 minutes (ruling 8).
const nearEdge = 2 * 3_600_000

// part is what a batch does to one month.
type part struct {
	replaced map[events.SessionID]bool // all rows go
	sessions map[events.SessionID]bool // the session's row goes
	rows     []events.Session
	events   []events.Event
	counts   []events.Count
}

// Write follows events.Writer.
func (s *Store) Write(ctx context.Context, b events.Batch) (err error) {
	s.write.Lock()
	defer s.write.Unlock()
	began := time.Now()
	defer func() { s.m.wrote(began, err) }()
	if s.writer == nil {
		return fmt.Errorf("write batch %d: %w", b.Offset, errClosed)
	}
	if err := s.redo(ctx); err != nil {
		return fmt.Errorf("write batch %d: %w", b.Offset, err)
	}
	if err := s.apply(ctx, b, false); err != nil {
		return fmt.Errorf("write batch %d: %w", b.Offset, err)
	}
	return nil
}

var errClosed = errors.New("store is closed")

// apply brings a batch into its months; the caller holds write.
func (s *Store) apply(ctx context.Context, b events.Batch, again bool) error {
	starts, err := b.Starts()
	if err != nil {
		return err
	}
	if b.Offset < s.offset {
		return nil
	}
	parts := s.split(&b, starts)
	several := len(parts) > 1
	if several && !again {
		if err := s.writeRedo(b); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if err := s.commit(ctx, s.create(name), parts[name], b.Offset); err != nil {
			return fmt.Errorf("month %s: %w", name, err)
		}
	}
	if len(parts) == 0 && b.Offset > s.offset {
		if err := s.writeOffset(b.Offset); err != nil {
			return err
		}
	}
	s.offset = b.Offset
	if several {
		return s.removeRedo()
	}
	return nil
}

// split sorts a batch by month.
func (s *Store) split(b *events.Batch, starts map[events.SessionID]int64) map[string]*part {
	parts := map[string]*part{}
	at := func(ms int64) *part { return partOf(parts, monthOf(ms)) }
	for _, k := range b.Replace {
		id := events.SessionID{Project: k.Project, Session: k.Session}
		at(k.Start).replaced[id] = true
		at(starts[id]).replaced[id] = true
		for _, m := range s.existing(neighbours(k.Start)) {
			partOf(parts, m.name).replaced[id] = true
		}
	}
	for _, r := range b.Sessions {
		id := events.SessionID{Project: r.Project, Session: r.Session}
		at(r.Start).sessions[id] = true
		at(r.Start).rows = append(at(r.Start).rows, r)
		for _, m := range s.existing(neighbours(r.Start)) {
			partOf(parts, m.name).sessions[id] = true
		}
	}
	for _, e := range b.Events {
		p := at(starts[events.SessionID{Project: e.Project, Session: e.Session}])
		p.events = append(p.events, e)
	}
	for _, c := range b.Counts {
		at(c.Hour).counts = append(at(c.Hour).counts, c)
	}
	return parts
}

func partOf(parts map[string]*part, name string) *part {
	if parts[name] == nil {
		parts[name] = &part{replaced: map[events.SessionID]bool{}, sessions: map[events.SessionID]bool{}}
	}
	return parts[name]
}

// neighbours names the other month when ms is near a month's edge.
func neighbours(ms int64) []string {
	own := monthOf(ms)
	var out []string
	for _, t := range []int64{max(ms-nearEdge, 0), ms + nearEdge} {
		if name := monthOf(t); name != own {
			out = append(out, name)
		}
	}
	return out
}

// commit applies one month's part in one transaction, with the offset. After an
// error the file is closed and opened anew: when a checkpoint fails (no space),
// DuckDB refuses a file until then, and its log has what was committed.
func (s *Store) commit(ctx context.Context, m *month, p *part, offset journal.Position) error {
	err := s.tryCommit(ctx, m, p, offset)
	if err != nil {
		s.letGo(m)
	}
	return err
}

func (s *Store) tryCommit(ctx context.Context, m *month, p *part, offset journal.Position) error {
	return s.useForWrite(ctx, m, func() error {
		tx, err := s.writer.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // no effect after Commit
		reached, err := stateValue(ctx, tx, m, "offset")
		if err != nil {
			return err
		}
		fresh := offset > journal.Position(reached)
		if err := s.change(ctx, tx, m, p, fresh); err != nil {
			return err
		}
		if err := setState(ctx, tx, m, "offset", int64(offset)); err != nil {
			return err
		}
		return s.commitDurably(tx, m)
	})
}

// commitDurably commits. DuckDB syncs a month's log but not the directory in
// which it may just have made it.
func (s *Store) commitDurably(tx *sql.Tx, m *month) error {
	_, missing := os.Stat(m.path + ".wal")
	if err := tx.Commit(); err != nil {
		return err
	}
	if missing != nil {
		return syncDir(s.dir)
	}
	return nil
}

// change deletes and adds rows. What cannot be repeated (counts, and events of
// sessions that are not replaced) is added only by a fresh offset.
func (s *Store) change(ctx context.Context, tx *sql.Tx, m *month, p *part, fresh bool) error {
	if err := remove(ctx, tx, m, events.Events, p.replaced); err != nil {
		return err
	}
	gone := maps.Clone(p.replaced)
	maps.Copy(gone, p.sessions)
	if err := remove(ctx, tx, m, events.Sessions, gone); err != nil {
		return err
	}
	if !fresh {
		p.events = slices.DeleteFunc(slices.Clone(p.events), func(e events.Event) bool {
			return !p.replaced[events.SessionID{Project: e.Project, Session: e.Session}]
		})
	}
	// Near the order of questions already, project first, so that zone maps help
	// before the month is rewritten.
	slices.SortStableFunc(p.events, func(a, b events.Event) int {
		return cmp.Or(cmp.Compare(a.Project, b.Project), cmp.Compare(a.Time, b.Time))
	})
	if err := insert(s.writer, m, events.Events, p.events, (*events.Event).Row); err != nil {
		return err
	}
	if err := insert(s.writer, m, events.Sessions, p.rows, (*events.Session).Row); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	return addCounts(ctx, tx, m, p.counts)
}

// remove deletes the rows of these sessions from one table.
func remove(ctx context.Context, tx *sql.Tx, m *month, t events.Table, ids map[events.SessionID]bool) error {
	byProject := map[wire.ProjectKey][]string{}
	for id := range ids {
		byProject[id.Project] = append(byProject[id.Project], string(id.Session))
	}
	for project, sessions := range byProject {
		text := fmt.Sprintf(`DELETE FROM %s.%s WHERE "project" = ? AND "session" IN (SELECT unnest(CAST(? AS VARCHAR[])))`, m.catalog, t)
		if _, err := tx.ExecContext(ctx, text, string(project), sessions); err != nil {
			return fmt.Errorf("remove from %s: %w", t, err)
		}
	}
	return nil
}

// insert appends rows within the connection's transaction.
func insert[R any](conn *sql.Conn, m *month, t events.Table, rows []R, values func(*R) []any) error {
	if len(rows) == 0 {
		return nil
	}
	return conn.Raw(func(driverConn any) error {
		a, err := duck.NewAppender(driverConn.(driver.Conn), m.catalog, "main", string(t))
		if err != nil {
			return fmt.Errorf("append to %s: %w", t, err)
		}
		line := make([]driver.Value, len(events.Columns(t)))
		for i := range rows {
			for j, v := range values(&rows[i]) {
				line[j] = v
			}
			if err := a.AppendRow(line...); err != nil {
				return errors.Join(fmt.Errorf("append to %s: %w", t, err), a.Close())
			}
		}
		if err := a.Close(); err != nil {
			return fmt.Errorf("append to %s: %w", t, err)
		}
		return nil
	})
}
