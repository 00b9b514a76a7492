package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"footpath/store/events"
)

// Query follows events.Reader.
func (s *Store) Query(ctx context.Context, q events.Query) (events.Rows, error) {
	out := events.Rows{Columns: q.Names()}
	err := s.Scan(ctx, q, func(row []any) error {
		out.Values = append(out.Values, append([]any(nil), row...))
		return nil
	})
	if err != nil {
		return events.Rows{}, err
	}
	return out, nil
}

// Scan follows events.Reader.
func (s *Store) Scan(ctx context.Context, q events.Query, fn func(row []any) error) error {
	began := time.Now()
	err := s.scan(ctx, q, fn)
	s.m.asked(q.Table, began, err)
	return err
}

func (s *Store) scan(ctx context.Context, q events.Query, fn func(row []any) error) error {
	if err := q.Check(); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Limit)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-limited.Done():
		return slow(ctx, limited.Err())
	}
	months := s.existing(monthsOf(q))
	release, err := s.hold(limited, months)
	if err != nil {
		return fmt.Errorf("ask %s: %w", q.Table, slow(ctx, err))
	}
	defer release()
	catalogs := []string{memoryCatalog}
	if len(months) > 0 {
		catalogs = catalogs[:0]
	}
	for _, m := range months {
		catalogs = append(catalogs, m.catalog)
	}
	text, args := emit(q, catalogs)
	rows, err := s.db.QueryContext(limited, text, args...)
	if err != nil {
		return fmt.Errorf("ask %s: %w", q.Table, slow(ctx, err))
	}
	defer rows.Close()
	if err := each(rows, q.Width(), fn); err != nil {
		return fmt.Errorf("ask %s: %w", q.Table, slow(ctx, err))
	}
	return nil
}

// slow turns the engine's own time limit into ErrSlow; a caller's context keeps
// its error.
func slow(caller context.Context, err error) error {
	if caller.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return events.ErrSlow
	}
	return err
}

// reason names an error for the metrics.
func reason(err error) string {
	switch {
	case errors.Is(err, events.ErrQuery):
		return "wrong"
	case errors.Is(err, events.ErrSlow):
		return "slow"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	default:
		return "other"
	}
}

// monthsOf names the months whose files can hold rows for q. Events stand in the
// month in which their session started.
func monthsOf(q events.Query) []string {
	from, to := max(q.From, 0), min(q.To, events.MaxTime)
	if q.Table == events.Events {
		from = max(from-events.MaxSession, 0)
	}
	return monthsBetween(from, to)
}

// each calls fn with every row, in Go's types.
func each(rows *sql.Rows, width int, fn func([]any) error) error {
	row := make([]any, width)
	into := make([]any, width)
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range row {
			if l, ok := v.([]any); ok {
				row[i] = texts(l)
			}
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func texts(l []any) []string {
	out := make([]string, len(l))
	for i, v := range l {
		out[i], _ = v.(string) // the column is a list of texts
	}
	return out
}
