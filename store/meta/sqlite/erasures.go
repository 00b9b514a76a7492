package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"footpath/store/meta"
	"footpath/wire"
)

// PutErasure follows meta.Store.
func (s *Store) PutErasure(ctx context.Context, e meta.Erasure) (meta.Erasure, error) {
	err := inTx(ctx, s.db, func(tx *sql.Tx) error {
		var document string
		err := tx.QueryRowContext(ctx, "SELECT document FROM erasures WHERE done = 0 AND project = ? AND session = ?",
			string(e.Project), string(e.Session)).Scan(&document)
		if err == nil {
			return json.Unmarshal([]byte(document), &e)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) + 1 FROM erasures").Scan(&e.ID); err != nil {
			return err
		}
		text, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO erasures (id, project, session, done, document) VALUES (?, ?, ?, ?, ?)",
			e.ID, string(e.Project), string(e.Session), millis(e.Done), string(text))
		return err
	})
	return e, kind("put erasure", err)
}

// FinishErasure follows meta.Store.
func (s *Store) FinishErasure(ctx context.Context, e meta.Erasure) error {
	operation := fmt.Sprintf("finish erasure %d", e.ID)
	text, err := json.Marshal(e)
	if err != nil {
		return kind(operation, err)
	}
	return s.one(ctx, operation, "UPDATE erasures SET done = ?, document = ? WHERE id = ?", millis(e.Done), string(text), e.ID)
}

// Erasures follows meta.Store.
func (s *Store) Erasures(ctx context.Context, pending bool, limit int) ([]meta.Erasure, error) {
	where := ""
	if pending {
		where = "WHERE done = 0 "
	}
	rows, err := s.db.QueryContext(ctx, "SELECT document FROM erasures "+where+"ORDER BY id DESC LIMIT ?", limit)
	if err != nil {
		return nil, kind("list erasures", err)
	}
	defer rows.Close()
	out := []meta.Erasure{}
	for rows.Next() {
		var document string
		var e meta.Erasure
		if err := rows.Scan(&document); err != nil {
			return nil, kind("list erasures", err)
		}
		if err := json.Unmarshal([]byte(document), &e); err != nil {
			return nil, kind("list erasures", err)
		}
		out = append(out, e)
	}
	return out, kind("list erasures", rows.Err())
}

// ForgetValues follows meta.Store. secure_delete clears the rows; emptying the log
// clears the pages as they were before.
func (s *Store) ForgetValues(ctx context.Context, project wire.ProjectKey) error {
	operation := "forget values of " + string(project)
	suffix := "/" + string(project)
	if err := s.exec(ctx, operation, "DELETE FROM facts WHERE substr(name, -length(?)) = ?", suffix, suffix); err != nil {
		return err
	}
	return s.exec(ctx, operation, "PRAGMA wal_checkpoint(TRUNCATE)")
}
