package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"footpath/store/meta"
	"footpath/wire"
)

// Projects follows meta.Store; oldest first.
func (s *Store) Projects(ctx context.Context) ([]meta.Project, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT document, revision FROM projects ORDER BY created, key")
	if err != nil {
		return nil, kind("list projects", err)
	}
	defer rows.Close()
	var out []meta.Project
	for rows.Next() {
		p, err := scanProject(rows.Scan)
		if err != nil {
			return nil, kind("list projects", err)
		}
		out = append(out, p)
	}
	return out, kind("list projects", rows.Err())
}

// Project follows meta.Store.
func (s *Store) Project(ctx context.Context, key wire.ProjectKey) (meta.Project, error) {
	p, err := scanProject(s.db.QueryRowContext(ctx, "SELECT document, revision FROM projects WHERE key = ?", string(key)).Scan)
	return p, kind("project "+string(key), err)
}

func scanProject(scan func(...any) error) (meta.Project, error) {
	var p meta.Project
	var document string
	var revision int
	if err := scan(&document, &revision); err != nil {
		return p, err
	}
	err := json.Unmarshal([]byte(document), &p)
	p.Revision = revision
	return p, err
}

// CreateProject follows meta.Store; the revision starts at 1.
func (s *Store) CreateProject(ctx context.Context, p meta.Project) error {
	document, err := document(p)
	if err != nil {
		return kind("create project "+string(p.Key), err)
	}
	return s.exec(ctx, "create project "+string(p.Key),
		"INSERT INTO projects (key, created, revision, document) VALUES (?, ?, 1, ?)", string(p.Key), millis(p.Created), document)
}

// UpdateProject follows meta.Store. When p.Revision is set, it must be the stored
// one, so that two people who change settings at once do not undo each other.
func (s *Store) UpdateProject(ctx context.Context, p meta.Project) error {
	operation := "update project " + string(p.Key)
	document, err := document(p)
	if err != nil {
		return kind(operation, err)
	}
	return kind(operation, inTx(ctx, s.db, func(tx *sql.Tx) error {
		var have int
		if err := tx.QueryRowContext(ctx, "SELECT revision FROM projects WHERE key = ?", string(p.Key)).Scan(&have); err != nil {
			return err
		}
		if p.Revision != 0 && p.Revision != have {
			return fmt.Errorf("%w: revision %d, not %d", meta.ErrConflict, have, p.Revision)
		}
		_, err := tx.ExecContext(ctx, "UPDATE projects SET document = ?, revision = revision + 1 WHERE key = ?", document, string(p.Key))
		return err
	}))
}

// DeleteProject follows meta.Store; its text sets go with it.
func (s *Store) DeleteProject(ctx context.Context, key wire.ProjectKey) error {
	if err := s.one(ctx, "delete project "+string(key), "DELETE FROM projects WHERE key = ?", string(key)); err != nil {
		return err
	}
	return s.exec(ctx, "delete texts of "+string(key), "DELETE FROM texts WHERE project = ?", string(key))
}

func document(p meta.Project) (string, error) {
	p.Revision = 0 // stands in its own column
	data, err := json.Marshal(p)
	return string(data), err
}

// PutTexts follows meta.Store.
func (s *Store) PutTexts(ctx context.Context, t meta.TextSet) error {
	operation := "put texts " + t.Version
	texts, err := json.Marshal(t.Texts)
	if err != nil {
		return kind(operation, err)
	}
	return s.exec(ctx, operation, `INSERT INTO texts (project, version, texts, created, approved, approved_by) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (project, version) DO UPDATE SET texts = excluded.texts, created = excluded.created,
		approved = excluded.approved, approved_by = excluded.approved_by`,
		string(t.Project), t.Version, string(texts), millis(t.Created), millis(t.Approved), t.By)
}

const selectTexts = "SELECT project, version, texts, created, approved, approved_by FROM texts "

// Texts follows meta.Store.
func (s *Store) Texts(ctx context.Context, project wire.ProjectKey, version string) (meta.TextSet, error) {
	t, err := scanTexts(s.db.QueryRowContext(ctx, selectTexts+"WHERE project = ? AND version = ?", string(project), version))
	return t, kind("texts "+version, err)
}

// LatestTexts follows meta.Store: the approved set that was approved last.
func (s *Store) LatestTexts(ctx context.Context, project wire.ProjectKey) (meta.TextSet, error) {
	t, err := scanTexts(s.db.QueryRowContext(ctx,
		selectTexts+"WHERE project = ? AND approved > 0 ORDER BY approved DESC, created DESC, version LIMIT 1", string(project)))
	return t, kind("latest texts", err)
}

func scanTexts(row *sql.Row) (meta.TextSet, error) {
	var t meta.TextSet
	var texts string
	var created, approved int64
	if err := row.Scan(&t.Project, &t.Version, &texts, &created, &approved, &t.By); err != nil {
		return meta.TextSet{}, err
	}
	t.Created, t.Approved = instant(created), instant(approved)
	return t, json.Unmarshal([]byte(texts), &t.Texts)
}

// Value follows meta.Store.
func (s *Store) Value(ctx context.Context, name string) (string, error) {
	var v string
	err := s.db.QueryRowContext(ctx, "SELECT value FROM facts WHERE name = ?", name).Scan(&v)
	return v, kind("value "+name, err)
}

// SetValue follows meta.Store.
func (s *Store) SetValue(ctx context.Context, name, value string) error {
	return s.exec(ctx, "set value "+name,
		"INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}
