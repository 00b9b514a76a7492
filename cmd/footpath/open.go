package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/collect"
	"footpath/internal/config"
	"footpath/internal/lock"
	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/store/recordings"
	recordingsdisk "footpath/store/recordings/disk"
)

// metaFile holds the metadata in the data directory.
const metaFile = "meta.db"

// openMeta opens the metadata of an existing data directory, or begins one. The
// engine lets a running server and a console command share it.
func openMeta(cfg config.Config) (meta.Store, error) {
	if err := os.MkdirAll(cfg.Data.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(cfg.Data.Dir, metaFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		if err := config.PrivateFile(path); err != nil {
			return nil, &config.Error{Where: cfg.Origin("data.dir"), Msg: err.Error()}
		}
	}
	return sqlite.Open(path)
}

// stores are what a data directory holds, opened. Everything is closed in the
// reverse order of its opening.
type stores struct {
	keys       keys.Store
	log        journal.Log
	meta       meta.Store
	events     events.Store
	recordings recordings.Store
	countries  *collect.CountryFile // nil: no database given
	tokens     []byte               // secret of the session tokens
	users      []byte               // secret of the hashes of identify()

	closers []func() error
}

// openStores locks the data directory and opens what is in it.
func openStores(cfg config.Config, log *slog.Logger, metrics prometheus.Registerer) (_ *stores, err error) {
	s := &stores{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	held, err := lock.Acquire(cfg.Data.Dir)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, held.Release)
	secret, err := cfg.Secret()
	if err != nil {
		return nil, err
	}
	master, err := config.Derive(secret, "keys")
	if err != nil {
		return nil, fmt.Errorf("derive master key: %w", err)
	}
	if s.tokens, err = config.Derive(secret, "session tokens"); err != nil {
		return nil, fmt.Errorf("derive token secret: %w", err)
	}
	if s.users, err = config.Derive(secret, "identify"); err != nil {
		return nil, fmt.Errorf("derive secret of identify: %w", err)
	}
	if err := s.open(cfg, master, log, metrics); err != nil {
		return nil, err
	}
	return s, nil
}

// open opens the engines in dependency order.
func (s *stores) open(cfg config.Config, master []byte, log *slog.Logger, metrics prometheus.Registerer) error {
	in := func(name string) string { return filepath.Join(cfg.Data.Dir, name) }
	keys, err := keysdisk.Open(in("keys"), master, keysdisk.WithLogger(log), keysdisk.WithRegisterer(metrics))
	if err != nil {
		return err
	}
	s.keys, s.closers = keys, append(s.closers, keys.Close)
	journal, err := journaldisk.Open(in("journal"), journaldisk.Config{QuotaBytes: cfg.Journal.MaxBytes, Logger: log, Registerer: metrics})
	if err != nil {
		return err
	}
	s.log, s.closers = journal, append(s.closers, journal.Close)
	if s.meta, err = openMeta(cfg); err != nil {
		return err
	}
	s.closers = append(s.closers, s.meta.Close)
	events, err := duckdb.Open(in("events"), duckdb.Config{MemoryMB: cfg.Events.MemoryMB, Threads: cfg.Events.Threads, Registerer: metrics})
	if err != nil {
		return err
	}
	s.events, s.closers = events, append(s.closers, events.Close)
	recordings, err := recordingsdisk.Open(in("recordings"), recordingsdisk.Config{Logger: log})
	if err != nil {
		return err
	}
	s.recordings, s.closers = recordings, append(s.closers, recordings.Close)
	if cfg.GeoIP.File == "" {
		return nil
	}
	if s.countries, err = collect.OpenCountries(cfg.GeoIP.File); err != nil {
		return &config.Error{Where: cfg.Origin("geoip.file"), Msg: err.Error()}
	}
	s.closers = append(s.closers, s.countries.Close)
	return nil
}

// Close closes what was opened, last first.
func (s *stores) Close() error {
	var errs []error
	for len(s.closers) > 0 {
		last := len(s.closers) - 1
		errs = append(errs, s.closers[last]())
		s.closers = s.closers[:last]
	}
	return errors.Join(errs...)
}

// audit writes down what was done at the console.
func audit(ctx context.Context, store meta.Store, a meta.Audit) error {
	a.Time = time.Now().UTC()
	if a.User == "" {
		a.User = operator()
	}
	if err := store.Append(ctx, a); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}
