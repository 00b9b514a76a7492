package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/config"
	"footpath/internal/obs"
)

// adminGrace is how long a scrape may take when we stop.
const adminGrace = time.Second

// listeners takes the addresses that will be served.
func listeners(cfg config.Config) (public, admin net.Listener, err error) {
	if public, err = listen(cfg, "server.listen", cfg.Server.Listen); err != nil {
		return nil, nil, err
	}
	secured, err := withTLS(cfg, public)
	if err != nil {
		return nil, nil, errors.Join(err, public.Close())
	}
	if cfg.Server.Admin != "" {
		if admin, err = listen(cfg, "server.admin", cfg.Server.Admin); err != nil {
			return nil, nil, errors.Join(err, secured.Close())
		}
	}
	return secured, admin, nil
}

// rooms is what runs at the same time.
type rooms struct {
	public, admin    net.Listener
	handler          http.Handler
	metrics          *prometheus.Registry
	collect, process func(context.Context) error
	keepers          []keeper                      // what looks after the stores
	sites            []func(context.Context) error // the demo's
}

// keeper is something that runs beside the others and has nothing to finish.
type keeper struct {
	name string
	run  func(context.Context) error
}

// runRooms runs until ctx ends or a room fails, and stops in the order of the
// data: no more requests first, then those who work off what they have left.
func runRooms(ctx context.Context, cfg config.Config, log *slog.Logger, r rooms) error {
	doors := newCrew(ctx)
	behind := newCrew(context.WithoutCancel(ctx))
	behind.start("collect", r.collect, doors.stop)
	behind.start("process", r.process, doors.stop)
	doors.start("serve", func(ctx context.Context) error {
		return serveUntil(ctx, r.public, r.handler, cfg.Server.ShutdownGrace-2*adminGrace, log)
	}, doors.stop)
	if r.admin != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", obs.MetricsHandler(r.metrics))
		doors.start("admin", func(ctx context.Context) error { return serveUntil(ctx, r.admin, mux, adminGrace, log) }, doors.stop)
	}
	for _, k := range r.keepers {
		doors.start(k.name, k.run, doors.stop)
	}
	for _, site := range r.sites {
		doors.start("site", site, doors.stop)
	}
	err := doors.wait()
	behind.stop()
	return errors.Join(err, behind.wait())
}

// crew is what is started and stopped together.
type crew struct {
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu   sync.Mutex
	errs []error
}

func newCrew(ctx context.Context) *crew {
	ctx, stop := context.WithCancel(ctx)
	return &crew{ctx: ctx, stop: stop}
}

// start runs f; when it ends, however that happens, after is called.
func (c *crew) start(name string, f func(context.Context) error, after func()) {
	c.wg.Go(func() {
		defer after()
		if err := f(c.ctx); err != nil && !(c.ctx.Err() != nil && errors.Is(err, context.Canceled)) {
			c.mu.Lock()
			c.errs = append(c.errs, fmt.Errorf("%s: %w", name, err))
			c.mu.Unlock()
		}
	})
}

// wait returns what went wrong once everything has ended.
func (c *crew) wait() error {
	c.wg.Wait()
	return errors.Join(c.errs...)
}
