package duckdb

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Each file is one numbered step: 0001_what.sql. A step that has been released
// is never changed; docs/format/tables.md keeps the history.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings a catalog's tables up to the newest version, step by step, each
// in its own transaction. A catalog of a newer version is refused.
func migrate(ctx context.Context, conn *sql.Conn, catalog string) (err error) {
	have, err := version(ctx, conn, catalog)
	if err != nil {
		return fmt.Errorf("read version: %w", err)
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if have > len(files) {
		return fmt.Errorf("tables of version %d, this program knows %d: use the newer program", have, len(files))
	}
	if have == len(files) {
		return nil
	}
	if _, err := conn.ExecContext(ctx, "USE "+catalog); err != nil {
		return err
	}
	defer func() {
		if _, back := conn.ExecContext(ctx, "USE "+memoryCatalog); err == nil {
			err = back
		}
	}()
	for _, name := range files[have:] {
		if err := step(ctx, conn, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func step(ctx context.Context, conn *sql.Conn, name string) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(strings.TrimPrefix(name, "migrations/")[:4])
	if err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // no effect after Commit
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE state SET value = ? WHERE name = 'version'", number); err != nil {
		return err
	}
	return tx.Commit()
}

// version reads which step a catalog has reached; 0 without tables.
func version(ctx context.Context, conn *sql.Conn, catalog string) (int, error) {
	var tables int
	err := conn.QueryRowContext(ctx,
		"SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND table_name = 'state'", catalog).Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	var v int
	err = conn.QueryRowContext(ctx, "SELECT value FROM "+catalog+".state WHERE name = 'version'").Scan(&v)
	return v, err
}
