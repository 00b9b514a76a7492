package main

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver of the event files
	_ "modernc.org/sqlite"             // the driver of the metadata
)

// duckMagic stands at offset 8 of a DuckDB file, sqliteMagic at the start of a
// SQLite one: a file is known by its bytes, whatever its name.
const (
	duckMagic   = "DUCK"
	sqliteMagic = "SQLite format 3"
)

// tables writes every row of every database below the data directory.
func (d *dump) tables(ctx context.Context) error {
	return filepath.WalkDir(d.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		driver, dsn, list := sniff(path)
		if driver == "" {
			return nil
		}
		db, err := sql.Open(driver, dsn)
		if err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
		defer db.Close()
		rel, _ := filepath.Rel(d.data, path)
		return d.database(ctx, db, strings.ReplaceAll(rel, string(filepath.Separator), "."), list)
	})
}

// sniff finds the driver, its address, and the query that lists the tables.
func sniff(path string) (driver, dsn, list string) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", ""
	}
	defer f.Close()
	head := make([]byte, 16)
	if _, err := f.Read(head); err != nil {
		return "", "", ""
	}
	switch {
	case string(head[8:12]) == duckMagic:
		return "duckdb", path, "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
	case strings.HasPrefix(string(head), sqliteMagic):
		return "sqlite", path, "SELECT name FROM sqlite_master WHERE type = 'table'"
	}
	return "", "", ""
}

func (d *dump) database(ctx context.Context, db *sql.DB, name, list string) error {
	rows, err := db.QueryContext(ctx, list)
	if err != nil {
		return fmt.Errorf("tables of %s: %w", name, err)
	}
	var tables []string
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return err
		}
		tables = append(tables, t)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, t := range tables {
		if err := d.table(ctx, db, name, t); err != nil {
			return fmt.Errorf("table %s of %s: %w", t, name, err)
		}
	}
	return nil
}

func (d *dump) table(ctx context.Context, db *sql.DB, name, table string) error {
	out, err := create(filepath.Join(d.out, name+"."+table+".jsonl"))
	if err != nil {
		return err
	}
	defer out.close()
	rows, err := db.QueryContext(ctx, `SELECT * FROM "`+table+`"`)
	if err != nil {
		return err
	}
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		places := make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return err
		}
		row := map[string]any{}
		for i, c := range columns {
			if b, ok := values[i].([]byte); ok {
				values[i] = string(b)
			}
			row[c] = values[i]
		}
		d.note(table, row)
		if err := out.put(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
