package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"footpath/journal"
	"footpath/store/events"
)

// Sealed follows events.Writer.
func (s *Store) Sealed(ctx context.Context, keys []events.SessionKey) (map[events.SessionKey]journal.Position, error) {
	out := map[events.SessionKey]journal.Position{}
	for name, part := range byMonth(keys) {
		for _, m := range s.existing([]string{name}) {
			err := s.useForWrite(ctx, m, func() error { return s.sealedIn(ctx, m, part, out) })
			if err != nil {
				return nil, fmt.Errorf("sealed sessions of %s: %w", name, err)
			}
		}
	}
	return out, nil
}

func (s *Store) sealedIn(ctx context.Context, m *month, keys []events.SessionKey, out map[events.SessionKey]journal.Position) error {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = string(k.Session)
	}
	rows, err := s.db.QueryContext(ctx, "SELECT project, session, last FROM "+m.catalog+
		".sessions WHERE sealed = 1 AND session IN (SELECT unnest(CAST(? AS VARCHAR[])))", names)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var project, session string
		var last int64
		if err := rows.Scan(&project, &session, &last); err != nil {
			return err
		}
		for _, k := range keys {
			if string(k.Project) == project && string(k.Session) == session {
				out[k] = journal.Position(last)
			}
		}
	}
	return rows.Err()
}

func byMonth(keys []events.SessionKey) map[string][]events.SessionKey {
	out := map[string][]events.SessionKey{}
	for _, k := range keys {
		out[monthOf(k.Start)] = append(out[monthOf(k.Start)], k)
	}
	return out
}

// Erase follows events.Writer.
func (s *Store) Erase(ctx context.Context, keys []events.SessionKey) error {
	s.write.Lock()
	defer s.write.Unlock()
	if s.writer == nil {
		return fmt.Errorf("erase: %w", errClosed)
	}
	if err := s.redo(whole(ctx)); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	ids := map[string]map[events.SessionID]bool{}
	for _, k := range keys {
		for _, name := range append(neighbours(k.Start), monthOf(k.Start)) {
			if ids[name] == nil {
				ids[name] = map[events.SessionID]bool{}
			}
			ids[name][events.SessionID{Project: k.Project, Session: k.Session}] = true
		}
	}
	for _, m := range s.existing(slices.Collect(maps.Keys(ids))) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		if err := s.eraseIn(whole(ctx), m, ids[m.name]); err != nil {
			return fmt.Errorf("erase %d sessions in %s: %w", len(ids[m.name]), m.name, err)
		}
	}
	return nil
}

// eraseIn removes rows and notes durably that the file must be rewritten.
func (s *Store) eraseIn(ctx context.Context, m *month, ids map[events.SessionID]bool) error {
	return s.useForWrite(ctx, m, func() error {
		tx, err := s.writer.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // no effect after Commit
		for _, t := range []events.Table{events.Events, events.Sessions} {
			if err := remove(ctx, tx, m, t, ids); err != nil {
				return err
			}
		}
		if err := setState(ctx, tx, m, "scrub", 1); err != nil {
			return err
		}
		if err := s.commitDurably(tx, m); err != nil {
			return err
		}
		m.scrub = true
		return nil
	})
}

// Scrub follows events.Writer. Questions go on while a month is copied, and wait
// only while the copy takes its place.
func (s *Store) Scrub(ctx context.Context) error {
	s.write.Lock()
	defer s.write.Unlock()
	if s.writer == nil {
		return fmt.Errorf("scrub: %w", errClosed)
	}
	s.mu.Lock()
	var dirty []*month
	for _, m := range s.months {
		if m.scrub {
			dirty = append(dirty, m)
		}
	}
	s.mu.Unlock()
	for _, m := range dirty {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
		s.trim(0) // a rewrite needs the memory that open months take
		if err := s.rewrite(whole(ctx), m); err != nil {
			return fmt.Errorf("scrub %s: %w", m.name, err)
		}
		m.scrub = false
		s.m.scrubbed.Inc()
	}
	return nil
}

// rewrite copies a month's rows, in the order of questions, into a new file that
// takes the old one's place.
func (s *Store) rewrite(ctx context.Context, m *month) error {
	path := m.path + rewriteSuffix
	if err := s.useForWrite(ctx, m, func() error { return s.copyMonth(ctx, m, path) }); err != nil {
		return errors.Join(err, removeIfThere(path), removeIfThere(path+".wal"))
	}
	if err := syncFile(path); err != nil {
		return err
	}
	m.gate.Lock()
	defer m.gate.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.detach(ctx, m); err != nil {
		return err
	}
	// The old file's log must not be replayed onto the new file.
	if _, err := os.Stat(m.path + ".wal"); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("log of the old file is still there (%w)", errors.Join(err, removeIfThere(path)))
	}
	if err := os.Rename(path, m.path); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// whole is for what happens to one month: cancelled half-way, the driver gives the
// writer's connection up, and a file that was being copied stays attached. So ctx
// is looked at between months.
func whole(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// sortOf is the order in which a table's rows are rewritten: project first.
func sortOf(t events.Table) string {
	return `"project", ` + identifier(events.TimeColumn(t))
}

func (s *Store) copyMonth(ctx context.Context, m *month, path string) (err error) {
	catalog := m.catalog + "_rewrite"
	if err := removeIfThere(path); err != nil {
		return err
	}
	if err := attachFile(ctx, s.writer, path, catalog); err != nil {
		return err
	}
	defer func() {
		// Letting the file go also checkpoints it and removes its log.
		if _, e := s.writer.ExecContext(context.WithoutCancel(ctx), "DETACH "+catalog); err == nil {
			err = e
		}
	}()
	if err := migrate(ctx, s.writer, catalog); err != nil {
		return err
	}
	steps := []string{}
	for _, t := range []events.Table{events.Events, events.Sessions, events.Counts} {
		steps = append(steps, fmt.Sprintf("INSERT INTO %s.%s SELECT * FROM %s.%s ORDER BY %s", catalog, t, m.catalog, t, sortOf(t)))
	}
	steps = append(steps, fmt.Sprintf("UPDATE %s.state SET value = (SELECT value FROM %s.state WHERE name = 'offset') WHERE name = 'offset'", catalog, m.catalog))
	for _, text := range steps {
		if _, err := s.writer.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
