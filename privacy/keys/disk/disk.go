// Package disk keeps data keys in one file per day (docs/format/keys.md). A
// record is 128 bytes: whose key, and the key wrapped by the master key with
// AES-256-GCM. Creating appends, and concurrent creations share one sync.
// Destroying first appends a tombstone and syncs, then overwrites every record of
// the name and syncs again, so that no crash brings a key back. A day's file is
// read when the day is first asked for; at most a few days are held in memory.
package disk

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
	"footpath/internal/vfs"
	"footpath/privacy/keys"
)

// MasterLen is the length of the master key in bytes (AES-256).
const MasterLen = 32

// maxDays bounds the days held in memory: today, yesterday around midnight, and
// two for late chunks, reports and erasures.
const maxDays = 4

// Option changes how a store is opened.
type Option func(*Store)

// WithFS puts another file system beneath the store; tests do.
func WithFS(fs vfs.FS) Option { return func(s *Store) { s.fs = fs } }

// WithLogger says where damage found in a file is reported.
func WithLogger(l *slog.Logger) Option { return func(s *Store) { s.log = l } }

// WithRegisterer says where the store's metrics go.
func WithRegisterer(r prometheus.Registerer) Option {
	return func(s *Store) {
		s.damaged = obs.Register(r, s.damaged)
		s.created = obs.Register(r, s.created)
		s.destroyed = obs.Register(r, s.destroyed)
	}
}

// Store implements keys.Store.
type Store struct {
	dir  string
	fs   vfs.FS
	log  *slog.Logger
	wrap cipher.AEAD

	damaged, created, destroyed prometheus.Counter

	// files is held by whoever writes to files or removes them; taken before mu.
	// Lookups need mu alone, so they do not wait for a sync.
	files sync.Mutex

	mu     sync.Mutex
	days   map[int32]*day
	clock  uint64 // counts uses of days, to drop the one longest unused
	queue  []*creation
	making []*creation // taken from the queue, not durable yet
	kick   chan struct{}
	closed bool
	done   chan struct{}
}

var _ keys.Store = (*Store)(nil)

// Open opens the key directory dir, creating it when missing. master wraps every
// key and never touches the disk here.
func Open(dir string, master []byte, options ...Option) (*Store, error) {
	if len(master) != MasterLen {
		return nil, fmt.Errorf("open keys %s: the master key has %d bytes, want %d", dir, len(master), MasterLen)
	}
	wrap, err := newAEAD(master)
	if err != nil {
		return nil, fmt.Errorf("open keys %s: %w", dir, err)
	}
	s := &Store{
		dir: dir, fs: vfs.OS{}, log: obs.Discard(), wrap: wrap, days: map[int32]*day{},
		kick: make(chan struct{}, 1), done: make(chan struct{}),
		damaged:   counter("damaged_total", "Key records that could not be read."),
		created:   counter("created_total", "Data keys made."),
		destroyed: counter("destroyed_total", "Data keys destroyed."),
	}
	for _, o := range options {
		o(s)
	}
	if err := s.fs.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("open keys %s: %w", dir, err)
	}
	go s.commit()
	return s, nil
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footpath", Subsystem: "keys", Name: name, Help: help})
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Get implements keys.Store.
func (s *Store) Get(_ context.Context, name keys.Name) (keys.Key, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.day(name.Day)
	if err != nil {
		return nil, err
	}
	return s.get(d, name)
}

// get looks a key up in a loaded day; s.mu is held.
func (s *Store) get(d *day, name keys.Name) (keys.Key, error) {
	key, err := d.find(id(name), func(rec *record) (*dataKey, error) { return s.unwrap(name, rec) })
	if err != nil {
		return nil, fmt.Errorf("key of day %d: %w", name.Day, err)
	}
	return key, nil
}

// Create implements keys.Store.
func (s *Store) Create(ctx context.Context, name keys.Name) (keys.Key, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	d, err := s.day(name.Day)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	key, err := s.get(d, name)
	if !errors.Is(err, keys.ErrUnknown) {
		s.mu.Unlock()
		return key, err
	}
	c := s.enqueue(name)
	s.mu.Unlock()
	select {
	case <-c.done:
		return c.key, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Destroy implements keys.Store.
func (s *Store) Destroy(_ context.Context, name keys.Name) error {
	if err := check(name); err != nil {
		return err
	}
	s.files.Lock()
	defer s.files.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.day(name.Day)
	if err != nil {
		return err
	}
	if err := d.destroy(id(name)); err != nil {
		return fmt.Errorf("destroy a key of day %d: %w", name.Day, err)
	}
	s.destroyed.Inc()
	return nil
}

// DropDay implements keys.Store.
func (s *Store) DropDay(_ context.Context, n int32) error {
	s.files.Lock()
	defer s.files.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.days[n]; d != nil {
		d.close()
		delete(s.days, n)
	}
	names, err := s.filesOf(n)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := s.fs.Remove(s.path(name)); err != nil {
			return fmt.Errorf("drop keys of day %d: %w", n, err)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return s.fs.SyncDir(s.dir)
}

// Close implements keys.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	s.wake()
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, d := range s.days {
		d.close()
		delete(s.days, n)
	}
	return nil
}
