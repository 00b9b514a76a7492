// Package process is the station behind the journal: it puts chunks in order,
// derives sessions, page views, clicks and counts, writes them to the analytics
// tables, and seals the recordings of sessions that have ended. The core is a pure
// function (core.go); this file and the ones beside it carry out what it asks for.
//
// What is in the journal is never lost by a crash: rows are committed together
// with the journal's offset, and an entry is forgotten only when its session's
// recording is stored and its row says so (fault 57).
//
// A session is New when one of its page views says that the visitor id was made
// for it (wire.Page.First): the browser makes the id, so only it can know.
package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/store/recordings"
	"footpath/wire"

	"github.com/prometheus/client_golang/prometheus"
)

// Config of the station; the zero value of a field means its default.
type Config struct {
	// FlushEvery is how long rows wait for company: 700 ms, so that with one
	// transaction of the tables a chunk is counted within a second.
	FlushEvery time.Duration
	// FlushRows writes earlier: 2,000 rows, near where the engine's rate per
	// transaction stops growing (storage.md).
	FlushRows int
	// UnknownBytes bounds the unpacked chunks that wait until the stores have said
	// what they know of their sessions. 16 MB.
	UnknownBytes int
	// MaxBytes and MaxAge close a session: 500 MB unpacked, 12 h (fault 54).
	MaxBytes int64
	MaxAge   time.Duration
	// Farewell is how long a session stays open once all its pages were left; 2 min.
	Farewell time.Duration
	// Quiet is how long a session that is past its longest time must have been
	// silent, so that what is on its way still finds it open; 1 min.
	Quiet time.Duration
	// Retry is the first pause after a failed operation; doubled up to 64 times. 1 s.
	Retry time.Duration
	// SegmentBytes and SegmentSpan cut a recording's segments: 1 MB of events or 30 s.
	SegmentBytes int
	SegmentSpan  time.Duration
}

func (c *Config) defaults() {
	set(&c.FlushEvery, 700*time.Millisecond)
	set(&c.FlushRows, 2_000)
	set(&c.UnknownBytes, 16<<20)
	set(&c.MaxBytes, 500<<20)
	set(&c.MaxAge, 12*time.Hour)
	set(&c.Farewell, 2*time.Minute)
	set(&c.Quiet, time.Minute)
	set(&c.Retry, time.Second)
	set(&c.SegmentBytes, 1<<20)
	set(&c.SegmentSpan, 30*time.Second)
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Deps are the stores and tools of the station.
type Deps struct {
	Log        journal.Log
	Keys       keys.Store
	Events     events.Writer
	Recordings recordings.Store
	Meta       meta.Store
	// Secret keys the hash of identify(); without it no user id is kept.
	Secret     []byte
	Now        func() time.Time // the wall clock when nil
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Processor is the station. Run it once.
type Processor struct {
	cfg      Config
	deps     Deps
	log      *slog.Logger
	metrics  *metrics
	projects *projects
	decoder  *decoder
	values   *valueSets
	state    *state
	// start hands a build to the worker; tests carry it out at once.
	start func(ctx context.Context, b build)
	// fail is asked before each durable step; tests make it say that the process
	// dies there (fault 57).
	fail func(step string) error
}

// New makes the station; Run starts it.
func New(cfg Config, deps Deps) (*Processor, error) {
	if deps.Log == nil || deps.Keys == nil || deps.Events == nil || deps.Recordings == nil || deps.Meta == nil {
		return nil, errors.New("process: a store is missing")
	}
	cfg.defaults()
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Logger == nil {
		deps.Logger = slog.Default()
	}
	p := &Processor{cfg: cfg, deps: deps, log: deps.Logger, values: newValueSets()}
	p.metrics = newMetrics(deps.Registerer, p.log)
	p.projects = &projects{store: deps.Meta, now: deps.Now, known: map[wire.ProjectKey]projectEntry{}, texts: map[textsKey]textsEntry{}}
	p.decoder = &decoder{keys: deps.Keys, projects: p.projects, secret: deps.Secret, metrics: p.metrics}
	p.fail = func(string) error { return nil }
	return p, nil
}

// errDied is what fail answers where the process is to die: nothing is tried again.
var errDied = errors.New("process: died here")

// tickEvery is the grain of the core's time.
const tickEvery = 100 * time.Millisecond

// Run takes in what the journal holds and what is appended, until ctx ends or the
// journal closes. What waits for the next write is then in the journal still.
func (p *Processor) Run(ctx context.Context) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var others sync.WaitGroup // they use the stores, so Run ends after them
	defer others.Wait()
	defer cancel()
	// Decoded chunks that wait: enough that decoding and writing overlap.
	entries := make(chan *chunk, 64)
	tail := make(chan error, 1)
	others.Go(func() { tail <- p.tail(ctx, entries) })
	jobs, results := make(chan build, 1024), make(chan built)
	others.Go(func() { p.work(ctx, jobs, results) })
	p.start = func(ctx context.Context, b build) {
		select {
		case jobs <- b:
		default: // the worker is busy with a thousand others; asked again later
			step(p.state, built{key: b.key, upto: b.upto, seal: b.seal, outcome: buildFailed}, p.deps.Now().UnixMilli())
		}
	}
	clock := time.NewTicker(tickEvery)
	defer clock.Stop()
	for {
		var in input
		select {
		case c := <-entries:
			p.metrics.chunks.Inc()
			in = arrived{c}
		case b := <-results:
			in = b
		case <-clock.C:
			in = tick{}
		case err := <-tail:
			return ended(ctx, err)
		case <-ctx.Done():
			return nil
		}
		if err := p.handle(ctx, in); err != nil {
			return ended(ctx, err)
		}
	}
}

// ended tells an end that was wanted from a failure.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
		return nil
	}
	return err
}

// open reads where the tables stand.
func (p *Processor) open(ctx context.Context) error {
	offset, err := p.deps.Events.Offset(ctx)
	if err != nil {
		return fmt.Errorf("process: offset of the tables: %w", err)
	}
	all, err := p.deps.Meta.Projects(ctx)
	if err != nil {
		return fmt.Errorf("process: projects: %w", err)
	}
	for _, project := range all {
		text, err := p.deps.Meta.Value(ctx, valuesName(project.Key))
		if errors.Is(err, meta.ErrNotFound) || err == nil && text == "" {
			continue
		}
		if err == nil {
			err = p.values.load(project.Key, text)
		}
		if err != nil {
			return fmt.Errorf("process: property values of project %s: %w", project.Key, err)
		}
	}
	p.state = newState(p.cfg, offset, p.values)
	return nil
}

// tail decodes the journal's entries into out. The whole journal is read: entries
// up to the tables' offset rebuild the sessions that are still open.
func (p *Processor) tail(ctx context.Context, out chan<- *chunk) error {
	return p.deps.Log.Tail(ctx, 0, func(e journal.Entry) error {
		c, err := p.decode(ctx, e)
		if err != nil {
			return err
		}
		select {
		case out <- c:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// decode reads an entry, waiting for as long as the stores it needs cannot be asked.
func (p *Processor) decode(ctx context.Context, e journal.Entry) (*chunk, error) {
	for n := 0; ; n++ {
		c, err := p.decoder.read(ctx, e)
		if err == nil {
			return c, nil
		}
		if err := p.pause(ctx, "decode", n, err); err != nil {
			return nil, err
		}
	}
}

// pause waits before the next try and says so; the error is the context's.
func (p *Processor) pause(ctx context.Context, operation string, n int, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, errDied) {
		return err
	}
	p.metrics.failures.WithLabelValues(operation).Inc()
	p.log.Error("process: tried again", "operation", operation, "try", n+1, "err", err)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(p.cfg.Retry << min(n, 6)):
		return nil
	}
}
