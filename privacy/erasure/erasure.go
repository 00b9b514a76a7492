// Package erasure destroys sessions and projects for good. An erasure is first
// written to the erasure journal (store/meta), so that a crash in the middle is
// taken up again at the next start, and then carried out in an order in which
// nothing can be read from the first step on: keys, then rows, recordings and the
// journal's entries, and at last the files are rewritten. Every step may be
// repeated.
//
// What is on its way meanwhile does not undo it: the key store refuses the key of
// an erased session to collect (409), the project is gone from metadata before its
// keys go (401), and process looks again after each write (process/undo.go). Only
// a crash between that write and that look leaves rows, so the erasures that were
// finished last are carried out once more at each start.
package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/store/recordings"
	"footpath/wire"
)

// Deps are the stores that hold something of a session. All but Now, Logger,
// Registerer and Changed must be given.
type Deps struct {
	Keys       keys.Store
	Recordings recordings.Store
	Events     events.Store
	Log        journal.Log
	Meta       meta.Store
	// Changed is told when a project has gone, so that the door closes at once.
	Changed    func()
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Eraser erases. Its methods may be used without Run, which only takes up what is
// not finished.
type Eraser struct {
	deps    Deps
	log     *slog.Logger
	metrics metrics
	kick    chan struct{}

	mu sync.Mutex // one erasure at a time
	// fail is asked before each step; tests make it say that the process dies there.
	fail func(step string) error
}

type metrics struct {
	finished *prometheus.CounterVec
	failures prometheus.Counter
	pending  prometheus.Gauge
}

// New makes an eraser; nothing happens before it is asked.
func New(deps Deps) (*Eraser, error) {
	if deps.Keys == nil || deps.Recordings == nil || deps.Events == nil || deps.Log == nil || deps.Meta == nil {
		return nil, errors.New("erasure: a store is missing")
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Logger == nil {
		deps.Logger = obs.Discard()
	}
	if deps.Changed == nil {
		deps.Changed = func() {}
	}
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "footpath", Subsystem: "erasure", Name: name, Help: help}
	}
	e := &Eraser{deps: deps, log: deps.Logger, kick: make(chan struct{}, 1), fail: func(string) error { return nil }}
	e.metrics = metrics{
		finished: obs.Register(deps.Registerer, prometheus.NewCounterVec(prometheus.CounterOpts(opts("finished_total", "Erasures finished.")), []string{"what"})),
		failures: obs.Register(deps.Registerer, prometheus.NewCounter(prometheus.CounterOpts(opts("failures_total", "Erasures that must be tried again.")))),
		pending:  obs.Register(deps.Registerer, prometheus.NewGauge(prometheus.GaugeOpts(opts("pending", "Erasures not finished.")))),
	}
	return e, nil
}

const (
	// retryEvery is the pause before an erasure that failed is tried again.
	retryEvery = time.Minute
	// again is how many of the erasures finished last are repeated at a start. What
	// a crash can have left is of the last second; a hundred is far more.
	again = 100
	// most bounds a list of pending ones: more are taken up in the next round.
	most = 1_000
)

// Run repeats the erasures finished last, then finishes those that are pending and
// those that Begin adds, until ctx ends.
func (e *Eraser) Run(ctx context.Context) error {
	if err := e.repeat(ctx); err != nil && ctx.Err() == nil {
		e.metrics.failures.Inc()
		e.log.Error("erasures of before could not be repeated", "err", err)
	}
	clock := time.NewTicker(retryEvery)
	defer clock.Stop()
	for {
		if err := e.Resume(ctx); err != nil && ctx.Err() == nil {
			e.metrics.failures.Inc()
			e.log.Error("an erasure is tried again later", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.kick:
		case <-clock.C:
		}
	}
}

// Resume finishes what is pending, oldest first. One that fails does not keep the
// others.
func (e *Eraser) Resume(ctx context.Context) error {
	pending, err := e.deps.Meta.Erasures(ctx, true, most)
	if err != nil {
		return fmt.Errorf("erasure: pending ones: %w", err)
	}
	e.metrics.pending.Set(float64(len(pending)))
	var errs []error
	for i := len(pending) - 1; i >= 0; i-- {
		if _, err := e.finish(ctx, pending[i]); err != nil {
			errs = append(errs, err)
			continue
		}
		e.metrics.pending.Dec()
	}
	return errors.Join(errs...)
}

// repeat carries out the erasures finished last once more, against rows that came
// between the last look and a crash. A project that was made anew under the same
// key is left alone.
func (e *Eraser) repeat(ctx context.Context) error {
	last, err := e.deps.Meta.Erasures(ctx, false, again)
	if err != nil {
		return fmt.Errorf("erasure: finished ones: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, done := range last {
		if done.Done.IsZero() {
			continue
		}
		if _, err := e.deps.Meta.Project(ctx, done.Project); done.Session == "" && !errors.Is(err, meta.ErrNotFound) {
			continue
		}
		if err := e.carry(ctx, &done); err != nil {
			return err
		}
	}
	return nil
}

// Session erases one session and returns when all of it is gone; the receipt says
// how much that was.
func (e *Eraser) Session(ctx context.Context, at Place, why, by string) (meta.Erasure, error) {
	entry, err := e.deps.Meta.PutErasure(ctx, meta.Erasure{
		Project: at.Project, Session: at.Session, Day: at.Day, Start: at.Start, Why: why, By: by, Asked: e.deps.Now().UTC(),
	})
	if err != nil {
		return entry, fmt.Errorf("erase session %s: %w", at.Session, err)
	}
	return e.finish(ctx, entry)
}

// Begin makes the erasure of a project certain: it is in the journal and the
// project no longer exists. Run does the rest.
func (e *Eraser) Begin(ctx context.Context, project wire.ProjectKey, why, by string) (meta.Erasure, error) {
	entry, err := e.deps.Meta.PutErasure(ctx, meta.Erasure{Project: project, Why: why, By: by, Asked: e.deps.Now().UTC()})
	if err == nil {
		err = e.close(ctx, project)
	}
	if err != nil {
		return entry, fmt.Errorf("erase project %s: %w", project, err)
	}
	select {
	case e.kick <- struct{}{}:
	default:
	}
	return entry, nil
}

// Project erases a project and returns when all of it is gone.
func (e *Eraser) Project(ctx context.Context, project wire.ProjectKey, why, by string) (meta.Erasure, error) {
	entry, err := e.Begin(ctx, project, why, by)
	if err != nil {
		return entry, err
	}
	return e.finish(ctx, entry)
}

// close takes a project out of metadata: from then on nothing more is taken in.
func (e *Eraser) close(ctx context.Context, project wire.ProjectKey) error {
	err := e.deps.Meta.DeleteProject(ctx, project)
	if errors.Is(err, meta.ErrNotFound) {
		return nil
	}
	e.deps.Changed()
	return err
}

// finish carries an erasure out, audits it and marks it done. Two at a time do it
// once: the second finds it done.
func (e *Eraser) finish(ctx context.Context, entry meta.Erasure) (meta.Erasure, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if done, err := e.done(ctx, entry.ID); err != nil || !done.Done.IsZero() {
		return done, err
	}
	what := "session " + string(entry.Session)
	if entry.Session == "" {
		what = "project " + string(entry.Project)
	}
	if err := e.carry(ctx, &entry); err != nil {
		return entry, fmt.Errorf("erase %s: %w", what, err)
	}
	entry.Done = e.deps.Now().UTC()
	action, subject := "session.erased", string(entry.Session)
	if entry.Session == "" {
		action, subject = "project.erased", string(entry.Project)
	}
	err := e.deps.Meta.Append(ctx, meta.Audit{
		Time: entry.Done, User: entry.By, Action: action, Project: string(entry.Project), Subject: subject, Detail: Describe(entry),
	})
	if err == nil {
		err = e.step("finish", func() error { return e.deps.Meta.FinishErasure(ctx, entry) })
	}
	if err != nil {
		return entry, fmt.Errorf("erase %s: note that it is done: %w", what, err)
	}
	e.metrics.finished.WithLabelValues(action).Inc()
	e.log.Info("erased", "what", what, "keys", entry.Keys, "sessions", entry.Sessions, "rows", entry.Rows,
		"counts", entry.Counts, "segments", entry.Segments, "chunks", entry.Chunks)
	return entry, nil
}

// done looks whether somebody finished the entry while we waited.
func (e *Eraser) done(ctx context.Context, id int64) (meta.Erasure, error) {
	last, err := e.deps.Meta.Erasures(ctx, false, most)
	if err != nil {
		return meta.Erasure{}, fmt.Errorf("erasure %d: %w", id, err)
	}
	for _, one := range last {
		if one.ID == id {
			return one, nil
		}
	}
	return meta.Erasure{}, nil
}

// Describe puts a receipt's figures in words, for the audit log and the console.
func Describe(e meta.Erasure) string {
	return fmt.Sprintf("%s; destroyed: keys %d, sessions %d, rows %d, counts %d, recording segments %d, journal entries %d",
		e.Why, e.Keys, e.Sessions, e.Rows, e.Counts, e.Segments, e.Chunks)
}
