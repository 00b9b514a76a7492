// Package retention removes what is older than its project keeps it (ruling 10):
// recordings by the day, whole objects at a time, with their keys as soon as
// nothing else of the day is sealed with them; rows of events, sessions and counts
// by calendar months in the project's zone. It runs at the start and then once a
// day, and only when the clock can be believed (clock.go). Every step may be
// repeated, by several at a time: what is gone is not found again.
package retention

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
)

// Deps are the stores that hold something for a time. All but Now, Elapsed, Logger
// and Registerer must be given.
type Deps struct {
	Keys       keys.Store
	Recordings recordings.Store
	Events     events.Store
	Log        journal.Log
	Meta       meta.Store
	Now        func() time.Time
	// Elapsed is a clock that nobody sets: the time since some start. The process's
	// monotonic clock when nil.
	Elapsed    func() time.Duration
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Retention removes what has expired.
type Retention struct {
	deps    Deps
	log     *slog.Logger
	metrics metrics
	mu      sync.Mutex // one run at a time
	watch   watch
}

type metrics struct {
	removed *prometheus.CounterVec
	last    prometheus.Gauge
	held    prometheus.Gauge
	failed  prometheus.Counter
}

// New makes the room; Run starts it.
func New(deps Deps) (*Retention, error) {
	if deps.Keys == nil || deps.Recordings == nil || deps.Events == nil || deps.Log == nil || deps.Meta == nil {
		return nil, errors.New("retention: a store is missing")
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Elapsed == nil {
		began := time.Now()
		deps.Elapsed = func() time.Duration { return time.Since(began) }
	}
	if deps.Logger == nil {
		deps.Logger = obs.Discard()
	}
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "footpath", Subsystem: "retention", Name: name, Help: help}
	}
	return &Retention{deps: deps, log: deps.Logger, metrics: metrics{
		removed: obs.Register(deps.Registerer, prometheus.NewCounterVec(prometheus.CounterOpts(opts("removed_total", "What retention removed, by kind.")), []string{"what"})),
		last:    obs.Register(deps.Registerer, prometheus.NewGauge(prometheus.GaugeOpts(opts("last_run_timestamp_seconds", "When retention last ran to its end.")))),
		held:    obs.Register(deps.Registerer, prometheus.NewGauge(prometheus.GaugeOpts(opts("held", "1 while the clock is not believed, so that nothing is removed.")))),
		failed:  obs.Register(deps.Registerer, prometheus.NewCounter(prometheus.CounterOpts(opts("failures_total", "Runs that must be tried again.")))),
	}}, nil
}

// lookEvery is how often the clock is looked at: short against maxAway, so that
// the mark is never far behind, and against confirmAfter.
const lookEvery = 10 * time.Minute

// Run looks at the clock every ten minutes and removes what has expired once in
// each UTC day, until ctx ends. What failed is tried again at the next look.
func (r *Retention) Run(ctx context.Context) error {
	clock := time.NewTicker(lookEvery)
	defer clock.Stop()
	for {
		if _, err := r.Look(ctx); err != nil && ctx.Err() == nil {
			r.metrics.failed.Inc()
			r.log.Error("retention is tried again later", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-clock.C:
		}
	}
}

// Removed is what a run has removed.
type Removed struct {
	Groups  int // days and classes of recordings
	Replays int // single recordings
	Rows    events.Removed
	Keys    int // days of keys
}

// Look judges the clock and runs when a run is due and the clock is believed. ran
// says whether it ran.
func (r *Retention) Look(ctx context.Context) (ran bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := r.readMark(ctx)
	if err != nil {
		return false, err
	}
	now := r.deps.Now()
	was := r.watch.held
	if !r.watch.believe(now, r.deps.Elapsed(), m.High) {
		r.metrics.held.Set(1)
		if !was {
			level := slog.LevelWarn
			if m.High == 0 {
				level = slog.LevelInfo // a new installation: nothing is wrong
			}
			r.log.Log(ctx, level, "retention waits until the clock is confirmed", "why", r.watch.why, "after", confirmAfter)
		}
		return false, nil
	}
	r.metrics.held.Set(0)
	m.High = now.UnixMilli()
	if m.Ran != 0 && calendar(time.UnixMilli(m.Ran), time.UTC).Equal(calendar(now, time.UTC)) {
		return false, r.writeMark(ctx, m)
	}
	if _, err := r.remove(ctx, now); err != nil {
		return false, err
	}
	m.Ran = now.UnixMilli()
	return true, r.writeMark(ctx, m)
}

// Once runs now, at the word of a person that the clock is right.
func (r *Retention) Once(ctx context.Context) (Removed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.deps.Now()
	removed, err := r.remove(ctx, now)
	if err != nil {
		return removed, err
	}
	return removed, r.writeMark(ctx, mark{High: now.UnixMilli(), Ran: now.UnixMilli()})
}

// Doubt says why the clock is not believed at a first look; empty when it is.
func (r *Retention) Doubt(ctx context.Context) (string, error) {
	m, err := r.readMark(ctx)
	if err != nil {
		return "", err
	}
	var w watch
	w.believe(r.deps.Now(), r.deps.Elapsed(), m.High)
	return w.why, nil
}

// remove carries a plan out.
func (r *Retention) remove(ctx context.Context, now time.Time) (Removed, error) {
	var did Removed
	plan, err := r.Plan(ctx, now)
	if err != nil {
		return did, err
	}
	began := time.Now()
	for _, step := range []func(context.Context, Plan, *Removed) error{r.dropGroups, r.dropReplays, r.expireRows, r.dropKeys} {
		if err := step(ctx, plan, &did); err != nil {
			return did, fmt.Errorf("retention: %w", err)
		}
	}
	r.metrics.last.Set(float64(now.Unix()))
	r.log.Info("retention has run", "recording days", did.Groups, "recordings", did.Replays, "events", did.Rows.Events,
		"sessions", did.Rows.Sessions, "counts", did.Rows.Counts, "key days", did.Keys, "took", time.Since(began).Round(time.Millisecond))
	return did, nil
}

func (r *Retention) note(what string, n int64) {
	if n > 0 {
		r.metrics.removed.WithLabelValues(what).Add(float64(n))
	}
}

func (r *Retention) dropGroups(ctx context.Context, plan Plan, did *Removed) error {
	for _, g := range plan.Groups {
		if err := r.deps.Recordings.DropDay(ctx, g.Day, g.Class); err != nil {
			return err
		}
		did.Groups++
		r.note("recording_days", 1)
	}
	return nil
}

// dropReplays destroys the key first: the bytes stay in their object until its day
// is dropped.
func (r *Retention) dropReplays(ctx context.Context, plan Plan, did *Removed) error {
	for _, s := range plan.Replays {
		if err := r.deps.Keys.Destroy(ctx, keys.Name{Project: s.Project, ID: s.Session, Day: s.Day}); err != nil {
			return err
		}
		if err := r.deps.Recordings.Erase(ctx, s.Day, s.Project, s.Session); err != nil {
			return err
		}
		did.Replays++
		r.note("recordings", 1)
	}
	return nil
}

func (r *Retention) expireRows(ctx context.Context, plan Plan, did *Removed) error {
	for _, c := range plan.Rows {
		removed, err := r.deps.Events.Expire(ctx, c.Project, c.Before.UnixMilli())
		if err != nil {
			return fmt.Errorf("rows of project %s: %w", c.Project, err)
		}
		did.Rows.Add(removed)
	}
	r.note("events", did.Rows.Events)
	r.note("sessions", did.Rows.Sessions)
	r.note("counts", did.Rows.Counts)
	return r.deps.Events.Scrub(ctx)
}

func (r *Retention) dropKeys(ctx context.Context, plan Plan, did *Removed) error {
	for _, day := range plan.Keys {
		if err := r.deps.Keys.DropDay(ctx, day); err != nil {
			return err
		}
		did.Keys++
		r.note("key_days", 1)
	}
	return nil
}
