package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"footpath/store/meta"
)

// Append follows meta.Store. The chain's end is read and extended in one
// transaction that holds the write lock.
func (s *Store) Append(ctx context.Context, a meta.Audit) error {
	return kind("append to audit", inTx(ctx, s.db, func(tx *sql.Tx) error {
		var last int64
		var previous string
		err := tx.QueryRowContext(ctx, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").Scan(&last, &previous)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		a.ID = last + 1
		a.Hash = a.Chain(previous)
		_, err = tx.ExecContext(ctx, "INSERT INTO audit (id, time, user_name, action, project, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			a.ID, millis(a.Time), a.User, a.Action, a.Project, a.Subject, a.Detail, a.Hash)
		return err
	}))
}

const selectAudit = "SELECT id, time, user_name, action, project, subject, detail, hash FROM audit "

// AuditLog follows meta.Store, newest first; before 0 starts at the newest.
func (s *Store) AuditLog(ctx context.Context, before int64, limit int) ([]meta.Audit, error) {
	rows, err := s.db.QueryContext(ctx, selectAudit+"WHERE ? <= 0 OR id < ? ORDER BY id DESC LIMIT ?", before, before, limit)
	if err != nil {
		return nil, kind("read audit", err)
	}
	defer rows.Close()
	var out []meta.Audit
	for rows.Next() {
		a, err := scanAudit(rows)
		if err != nil {
			return nil, kind("read audit", err)
		}
		out = append(out, a)
	}
	return out, kind("read audit", rows.Err())
}

func scanAudit(rows *sql.Rows) (meta.Audit, error) {
	var a meta.Audit
	var ms int64
	err := rows.Scan(&a.ID, &ms, &a.User, &a.Action, &a.Project, &a.Subject, &a.Detail, &a.Hash)
	a.Time = instant(ms)
	return a, err
}

// VerifyAudit follows meta.Store. An end that was cut off whole leaves a chain
// that fits: compare the newest hash with one kept elsewhere to notice.
func (s *Store) VerifyAudit(ctx context.Context) error {
	rows, err := s.db.QueryContext(ctx, selectAudit+"ORDER BY id")
	if err != nil {
		return kind("verify audit", err)
	}
	defer rows.Close()
	previous, next := "", int64(1)
	for rows.Next() {
		a, err := scanAudit(rows)
		if err != nil {
			return kind("verify audit", err)
		}
		if a.ID != next {
			return fmt.Errorf("verify audit: %w: entry %d is missing", meta.ErrAudit, next)
		}
		if a.Hash != a.Chain(previous) {
			return fmt.Errorf("verify audit: %w: entry %d (%s by %s) does not fit the one before", meta.ErrAudit, a.ID, a.Action, a.User)
		}
		previous, next = a.Hash, next+1
	}
	return kind("verify audit", rows.Err())
}
