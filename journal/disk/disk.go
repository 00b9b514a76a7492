// Package disk is the journal of one machine: segment files with group commit
// (docs/format/journal.md). One goroutine writes; every write carries all chunks
// that are waiting and is followed by one sync, after which their callers are
// told. An index of positions and sessions is held in memory and read back from
// the files at start. A failed sync poisons its segment: it is never written again,
// and nothing that its write carried is acknowledged (fault 36).
package disk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"footpath/journal"
	"footpath/wire"
)

// Log implements journal.Log.
type Log struct {
	dir string
	cfg Config
	m   *metrics

	requests chan *request
	closing  chan struct{}
	done     chan struct{}

	mu       sync.Mutex
	segments []*segment // oldest first
	index    map[sessionKey]*owner
	live     int
	end      journal.Position
	grown    chan struct{} // closed when end grows
	closed   bool
	failure  error // why appends fail at present

	// The writer's own.
	active  *segment
	next    journal.Position
	buf     []byte
	company int // requests in the batch before
	full    bool
	checked time.Time // when space was last looked at while full
	ballast bool
}

var _ journal.Log = (*Log)(nil)

// Open opens the log in dir, creating it when missing, and reads back what an
// earlier run left. Nobody else may have it open: the lock on the data directory
// sees to that.
func Open(dir string, cfg Config) (*Log, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.defaults()
	l := &Log{
		dir: dir, cfg: cfg, m: newMetrics(cfg.Registerer),
		requests: make(chan *request, 1024), closing: make(chan struct{}), done: make(chan struct{}),
		index: map[sessionKey]*owner{}, grown: make(chan struct{}), next: 1,
	}
	if err := cfg.FS.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	start := cfg.Now()
	if err := l.recover(); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	l.takeBallast()
	l.gauges()
	l.m.healthy.Set(1)
	if l.live > 0 {
		cfg.Logger.Info("journal read back", slog.Int("chunks", l.live), slog.Int("segments", len(l.segments)),
			slog.Duration("took", cfg.Now().Sub(start)))
	}
	go l.write()
	return l, nil
}

// Append implements journal.Log.
func (l *Log) Append(ctx context.Context, chunks []journal.Chunk) ([]journal.Position, error) {
	if len(chunks) == 0 {
		return nil, nil
	}
	for i := range chunks {
		if err := storable(&chunks[i]); err != nil {
			return nil, err
		}
	}
	r := &request{chunks: chunks, done: make(chan struct{})}
	select {
	case l.requests <- r:
	case <-l.closing:
		return nil, journal.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-r.done:
		return r.positions, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.done:
		// The writer has ended; it may have answered just before.
		select {
		case <-r.done:
			return r.positions, r.err
		default:
			return nil, journal.ErrClosed
		}
	}
}

// storable says whether a chunk fits the format.
func storable(c *journal.Chunk) error {
	switch {
	case !c.Project.Valid(), c.Session != "" && !c.Session.Valid(), c.Visitor != "" && !c.Visitor.Valid(), !c.Record.Valid():
		return errors.New("append: a chunk with malformed ids")
	case len(c.Body) > 2*wire.MaxBody-4096:
		return fmt.Errorf("append: a body of %d bytes", len(c.Body))
	}
	return nil
}

// End implements journal.Log.
func (l *Log) End() journal.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Err says why appends are refused at present, nil when they are not: readiness.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure
}

// Close implements journal.Log.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	close(l.closing)
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		l.retire(s)
	}
	l.segments = nil
	return nil
}
