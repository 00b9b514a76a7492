package process

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"footpath/replay"
	"footpath/store/meta"
	"footpath/wire"
)

// settings is what process needs of a project, as of when a chunk was read.
type settings struct {
	profile  replay.Profile
	allowed  map[string]bool // string properties that are kept
	identify bool
	replay   bool
	class    string // retention class of recordings
	idle     int64  // milliseconds
	longest  int64
}

// Defaults where a project's row says nothing (recorder.md, Sessions; ruling 10).
const (
	defaultIdle    = 15
	defaultLongest = 60
	defaultDays    = 30
	maxDays        = 90
)

func settingsOf(p meta.Project, now time.Time) *settings {
	s := &settings{
		allowed: map[string]bool{}, identify: p.Identify, replay: p.Replay,
		idle: minutes(p.IdleMinutes, defaultIdle), longest: minutes(p.MaxMinutes, defaultLongest),
	}
	// An expired exception counts as strict (ruling 5).
	if p.Profile == meta.Smartlook && (p.ProfileUntil.IsZero() || now.Before(p.ProfileUntil)) {
		s.profile = replay.Smartlook
	}
	for _, name := range p.AllowedProps {
		s.allowed[name] = true
	}
	days := p.ReplayDays
	if days <= 0 {
		days = defaultDays
	}
	s.class = fmt.Sprintf("%dd", min(days, maxDays))
	return s
}

func minutes(n, otherwise int) int64 {
	if n <= 0 {
		n = otherwise
	}
	return int64(n) * 60_000
}

// projects keeps the settings of projects in memory for a few seconds.
type projects struct {
	store meta.Store
	now   func() time.Time

	mu    sync.Mutex
	known map[wire.ProjectKey]projectEntry
	texts map[textsKey]textsEntry
}

type projectEntry struct {
	set *settings // nil: there is no such project
	at  time.Time
}

type textsKey struct {
	project wire.ProjectKey
	version string
}

type textsEntry struct {
	texts []string
	at    time.Time
	found bool
}

const (
	// settingsFor is how long a project's settings are believed: a change in the
	// dashboard acts within it.
	settingsFor = 5 * time.Second
	// missFor is how long a missing text set is believed missing.
	missFor = time.Minute
	// maxTextSets bounds the sets in memory; one set is some thousand texts.
	maxTextSets = 64
)

// settings gives a project's settings, nil when there is no such project.
func (p *projects) settings(ctx context.Context, key wire.ProjectKey) (*settings, error) {
	now := p.now()
	p.mu.Lock()
	e, ok := p.known[key]
	p.mu.Unlock()
	if ok && now.Sub(e.at) < settingsFor && now.Sub(e.at) >= 0 {
		return e.set, nil
	}
	project, err := p.store.Project(ctx, key)
	switch {
	case errors.Is(err, meta.ErrNotFound):
		e = projectEntry{at: now}
	case err != nil && ok:
		return e.set, nil // what was true a moment ago is better than stopping
	case err != nil:
		return nil, fmt.Errorf("settings of project %s: %w", key, err)
	default:
		e = projectEntry{set: settingsOf(project, now), at: now}
	}
	p.mu.Lock()
	p.known[key] = e
	p.mu.Unlock()
	return e.set, nil
}

// words gives the texts of a public text set; nil when it cannot be had, so that
// marks show as masked words.
func (p *projects) words(ctx context.Context, project wire.ProjectKey, version string) []string {
	if version == "" {
		return nil
	}
	k, now := textsKey{project, version}, p.now()
	p.mu.Lock()
	e, ok := p.texts[k]
	p.mu.Unlock()
	if ok && (e.found || now.Sub(e.at) < missFor) {
		return e.texts
	}
	set, err := p.store.Texts(ctx, project, version)
	e = textsEntry{texts: set.Texts, at: now, found: err == nil}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.texts) >= maxTextSets {
		clear(p.texts)
	}
	p.texts[k] = e
	return e.texts
}
