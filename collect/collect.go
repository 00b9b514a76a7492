// Package collect is the door: it serves the recorder and its configuration, and
// takes chunks. Addresses and user agents exist only here, and only until they are
// reduced (privacy.md 2.4). A chunk is acknowledged when it is durable.
//
// The decisions are a pure state machine (core.go): step(state, event, now) gives
// effects, which the HTTP shell carries out.
package collect

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"footpath/journal"
)

// Collector serves the public side of Footpath.
type Collector struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	m       *metrics
	netSalt []byte // keys the networks in the limits; never leaves memory

	mu      sync.Mutex
	core    *state
	waiting map[uint64]chan answer

	ids      atomic.Uint64
	projects atomic.Pointer[projects]
	notify   chan struct{}
	pulse    *pulse
	ready    chan struct{} // closed when the journal has been read back
	isReady  atomic.Bool
}

// New makes a collector; nothing happens before Run.
func New(cfg Config, deps Deps) (*Collector, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := deps.validate(); err != nil {
		return nil, err
	}
	cfg.defaults()
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Collector{
		cfg: cfg, deps: deps, log: deps.Logger, m: newMetrics(deps.Registerer), netSalt: make([]byte, 32),
		core: newState(cfg, deps.Secret), waiting: map[uint64]chan answer{},
		notify: make(chan struct{}, 1), pulse: newPulse(), ready: make(chan struct{}),
	}
	_, _ = rand.Read(c.netSalt) // never fails since Go 1.24
	c.projects.Store(&projects{})
	return c, nil
}

// Run reads the journal back, then keeps projects fresh, writes pulses and lets
// the core forget, until ctx ends. Chunks are refused with 503 before it is ready.
func (c *Collector) Run(ctx context.Context) error {
	if err := c.refresh(ctx, true); err != nil {
		return fmt.Errorf("collect: read projects: %w", err)
	}
	if err := c.restore(ctx); err != nil {
		return fmt.Errorf("collect: read the journal back: %w", err)
	}
	c.isReady.Store(true)
	close(c.ready)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		hard := n%10 == 0
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			c.flushPulse(last)
			return nil
		case <-c.notify:
			hard = true
		case <-tick.C:
		}
		if err := c.refresh(ctx, hard); err != nil && ctx.Err() == nil {
			c.log.Error("read projects; those known stay in force", slog.Any("error", err))
		}
		c.flushPulse(ctx)
		if hard {
			c.apply(ticked{})
		}
		c.gauges()
	}
}

// Ready is closed when chunks are accepted.
func (c *Collector) Ready() <-chan struct{} { return c.ready }

// Notify tells that projects have changed; otherwise it takes up to a second until
// a change is in force.
func (c *Collector) Notify() {
	select {
	case c.notify <- struct{}{}:
	default:
	}
}

var errCaughtUp = errors.New("caught up")

// restore rebuilds what the core remembers from the chunks of an earlier run.
func (c *Collector) restore(ctx context.Context) error {
	end := c.deps.Log.End()
	if end == 0 {
		return nil
	}
	n := 0
	err := c.deps.Log.Tail(ctx, 0, func(e journal.Entry) error {
		if e.Position <= end {
			n++
			ch := e.Chunk
			c.apply(restored{head: ch.Header, at: ch.Arrived, day: ch.Day, size: len(ch.Body)})
		}
		if e.Position >= end {
			return errCaughtUp
		}
		return nil
	})
	if err != nil && !errors.Is(err, errCaughtUp) {
		return err
	}
	c.log.Info("sessions taken up from the journal", slog.Int("chunks", n))
	return nil
}

// apply runs the core on one event and delivers the answers that come of it. It
// returns the effects that concern the event's own request.
func (c *Collector) apply(ev any) []any {
	c.mu.Lock()
	defer c.mu.Unlock()
	effects := c.core.step(ev, c.deps.Now().UnixMilli())
	for _, e := range effects {
		if r, ok := e.(reply); ok {
			if ch := c.waiting[r.id]; ch != nil {
				ch <- r.answer // buffered: a request is answered once
				delete(c.waiting, r.id)
			}
		}
	}
	return effects
}

func (c *Collector) gauges() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m.inFlight.Set(float64(c.core.inFlight))
	c.m.sessions.Set(float64(len(c.core.sessions)))
}

// Handler serves everything a browser on a site asks for.
func (c *Collector) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /recorder.js", c.serveLoader)
	if c.deps.CorePath != "" {
		mux.HandleFunc("GET "+c.deps.CorePath, c.serveCore)
	}
	mux.HandleFunc("GET /v1/config/{key}", c.serveConfig)
	mux.HandleFunc("GET /v1/texts/{key}/{version}", c.serveTexts)
	mux.HandleFunc("POST /v1/chunks", c.serveChunk)
	mux.HandleFunc("OPTIONS /v1/chunks", c.servePreflight)
	return c.guard(mux)
}

// guard keeps a panic in one request from ending the process (fault 27). What it
// logs names the place, never the input.
func (c *Collector) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause)
			}
			c.m.panics.Inc()
			c.log.Error("panic while serving", slog.String("place", panicPlace()))
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusInternalServerError)
		}()
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
