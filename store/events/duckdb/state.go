package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"footpath/journal"
	"footpath/store/events"
)

// Beside the month files stand two small ones: "offset", which keeps the offset
// of batches without rows, and "redo", which exists only while a batch that
// touches several months is being committed.
func (s *Store) offsetPath() string { return filepath.Join(s.dir, "offset") }
func (s *Store) redoPath() string   { return filepath.Join(s.dir, "redo") }

// readState reads a month's offset and whether it waits for Scrub.
func (s *Store) readState(ctx context.Context, m *month) error {
	offset, err := stateValue(ctx, s.writer, m, "offset")
	if err != nil {
		return fmt.Errorf("month %s: %w", m.name, err)
	}
	scrub, err := stateValue(ctx, s.writer, m, "scrub")
	if err != nil {
		return fmt.Errorf("month %s: %w", m.name, err)
	}
	m.scrub = scrub != 0
	s.offset = max(s.offset, journal.Position(offset))
	return nil
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func stateValue(ctx context.Context, q queryer, m *month, name string) (int64, error) {
	var v int64
	if err := q.QueryRowContext(ctx, "SELECT value FROM "+m.catalog+".state WHERE name = ?", name).Scan(&v); err != nil {
		return 0, fmt.Errorf("read %s: %w", name, err)
	}
	return v, nil
}

func setState(ctx context.Context, tx *sql.Tx, m *month, name string, v int64) error {
	if _, err := tx.ExecContext(ctx, "UPDATE "+m.catalog+".state SET value = ? WHERE name = ?", v, name); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

func (s *Store) readOffset() error {
	data, err := os.ReadFile(s.offsetPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 63)
	if err != nil {
		return fmt.Errorf("%s: %w", s.offsetPath(), err)
	}
	s.offset = max(s.offset, journal.Position(n))
	return nil
}

func (s *Store) writeOffset(offset journal.Position) error {
	return replaceFile(s.offsetPath(), strconv.AppendUint(nil, uint64(offset), 10))
}

func (s *Store) writeRedo(b events.Batch) error {
	data, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return replaceFile(s.redoPath(), data)
}

// redo finishes a batch that was cut short; the caller holds write, or is alone.
func (s *Store) redo(ctx context.Context) error {
	data, err := os.ReadFile(s.redoPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var b events.Batch
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("%s: %w", s.redoPath(), err)
	}
	if b.Offset < s.offset {
		return s.removeRedo()
	}
	if err := s.apply(ctx, b, true); err != nil {
		return fmt.Errorf("redo batch %d: %w", b.Offset, err)
	}
	return s.removeRedo()
}

// removeRedo is durable before it returns: an old batch must not be done again
// after a newer one.
func (s *Store) removeRedo() error {
	if err := os.Remove(s.redoPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(s.dir)
}

// replaceFile writes a file whole or not at all, durably.
func replaceFile(path string, data []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
