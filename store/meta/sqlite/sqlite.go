// Package sqlite keeps metadata in one SQLite file: write-ahead log, every
// commit synced (synchronous=FULL). The SQL is plain enough for PostgreSQL, the
// schema is numbered migrations, and there is no mapper between.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"footpath/store/meta"
)

// Each file is one numbered step, never changed once released.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open metadata file. It is a meta.Store.
type Store struct {
	db *sql.DB
}

// Open opens or creates the file and brings its schema up to date. The caller
// makes sure that no second process uses it.
func Open(path string) (*Store, error) {
	// The file must not be readable by others from its first byte on.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open metadata: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open metadata %s: %w", path, err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open metadata %s: %w", path, err)
	}
	// Few and short statements; four readers beside the one writer are plenty.
	db.SetMaxOpenConns(5)
	if err := migrate(context.Background(), db); err != nil {
		return nil, errors.Join(fmt.Errorf("open metadata %s: %w", path, err), db.Close())
	}
	return &Store{db: db}, nil
}

// dsn sets what every connection needs. secure_delete overwrites deleted rows
// with zeros; transactions take the write lock at once, so that they wait
// (busy_timeout, milliseconds) instead of failing half way.
func dsn(path string) string {
	v := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(1)", "secure_delete(1)",
	}}
	v.Set("_txlock", "immediate")
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// Close checkpoints and closes the file.
func (s *Store) Close() error { return s.db.Close() }

func migrate(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)"); err != nil {
		return err
	}
	var have int
	if err := db.QueryRowContext(ctx, "SELECT COALESCE(MAX(number), 0) FROM version").Scan(&have); err != nil {
		return err
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if have > len(files) {
		return fmt.Errorf("schema of version %d, this program knows %d: use the newer program", have, len(files))
	}
	for _, name := range files[have:] {
		if err := step(ctx, db, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, name string) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(strings.TrimPrefix(name, "migrations/")[:4])
	if err != nil {
		return err
	}
	return inTx(ctx, db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO version VALUES (?)", number)
		return err
	})
}

// inTx runs fn in a transaction that commits when fn returns nil.
func inTx(ctx context.Context, db *sql.DB, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// kind turns the database's errors into the port's, with the operation before.
func kind(operation string, err error) error {
	var e *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		err = meta.ErrNotFound
	case errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
		err = meta.ErrExists
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// one runs a statement that must change exactly one row.
func (s *Store) one(ctx context.Context, operation, text string, args ...any) error {
	result, err := s.db.ExecContext(ctx, text, args...)
	if err != nil {
		return kind(operation, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return kind(operation, err)
	}
	if n == 0 {
		return fmt.Errorf("%s: %w", operation, meta.ErrNotFound)
	}
	return nil
}

// exec runs a statement that may change any number of rows.
func (s *Store) exec(ctx context.Context, operation, text string, args ...any) error {
	_, err := s.db.ExecContext(ctx, text, args...)
	return kind(operation, err)
}

// Times are stored as integer milliseconds UTC; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
