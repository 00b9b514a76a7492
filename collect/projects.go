package collect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"footpath/privacy/learn"
	"footpath/store/meta"
	"footpath/wire"
)

// projects is what is known of all projects at a time; it is replaced, never changed.
type projects struct {
	byKey map[wire.ProjectKey]*project
}

// project is one with what is derived from it.
type project struct {
	meta.Project
	config []byte // the answer of /v1/config
	etag   string
	texts  string // version of the public text set in force
}

func (ps *projects) get(key wire.ProjectKey) *project { return ps.byKey[key] }

// lists says whether an origin is one of any project's: a preflight does not say
// whose it is for.
func (ps *projects) lists(origin string) bool {
	if origin == "" {
		return false
	}
	for _, p := range ps.byKey {
		if !p.Revoked && listed(p.Domains, origin) {
			return true
		}
	}
	return false
}

// allows says whether a request may come from where it comes from. Browsers name
// the origin of every POST; one without is let through only when the browser says
// that it is our own page's, on a host that the project lists (S18). Nothing of
// this stops a forger outside a browser; it stops accidents and other sites.
func (p *project) allows(origin string, r *http.Request) bool {
	if origin != "" {
		return listed(p.Domains, origin)
	}
	return r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "same-origin" && listed(p.Domains, "https://"+strings.ToLower(r.Host))
}

// replays says whether DOM events may be kept: the switch is on, and it is stated
// what for and on what basis (ruling 2).
func (p *project) replays() bool {
	return p.Replay && p.Purpose != "" && p.LegalBasis != ""
}

// listed says whether an origin is one of the domains: an exact host, or
// *.host for everything below it, with the port unless it is the scheme's own.
func listed(domains []string, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.User != nil {
		return false
	}
	host := u.Host
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	for _, d := range domains {
		d = strings.ToLower(d)
		if below, ok := strings.CutPrefix(d, "*."); ok {
			if strings.HasSuffix(host, "."+below) {
				return true
			}
			continue
		}
		if host == d {
			return true
		}
	}
	return false
}

// refresh reads all projects; hard also asks again for their public text sets.
func (c *Collector) refresh(ctx context.Context, hard bool) error {
	all, err := c.deps.Meta.Projects(ctx)
	if err != nil {
		return err
	}
	old := c.projects.Load()
	now := c.deps.Now()
	next := &projects{byKey: make(map[wire.ProjectKey]*project, len(all))}
	for _, mp := range all {
		before := old.get(mp.Key)
		p := &project{Project: mp}
		if before != nil && !hard && before.Revision == mp.Revision {
			next.byKey[mp.Key] = before
			continue
		}
		set, err := c.deps.Meta.LatestTexts(ctx, mp.Key)
		switch {
		case err == nil:
			p.texts = set.Version
		case !errors.Is(err, meta.ErrNotFound):
			return err
		}
		if p.config, err = json.Marshal(c.configOf(p, now)); err != nil {
			return err
		}
		sum := sha256.Sum256(p.config)
		p.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
		next.byKey[mp.Key] = p
	}
	c.projects.Store(next)
	return nil
}

// visitorLife is 13 months, 395 days, in ms (ruling 10).
const visitorLife = 395 * 24 * 60 * 60 * 1000

// configOf is what the recorder is told of a project.
func (c *Collector) configOf(p *project, now time.Time) wire.Config {
	profile := meta.Strict
	if p.Profile == meta.Smartlook && now.Before(p.ProfileUntil) {
		profile = meta.Smartlook
	}
	consent := meta.OptIn // also for anything unknown: malformed state means no
	if p.Consent == meta.OptOut || p.Consent == meta.None {
		consent = p.Consent
	}
	return wire.Config{
		Version: 1, Enabled: !p.Revoked, Consent: consent, CountFirst: p.CountFirst, Replay: p.replays(),
		Profile: profile, Sampling: p.Sampling,
		IdleMs: minutes(p.IdleMinutes, 15), LongestMs: minutes(p.MaxMinutes, 60), LifeMs: visitorLife,
		GPC: p.GPC, DNT: p.DNT, Cookie: p.ConsentCookie, Storage: p.Storage, HostOnly: p.HostOnly,
		Bots: p.Bots, Identify: p.Identify, Texts: p.texts, Core: c.deps.CorePath, CoreSRI: c.deps.CoreSRI,
	}
}

func minutes(n, otherwise int) int64 {
	if n <= 0 {
		n = otherwise
	}
	return int64(n) * 60_000
}

// hashTexts is what /v1/texts answers for a set.
func hashTexts(set meta.TextSet) ([]byte, error) {
	body, err := json.Marshal(wire.Texts{Version: set.Version, Hashes: learn.Hashes(set.Texts)})
	if err != nil {
		return nil, fmt.Errorf("texts %s: %w", set.Version, err)
	}
	return body, nil
}
