package duckdb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"footpath/store/events"
	"footpath/wire"
)

// Expire follows events.Writer. A month without anything to remove is not touched.
func (s *Store) Expire(ctx context.Context, project wire.ProjectKey, before int64) (events.Removed, error) {
	s.write.Lock()
	defer s.write.Unlock()
	var total events.Removed
	if s.writer == nil {
		return total, fmt.Errorf("expire: %w", errClosed)
	}
	if err := s.redo(whole(ctx)); err != nil {
		return total, fmt.Errorf("expire: %w", err)
	}
	last := monthOf(min(before, events.MaxTime))
	s.mu.Lock()
	names := slices.Sorted(maps.Keys(s.months))
	s.mu.Unlock()
	for _, m := range s.existing(names) {
		if m.name > last {
			continue
		}
		if err := ctx.Err(); err != nil {
			return total, fmt.Errorf("expire: %w", err)
		}
		removed, err := s.expireIn(whole(ctx), m, project, before)
		total.Add(removed)
		if err != nil {
			return total, fmt.Errorf("expire rows before %s in %s: %w", time.UnixMilli(before).UTC().Format(time.DateTime), m.name, err)
		}
		s.trim(idleFor)
	}
	return total, nil
}

// expiring are the conditions of the rows that go, their parameters being project
// and instant. Events go with their session; an event far before the instant goes
// in any case.
var expiring = map[events.Table]string{
	events.Events: `"project" = $1 AND ("time" < $2 - %[2]d OR "session" IN ` +
		`(SELECT "session" FROM %[1]s.sessions WHERE "project" = $1 AND "start" < $2))`,
	events.Sessions: `"project" = $1 AND "start" < $2`,
	events.Counts:   `"project" = $1 AND "hour" < $2`,
}

// expireIn counts and removes the rows of one month durably, and notes that the
// file must be rewritten.
func (s *Store) expireIn(ctx context.Context, m *month, project wire.ProjectKey, before int64) (removed events.Removed, err error) {
	err = s.useForWrite(ctx, m, func() error {
		tx, err := s.writer.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // no effect after Commit
		// The order matters: events are found through their sessions' rows.
		for _, step := range []struct {
			table events.Table
			n     *int64
		}{{events.Events, &removed.Events}, {events.Sessions, &removed.Sessions}, {events.Counts, &removed.Counts}} {
			from := fmt.Sprintf(" FROM %s.%s WHERE ", m.catalog, step.table) + condition(step.table, m)
			if err := tx.QueryRowContext(ctx, "SELECT count(*)"+from, string(project), before).Scan(step.n); err != nil {
				return err
			}
			if *step.n == 0 {
				continue
			}
			if _, err := tx.ExecContext(ctx, "DELETE"+from, string(project), before); err != nil {
				return err
			}
		}
		if removed == (events.Removed{}) {
			return nil
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
	if err != nil {
		s.letGo(m)
		return events.Removed{}, err
	}
	return removed, nil
}

func condition(t events.Table, m *month) string {
	if t == events.Events {
		return fmt.Sprintf(expiring[t], m.catalog, int64(events.MaxSession))
	}
	return expiring[t]
}
