package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/api"
	"footpath/collect"
	"footpath/internal/config"
	"footpath/internal/httpx"
	"footpath/internal/obs"
	"footpath/privacy/erasure"
	"footpath/privacy/retention"
	"footpath/process"
	"footpath/recorder"
	"footpath/report"
	"footpath/web"
)

const serveUsage = `Usage: footpath serve [flags]

Serves the recorder, the collector and the dashboard from one data directory. The
first start prints a set-up token: open the address it prints, and make the first
user with it. Stop it with SIGTERM or Ctrl-C: requests under way are finished.
`

func serve(ctx context.Context, args []string, s std) error {
	cfg, rest, err := load(flags("serve", serveUsage, s), args, s)
	if err != nil {
		return err
	}
	if err := only(rest); err != nil {
		return err
	}
	return runServer(ctx, cfg, s, serverHooks{ready: printWelcome})
}

// serverHooks let the demo fill the stores before anything runs, and say more.
type serverHooks struct {
	demo  bool
	sites []func(context.Context) error
	fill  func(ctx context.Context, st *stores) error
	ready func(ctx context.Context, cfg config.Config, st *stores, s std) error
}

// runServer wires the rooms in the order in which data meets them and runs them
// until ctx ends.
func runServer(ctx context.Context, cfg config.Config, s std, hooks serverHooks) (err error) {
	log, err := obs.Logger(s.err, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return err
	}
	metrics := obs.NewRegistry(version)
	public, admin, err := listeners(cfg)
	if err != nil {
		return err
	}
	st, err := openStores(cfg, log, metrics)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if hooks.fill != nil {
		if err := hooks.fill(ctx, st); err != nil {
			return err
		}
	}

	collector, err := newCollector(cfg, st, log, metrics)
	if err != nil {
		return err
	}
	processor, err := process.New(process.Config{}, process.Deps{
		Log: st.log, Keys: st.keys, Meta: st.meta, Events: st.events, Recordings: st.recordings, Secret: st.users,
		Logger: log, Registerer: metrics,
	})
	if err != nil {
		return err
	}
	eraser, err := erasure.New(st.erasing(collector.Notify, log, metrics))
	if err != nil {
		return err
	}
	expiry, err := retention.New(st.keeping(log, metrics))
	if err != nil {
		return err
	}
	reports := report.New(report.Deps{Events: st.events, Recordings: st.recordings, Log: st.log, Keys: st.keys, Meta: st.meta})
	console, err := api.New(apiConfig(cfg, hooks.demo), api.Deps{Meta: st.meta, Reports: reports, Eraser: eraser, Logger: log, Registerer: metrics})
	if err != nil {
		return err
	}
	pages, err := newPages(cfg)
	if err != nil {
		return err
	}
	probes := &health{stopping: ctx.Done(), checks: checksOf(st)}
	handler := front(cfg.Server.Prefix, collector.Handler(), console.Handler(), pages, probes)

	if err := hooks.ready(ctx, cfg, st, s); err != nil {
		return err
	}
	return runRooms(ctx, cfg, log, rooms{public, admin, handler, metrics, collector.Run, processor.Run, []keeper{{"erasure", eraser.Run}, {"retention", expiry.Run}}, hooks.sites})
}

// newCollector fits the collector with the recorder it serves.
func newCollector(cfg config.Config, st *stores, log *slog.Logger, metrics prometheus.Registerer) (*collect.Collector, error) {
	core, body, sri := recorder.Core()
	deps := collect.Deps{
		Log: st.log, Keys: st.keys, Meta: st.meta, Secret: st.tokens,
		Loader: recorder.Loader(), CorePath: core, Core: body, CoreSRI: sri,
		Logger: log, Registerer: metrics,
	}
	if st.countries != nil {
		deps.Country = st.countries
	}
	trusted, err := prefixes(cfg.Server.TrustedProxies)
	if err != nil {
		return nil, err
	}
	return collect.New(collect.Config{Trusted: trusted}, deps)
}

// newPages serves the dashboard's files.
func newPages(cfg config.Config) (http.Handler, error) {
	peers, err := httpx.NewPeers(cfg.Server.PublicURL, cfg.Server.TrustedProxies)
	if err != nil {
		return nil, err
	}
	return web.Handler(web.Config{Prefix: cfg.Server.Prefix, Secure: peers.Secure})
}

// prefixes parses networks, which the configuration has checked.
func prefixes(texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, t := range texts {
		p, err := netip.ParsePrefix(t)
		if err != nil {
			return nil, fmt.Errorf("trusted proxies: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}

func apiConfig(cfg config.Config, demo bool) api.Config {
	return api.Config{
		Prefix: cfg.Server.Prefix, PublicURL: cfg.Server.PublicURL, TrustedProxies: cfg.Server.TrustedProxies,
		InsecureHTTP: cfg.Server.InsecureHTTP, Version: version, Demo: demo,
	}
}

// printWelcome prints where the dashboard is and, as long as nobody can sign in,
// the one-time token for the first user (S38).
func printWelcome(ctx context.Context, cfg config.Config, st *stores, s std) error {
	token, err := api.NewSetupToken(ctx, st.meta, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Footpath %s serves %s\n", version, cfg.Public())
	if token != "" {
		fmt.Fprintf(s.out, "\nThere is no user yet. Open %s/ and create the first one with the\nset-up token: %s\n(it works once, within 24 hours)\n", cfg.Public(), token)
	}
	return nil
}
