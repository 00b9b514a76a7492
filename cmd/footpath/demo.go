package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"footpath/demo"
	"footpath/internal/config"
	"footpath/internal/lock"
)

const demoUsage = `Usage: footpath demo [flags]

Shows everything on this machine: a site of a made-up planning service with the
recorder on it, and the dashboard with eight weeks of made-up visitors. Browse the
site, agree in its banner, and see your own visit in the dashboard.

It keeps its data in a directory of its own until -fresh is given, listens on
loopback only, and makes a new password at each start.
`

// demoMark is a file in a demo's data directory: nothing else is ever emptied.
const demoMark = "demo"

// Addresses that the demo takes when they are free and none is given.
const (
	demoSite  = "localhost:4001"
	demoOther = "127.0.0.1:4002"
)

// demoFlags are the flags of demo.
type demoFlags struct {
	fresh bool
	empty bool
	site  string
	other string
}

func runDemo(ctx context.Context, args []string, s std) error {
	var f demoFlags
	set := flags("demo", demoUsage, s)
	set.BoolVar(&f.fresh, "fresh", false, "begin anew: empty the demo's data directory first")
	set.BoolVar(&f.empty, "empty", false, "no made-up visitors")
	set.StringVar(&f.site, "site", "", "loopback host:port of the demo site (default "+demoSite+", or another port when it is taken)")
	set.StringVar(&f.other, "site2", "", "the same for the copy in the smartlook profile (default "+demoOther+")")
	cfg, rest, err := load(set, args, s, "data", "listen", "admin")
	if err != nil {
		return err
	}
	if err := only(rest); err != nil {
		return err
	}
	if !config.Loopback(cfg.Server.Listen) {
		return usagef("the demo listens on loopback only, not on %s", cfg.Server.Listen)
	}
	if err := demoDir(&cfg, f.fresh); err != nil {
		return err
	}
	d, err := newDemo(&cfg, f)
	if err != nil {
		return err
	}
	return runServer(ctx, cfg, s, d.hooks())
}

// demoDir chooses the directory, and empties it if that is asked for and it is one
// of ours.
func demoDir(cfg *config.Config, fresh bool) error {
	if cfg.Origin("data.dir") == "default" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return usagef("there is no cache directory (%v): give one with -data", err)
		}
		cfg.Data.Dir = filepath.Join(cache, "footpath-demo")
	}
	dir := cfg.Data.Dir
	held, err := lock.Acquire(dir)
	if err != nil {
		return err
	}
	defer held.Release()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read %s: %w", dir, err)
	}
	mark := filepath.Join(dir, demoMark)
	if _, err := os.Stat(mark); errors.Is(err, fs.ErrNotExist) {
		if len(entries) > 1 { // more than the lock
			return usagef("%s is no demo's directory: give an empty one with -data", dir)
		}
		return os.WriteFile(mark, []byte("This directory belongs to footpath demo; -fresh empties it.\n"), 0o600)
	}
	if !fresh {
		return nil
	}
	for _, e := range entries {
		if name := e.Name(); name != demoMark && name != lock.Name {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("empty demo directory: %w", err)
			}
		}
	}
	return nil
}

// demoRun is a demo that runs: its two sites and what they belong to.
type demoRun struct {
	flags       demoFlags
	sites       [2]*demoPlace
	collector   string
	name, token string // to sign in
}

// demoPlace is one copy of the demo site.
type demoPlace struct {
	listener net.Listener
	address  string // as a browser writes it, without a slash at its end
	handler  *demo.Site
}

// newDemo takes the addresses. The sites' handlers come once their projects' keys
// are known.
func newDemo(cfg *config.Config, f demoFlags) (*demoRun, error) {
	d := &demoRun{flags: f}
	if given := cfg.Server.Listen; cfg.Origin("server.listen") == "default" || strings.HasSuffix(given, ":0") {
		free, err := freeAddress(given)
		if err != nil {
			return nil, err
		}
		cfg.Server.Listen = free
	}
	d.collector = cfg.Public()
	for i, ask := range []struct{ given, usual string }{{f.site, demoSite}, {f.other, demoOther}} {
		l, host, err := takeLoopback(ask.given, ask.usual)
		if err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, fmt.Errorf("demo site: %w", err)
		}
		d.sites[i] = &demoPlace{listener: l, address: "http://" + net.JoinHostPort(host, port)}
	}
	return d, nil
}

// freeAddress is usual, or another port of its host when that is taken.
func freeAddress(usual string) (string, error) {
	l, _, err := takeLoopback("", usual)
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// takeLoopback listens on the address given, or else on the usual one or, when
// that is taken, on a free port of its host.
func takeLoopback(given, usual string) (net.Listener, string, error) {
	if given != "" && !config.Loopback(given) {
		return nil, "", usagef("the demo listens on loopback only, not on %s", given)
	}
	address := given
	if given == "" {
		address = usual
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, "", usagef("%s is not host:port", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil && given == "" {
		l, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, "", usagef("cannot listen on %s: %v", address, err)
	}
	return l, host, nil
}

func (d *demoRun) hooks() serverHooks {
	h := serverHooks{demo: true, fill: d.fill, ready: d.welcome}
	for _, place := range d.sites {
		h.sites = append(h.sites, func(ctx context.Context) error {
			return serveUntil(ctx, place.listener, place.handler, time.Second, nil)
		})
	}
	return h
}

// welcome prints the two addresses and how to sign in.
func (d *demoRun) welcome(_ context.Context, _ config.Config, _ *stores, s std) error {
	_, err := fmt.Fprintf(s.out, `
Site:      %s/
Dashboard: %s/

Sign in to the dashboard with the name: %s
and the password: %s

Agree to cookies on the site, look around, and find your own visit in the
dashboard. Ctrl-C ends the demo.
`, d.sites[0].address, d.collector, d.name, d.token)
	return err
}
