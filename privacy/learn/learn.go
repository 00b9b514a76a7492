// Package learn finds out which texts of a site the public can read (privacy.md,
// rule T; ruling 16): it reads the site as a stranger would, without cookies and
// without a login, and keeps the texts of its pages. In the strict profile only
// these leave a visitor's browser, and only as their index.
//
// It leaves out what looks like personal data, texts that only the detail pages
// of a listing have, and what the site marks as a register; a person approves the
// rest. Anything it misses stays masked, which is the safe side.
package learn

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"footpath/store/meta"
	"footpath/wire"
)

// Config bounds a crawl. The zero value of a bound is replaced by its default.
type Config struct {
	Start string // address to begin at; only its origin is read
	// MaxPages, MaxDepth: pages read, and links followed from the start.
	MaxPages, MaxDepth int
	MaxBytes           int64         // of all pages together
	MaxTime            time.Duration // for the whole crawl
	Delay              time.Duration // between two requests; robots.txt may ask for more
	Client             *http.Client  // its redirects and cookies are not used
}

// Bounds of a crawl that names none. 500 pages are a large service's public
// part; 64 MB is 500 pages of 128 KB, twice what the heaviest seed-like page has.
const (
	defaultPages = 500
	defaultDepth = 8
	defaultBytes = 64 << 20
	defaultTime  = 10 * time.Minute
	defaultDelay = 100 * time.Millisecond
)

// NoDelay reads as fast as the site answers: for one's own loopback.
const NoDelay = -1

// UserAgent names us to the site and in its robots.txt ("footpath-learn").
const UserAgent = "footpath-learn/1"

// Result is what a crawl found.
type Result struct {
	Texts   []string       // sorted: what would be public
	Pages   []string       // addresses read, in order
	LeftOut map[string]int // texts left out, by reason
	Skipped map[string]int // addresses not read, by reason
}

// Crawler reads one site once.
type Crawler struct {
	cfg    Config
	origin *url.URL
}

// New checks the configuration; nothing is read yet.
func New(cfg Config) (*Crawler, error) {
	start, err := url.Parse(cfg.Start)
	if err != nil || start.Host == "" || start.Scheme != "http" && start.Scheme != "https" {
		return nil, fmt.Errorf("learn: %q is not an http or https address", cfg.Start)
	}
	if start.User != nil {
		return nil, fmt.Errorf("learn: the address must not hold a user: only what a stranger can read is public")
	}
	cfg.MaxPages = orDefault(cfg.MaxPages, defaultPages)
	cfg.MaxDepth = orDefault(cfg.MaxDepth, defaultDepth)
	cfg.MaxBytes = orDefault(cfg.MaxBytes, defaultBytes)
	cfg.MaxTime = orDefault(cfg.MaxTime, defaultTime)
	cfg.Delay = orDefault(cfg.Delay, defaultDelay)
	if cfg.Client == nil {
		cfg.Client = http.DefaultClient
	}
	return &Crawler{cfg: cfg, origin: start}, nil
}

// Run reads the site until it is read or a bound is reached (which is told in
// Result.Skipped). It fails when the start cannot be read.
func (c *Crawler) Run(ctx context.Context) (Result, error) {
	bounded, cancel := context.WithTimeout(ctx, c.cfg.MaxTime)
	defer cancel()
	w := newWalk(bounded, c)
	if err := w.run(); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("learn: stopped: %w", err)
	}
	texts, leftOut := w.sightings.public()
	return Result{Texts: texts, Pages: w.read, LeftOut: leftOut, Skipped: w.skipped}, nil
}

// Set makes the version of a project's public texts that these texts are. It is
// not approved.
func Set(project wire.ProjectKey, texts []string, now time.Time, by string) meta.TextSet {
	texts = slices.Compact(slices.Sorted(slices.Values(texts)))
	return meta.TextSet{Project: project, Version: Version(texts), Texts: texts, Created: now, By: by}
}

// Diff says which texts are new and which are gone.
func Diff(before, after []string) (added, removed []string) {
	return missing(after, before), missing(before, after)
}

// missing lists what is in a and not in b.
func missing(a, b []string) []string {
	has := make(map[string]bool, len(b))
	for _, t := range b {
		has[t] = true
	}
	var out []string
	for _, t := range a {
		if !has[t] {
			out = append(out, t)
		}
	}
	return out
}

func orDefault[T int | int64 | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}
