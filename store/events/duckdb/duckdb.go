// Package duckdb keeps the analytics tables in DuckDB, one database file per
// month of the session's start (2026-11.duckdb), attached only while a question
// or a batch needs it. Month files are why erasing works: DuckDB never scrubs
// deleted bytes, so Scrub copies what is left of a month to a new file, and
// expiring a month unlinks one (storage.md 3.5).
//
// One goroutine writes at a time; any number read. A batch that touches several
// months is first written to a redo file, because DuckDB commits one file at a
// time; each month remembers the offset it has reached, so that redoing the batch
// after a crash changes only the months that missed it.
package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"
	"github.com/prometheus/client_golang/prometheus"

	"footpath/journal"
)

// Config sets the engine's limits. The zero value means the defaults.
type Config struct {
	// MemoryMB is DuckDB's own memory_limit in MiB (128): the process takes some
	// 80 to 130 MB more while a heavy question runs (storage.md 3.4).
	MemoryMB int
	// Threads that work on one question (2).
	Threads int
	// Limit is the longest a question may take (15 s): five times the slowest one
	// measured with 50 million events (storage.md 3.4).
	Limit time.Duration
	// Questions answered at the same time (2): each may fill the memory limit.
	Questions int
	// Attached is how many month files stay open while nobody uses them (4).
	Attached int
	// Registerer takes the metrics; nil: they are kept, not published.
	Registerer prometheus.Registerer
}

func (c Config) withDefaults() Config {
	if c.MemoryMB == 0 {
		c.MemoryMB = 128
	}
	if c.Threads == 0 {
		c.Threads = 2
	}
	if c.Limit == 0 {
		c.Limit = 15 * time.Second
	}
	if c.Questions == 0 {
		c.Questions = 2
	}
	if c.Attached == 0 {
		c.Attached = 4
	}
	return c
}

// Store is an open directory of month files.
type Store struct {
	dir    string
	config Config
	db     *sql.DB
	slots  chan struct{} // one per question being answered
	m      *metrics

	write  sync.Mutex // held by the one writer
	offset journal.Position
	writer *sql.Conn

	mu     sync.Mutex // guards months and what is attached
	months map[string]*month
}

// Open opens or creates the tables in dir, finishes a batch that a crash cut
// short, and clears away temporary files. The caller makes sure that no second
// process uses the directory.
func Open(dir string, config Config) (*Store, error) {
	if strings.Contains(dir, "?") {
		// DuckDB takes what follows for parameters, and would look for its log elsewhere.
		return nil, fmt.Errorf("open events %s: choose a directory without a question mark in its name", dir)
	}
	s := &Store{dir: dir, config: config.withDefaults(), months: map[string]*month{}}
	s.m = newMetrics(s.config.Registerer)
	s.slots = make(chan struct{}, s.config.Questions)
	if err := s.prepareDir(); err != nil {
		return nil, fmt.Errorf("open events %s: %w", dir, err)
	}
	if err := s.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("open events %s: %w", dir, err), s.Close())
	}
	return s, nil
}

// prepareDir makes the directory and removes what an earlier process left half
// done: spilled rows and rewritten months that were never put in place.
func (s *Store) prepareDir() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := os.RemoveAll(s.tempDir()); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"+rewriteSuffix+"*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return os.Mkdir(s.tempDir(), 0o700)
}

func (s *Store) tempDir() string { return filepath.Join(s.dir, "tmp") }

func (s *Store) start() error {
	ctx := context.Background()
	connector, err := duck.NewConnector(s.dsn(), nil)
	if err != nil {
		return err
	}
	s.db = sql.OpenDB(connector)
	if s.writer, err = s.db.Conn(ctx); err != nil {
		return err
	}
	// The engine's own empty tables stand in for a range without any month.
	if err := migrate(ctx, s.writer, memoryCatalog); err != nil {
		return err
	}
	if _, err := s.writer.ExecContext(ctx, "SET lock_configuration = true"); err != nil {
		return err
	}
	if err := s.discover(ctx); err != nil {
		return err
	}
	if err := s.readOffset(); err != nil {
		return err
	}
	return s.redo(ctx)
}

// dsn turns everything off that would reach for a network or another directory.
func (s *Store) dsn() string {
	v := url.Values{}
	v.Set("memory_limit", strconv.Itoa(s.config.MemoryMB)+"MiB")
	v.Set("threads", strconv.Itoa(s.config.Threads))
	v.Set("temp_directory", s.tempDir())
	v.Set("autoinstall_known_extensions", "false")
	v.Set("autoload_known_extensions", "false")
	v.Set("allow_community_extensions", "false")
	// Rows have no order of their own here; keeping one costs memory.
	v.Set("preserve_insertion_order", "false")
	return "?" + v.Encode()
}

// Close waits for the writer, then checkpoints and closes every month.
func (s *Store) Close() error {
	s.write.Lock()
	defer s.write.Unlock()
	var errs []error
	if s.writer != nil {
		s.mu.Lock()
		for _, m := range s.months {
			errs = append(errs, s.detach(context.Background(), m))
		}
		s.mu.Unlock()
		// A batch that was cancelled half way has closed the connection; nothing of it
		// was committed.
		if err := s.writer.Close(); !errors.Is(err, sql.ErrConnDone) {
			errs = append(errs, err)
		}
		s.writer = nil
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
		s.db = nil
	}
	return errors.Join(errs...)
}

// Offset follows events.Writer.
func (s *Store) Offset(context.Context) (journal.Position, error) {
	s.write.Lock()
	defer s.write.Unlock()
	return s.offset, nil
}
