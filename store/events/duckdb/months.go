package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	memoryCatalog = "memory" // DuckDB's name for the engine's own database
	fileSuffix    = ".duckdb"
	rewriteSuffix = ".rewrite"
	// storageVersion pins the file format: readable from this DuckDB version on.
	storageVersion = "v1.5.0"
)

// month is one file. Its rows are those of the sessions that started in it.
type month struct {
	name    string // 2026-11
	catalog string // m202611
	path    string

	// gate is held for reading while a question or a batch uses the file, and for
	// writing while the file is swapped or let go.
	gate sync.RWMutex

	// Guarded by Store.mu.
	attached bool
	used     time.Time

	// Guarded by Store.write: something was erased since the file was last rewritten.
	scrub bool
}

var monthFile = regexp.MustCompile(`^\d{4}-\d\d\.duckdb$`)

// monthOf names the month of an instant, UTC.
func monthOf(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01") }

// monthsBetween names the months of [from, to).
func monthsBetween(from, to int64) []string {
	var out []string
	for t := time.UnixMilli(from).UTC(); t.UnixMilli() < to; {
		out = append(out, t.Format("2006-01"))
		t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	}
	return out
}

func (s *Store) newMonth(name string) *month {
	return &month{
		name:    name,
		catalog: "m" + strings.ReplaceAll(name, "-", ""),
		path:    filepath.Join(s.dir, name+fileSuffix),
	}
}

// discover opens each month file once: its log is replayed, its tables brought
// up to date, and its offset read.
func (s *Store) discover(ctx context.Context) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !monthFile.MatchString(e.Name()) {
			continue
		}
		m := s.newMonth(strings.TrimSuffix(e.Name(), fileSuffix))
		s.months[m.name] = m
		if err := s.useForWrite(ctx, m, func() error { return s.readState(ctx, m) }); err != nil {
			return err
		}
	}
	return nil
}

// existing gives the months that have a file, of those named, in order.
func (s *Store) existing(names []string) []*month {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*month
	for _, name := range names {
		if m := s.months[name]; m != nil {
			out = append(out, m)
		}
	}
	return out
}

// create gives the named month, with a new file when there is none.
func (s *Store) create(name string) *month {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.months[name]
	if m == nil {
		m = s.newMonth(name)
		s.months[name] = m
	}
	return m
}

// hold keeps months attached until the function it returns is called.
func (s *Store) hold(ctx context.Context, months []*month) (func(), error) {
	months = slices.Clone(months)
	slices.SortFunc(months, func(a, b *month) int { return strings.Compare(a.name, b.name) })
	for _, m := range months {
		m.gate.RLock()
	}
	release := func() {
		for _, m := range months {
			m.gate.RUnlock()
		}
		s.trim(idleFor)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range months {
		m.used = time.Now()
		if err := s.attach(ctx, m); err != nil {
			for _, m := range months {
				m.gate.RUnlock()
			}
			return nil, err
		}
	}
	return release, nil
}

// useForWrite holds one month while fn runs.
func (s *Store) useForWrite(ctx context.Context, m *month, fn func() error) error {
	release, err := s.hold(ctx, []*month{m})
	if err != nil {
		return err
	}
	defer release()
	return fn()
}

// attach opens a month's file; the caller holds mu.
func (s *Store) attach(ctx context.Context, m *month) error {
	if m.attached {
		return nil
	}
	// A connection of its own: migrating changes the connection's catalog.
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("month %s: %w", m.name, err)
	}
	defer conn.Close()
	if err := attachFile(ctx, conn, m.path, m.catalog); err != nil {
		return fmt.Errorf("month %s: %w", m.name, err)
	}
	if err := migrate(ctx, conn, m.catalog); err != nil {
		_, _ = conn.ExecContext(ctx, "DETACH "+m.catalog)
		return fmt.Errorf("month %s: %w", m.name, err)
	}
	m.attached = true
	return nil
}

func attachFile(ctx context.Context, conn *sql.Conn, path, catalog string) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("ATTACH %s AS %s (STORAGE_VERSION '%s')", quote(path), catalog, storageVersion))
	return err
}

// detach checkpoints and closes a month's file; the caller holds mu and knows
// that nobody uses it. Its log stays when the checkpoint fails, and is replayed
// when the file is opened again.
func (s *Store) detach(ctx context.Context, m *month) error {
	if !m.attached {
		return nil
	}
	// Cancelled half-way, nobody could tell whether the file is still open.
	ctx = context.WithoutCancel(ctx)
	_, err := s.db.ExecContext(ctx, "DETACH "+m.catalog)
	if err == nil {
		m.attached = false
		return nil
	}
	// DuckDB lets the file go even when it cannot checkpoint it first.
	var still int
	ask := s.db.QueryRowContext(ctx, "SELECT count(*) FROM duckdb_databases() WHERE database_name = ?", m.catalog).Scan(&still)
	m.attached = ask != nil || still > 0
	return fmt.Errorf("close month %s: %w", m.name, err)
}

// letGo closes a month's file after an error, once the questions that use it are
// answered.
func (s *Store) letGo(m *month) {
	m.gate.Lock()
	defer m.gate.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.detach(context.Background(), m) // the error that led here is the one to tell
}

// idleFor is how long a month beyond Config.Attached stays open after its last
// use: a screen asks several questions about the same months, and opening 13
// months takes a tenth of a second.
const idleFor = 30 * time.Second

// trim closes the months that were not used for some time, the longest unused
// first, until only Config.Attached are open. A month that cannot be closed stays
// open.
func (s *Store) trim(idle time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []*month
	for _, m := range s.months {
		if m.attached {
			open = append(open, m)
		}
	}
	slices.SortFunc(open, func(a, b *month) int { return a.used.Compare(b.used) })
	for len(open) > s.config.Attached && time.Since(open[0].used) >= idle {
		if m := open[0]; m.gate.TryLock() {
			_ = s.detach(context.Background(), m)
			m.gate.Unlock()
		}
		open = open[1:]
	}
}

// quote writes a text literal; only file names of the operator's own directory
// are ever written so, all other values are parameters.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identifier quotes a column's name.
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
