package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"footpath/api"
	"footpath/demo"
	"footpath/internal/auth"
	"footpath/internal/synth"
	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/privacy/learn"
	"footpath/store/meta"
	"footpath/wire"
)

// demoKeys names the metadata value that holds the keys of the demo's projects.
const demoKeys = "demo/projects"

// demoHistory says how far the made-up history has come.
const demoHistory = "demo/history"

// demoUser signs in to the demo.
const demoUser = "demo"

// demoSessions is how many visits each project's history has: enough for every
// screen to be alive, few enough to be there within seconds. Half of them are of
// the four weeks that the dashboard shows first, the others what it compares with.
var demoSessions = [2]int{800, 120}

// demoDays is how far the history goes back. Replays are there for the younger
// half, as with the usual retention of 30 days.
const (
	demoDays   = 56
	replayDays = 29
)

// demoSeed makes every demo's history the same.
const demoSeed = 2026

// demoZone is where the made-up visitors live.
const demoZone = "Europe/London"

// fill makes what the demo needs and does not find: projects, the public texts,
// the user and, in a directory that has no history, the made-up visitors.
func (d *demoRun) fill(ctx context.Context, st *stores) error {
	projects, err := d.projects(ctx, st.meta)
	if err != nil {
		return err
	}
	for i, p := range projects {
		other := d.sites[1-i]
		place := d.sites[i]
		label := "This site with its text recorded in clear"
		if i == 1 {
			label = "This site with its text masked"
		}
		place.handler, err = demo.New(demo.Config{Collector: d.collector, Key: p.Key, Other: other.address, OtherLabel: label})
		if err != nil {
			return err
		}
	}
	texts, err := d.learn(ctx, st.meta, projects[0].Key)
	if err != nil {
		return err
	}
	if err := d.user(ctx, st.meta); err != nil {
		return err
	}
	return d.history(ctx, st, projects, texts)
}

// history makes up the visitors of a directory that has none. One that was
// stopped half way is not mended: the directory holds nothing of worth.
func (d *demoRun) history(ctx context.Context, st *stores, projects [2]meta.Project, texts meta.TextSet) error {
	const begun, done = "begun", "done"
	state, err := st.meta.Value(ctx, demoHistory)
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return fmt.Errorf("the demo's history: %w", err)
	}
	switch {
	case state == begun:
		return usagef("the demo was stopped while its history was made: start it with -fresh")
	case d.flags.empty || state == done || st.log.End() > 0:
		return nil
	}
	if err := st.meta.SetValue(ctx, demoHistory, begun); err != nil {
		return fmt.Errorf("the demo's history: %w", err)
	}
	for i, p := range projects {
		if err := d.seed(ctx, st, p, i, texts); err != nil {
			return err
		}
	}
	return st.meta.SetValue(ctx, demoHistory, done)
}

// projects finds the demo's projects or makes them, and lets them hear the sites
// where they are today.
func (d *demoRun) projects(ctx context.Context, store meta.Store) ([2]meta.Project, error) {
	var known [2]wire.ProjectKey
	var projects [2]meta.Project
	value, err := store.Value(ctx, demoKeys)
	if err == nil && value != "" {
		err = json.Unmarshal([]byte(value), &known)
	}
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return projects, fmt.Errorf("read the demo's projects: %w", err)
	}
	for i, key := range known {
		p, err := store.Project(ctx, key)
		switch {
		case errors.Is(err, meta.ErrNotFound):
			p, err = d.create(ctx, store, i)
		case err == nil:
			p.Domains = []string{strings.TrimPrefix(d.sites[i].address, "http://")}
			err = store.UpdateProject(ctx, p)
		}
		if err != nil {
			return projects, fmt.Errorf("the demo's project: %w", err)
		}
		projects[i], known[i] = p, p.Key
	}
	kept, err := json.Marshal(known)
	if err != nil {
		return projects, err
	}
	return projects, store.SetValue(ctx, demoKeys, string(kept))
}

// create makes the first project (strict) or the second (smartlook).
func (d *demoRun) create(ctx context.Context, store meta.Store, i int) (meta.Project, error) {
	text := func(s string) *string { return &s }
	yes := true
	domains := []string{strings.TrimPrefix(d.sites[i].address, "http://")}
	props := []string{"kind"}
	change := api.ProjectChange{
		Name: text("Hollowmere District Planning"), Domains: &domains,
		Purpose:    text("Find out where people who apply for planning permission get stuck, and make the form easier."),
		LegalBasis: text("consent"), Zone: text(demoZone), AllowedProps: &props,
		Replay: &yes, Country: &yes,
		Bots: &yes, // browsers that are driven by a program may look at the demo
	}
	if i == 1 {
		until := time.Now().AddDate(1, 0, 0)
		change.Name = text("Hollowmere, text in clear")
		change.Profile, change.ProfileUntil = text(meta.Smartlook), &until
		change.ProfileReason = text("Shows what a site that moves from Smartlook sees: text in clear, but never what is typed.")
	}
	p, changes, err := api.ChangeProject(meta.Project{}, api.NewProject(time.Now()), change, operator(), time.Now())
	if err != nil {
		return p, errors.New(message(err))
	}
	if err := store.CreateProject(ctx, p); err != nil {
		return p, err
	}
	return p, audit(ctx, store, meta.Audit{Action: "project.create", Project: string(p.Key), Subject: p.Name, Detail: strings.Join(changes, "; ")})
}

// learn reads the demo site over plain HTTP as a stranger and approves what it
// finds. The site listens for nobody else yet.
func (d *demoRun) learn(ctx context.Context, store meta.Store, key wire.ProjectKey) (meta.TextSet, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return meta.TextSet{}, fmt.Errorf("learn the demo site: %w", err)
	}
	server := &http.Server{Handler: d.sites[0].handler, ReadHeaderTimeout: headerTimeout}
	go func() { _ = server.Serve(l) }() // ends with Close
	defer server.Close()
	crawler, err := learn.New(learn.Config{Start: "http://" + l.Addr().String() + "/", Delay: learn.NoDelay})
	if err != nil {
		return meta.TextSet{}, err
	}
	found, err := crawler.Run(ctx)
	if err != nil {
		return meta.TextSet{}, err
	}
	set := learn.Set(key, found.Texts, time.Now().UTC(), operator())
	latest, err := store.LatestTexts(ctx, key)
	if err == nil && latest.Version == set.Version {
		return latest, nil
	}
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return set, fmt.Errorf("read approved texts: %w", err)
	}
	set.Approved = set.Created
	return set, putTexts(ctx, store, set)
}

// user gives the demo's user a new password: none is known beforehand (S38).
func (d *demoRun) user(ctx context.Context, store meta.Store) error {
	d.name, d.token = demoUser, auth.NewSecret(12)
	hash, err := auth.NewHasher(1).Hash(ctx, d.token)
	if err != nil {
		return fmt.Errorf("the demo's user: %w", err)
	}
	u, err := store.UserByName(ctx, d.name)
	switch {
	case errors.Is(err, meta.ErrNotFound):
		err = store.CreateUser(ctx, meta.User{ID: auth.NewSecret(12), Name: d.name, Role: meta.RoleOwner, Password: hash, Created: time.Now().UTC()})
	case err == nil:
		u.Password, u.Disabled, u.Role = hash, false, meta.RoleOwner
		err = errors.Join(store.UpdateUser(ctx, u), store.DeleteLogins(ctx, u.ID))
	}
	if err != nil {
		return fmt.Errorf("the demo's user: %w", err)
	}
	return audit(ctx, store, meta.Audit{Action: "user.password", Subject: d.name})
}

// appendBatch is how many made-up chunks are appended at a time.
const appendBatch = 256

// seed appends the made-up visits to the journal as the collector would have done
// while they happened; the processors take them from there.
func (d *demoRun) seed(ctx context.Context, st *stores, p meta.Project, i int, texts meta.TextSet) error {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return fmt.Errorf("make up visitors: %w", err)
	}
	cfg := synth.Config{
		Seed: demoSeed + uint64(i), Now: time.Now(), Days: demoDays, ReplayDays: replayDays, Sessions: demoSessions[i], Zone: zone,
		Project: p.Key, Profile: p.Profile, Site: d.sites[i].address,
	}
	if p.Profile == meta.Strict {
		cfg.Texts, cfg.TextsVersion = texts.Texts, texts.Version
	}
	sessions, err := synth.Sessions(cfg)
	if err != nil {
		return err
	}
	var batch []journal.Chunk
	for s, err := range sessions {
		if err != nil {
			return err
		}
		chunks, err := sealed(ctx, st.keys, s)
		if err != nil {
			return err
		}
		if batch = append(batch, chunks...); len(batch) >= appendBatch {
			if _, err := st.log.Append(ctx, batch); err != nil {
				return fmt.Errorf("make up visitors: %w", err)
			}
			batch = batch[:0]
		}
	}
	if len(batch) == 0 {
		return nil
	}
	if _, err := st.log.Append(ctx, batch); err != nil {
		return fmt.Errorf("make up visitors: %w", err)
	}
	return nil
}

// sealed makes a session's key and seals its chunks for the journal.
func sealed(ctx context.Context, store keys.Store, s synth.Session) ([]journal.Chunk, error) {
	if len(s.Chunks) == 0 {
		return nil, nil
	}
	first := time.UnixMilli(s.Chunks[0].Arrived).UTC()
	day := int32(first.Year()*10_000 + int(first.Month())*100 + first.Day())
	key, err := store.Create(ctx, keys.Name{Project: s.Chunks[0].Header.Project, ID: s.ID, Day: day})
	if err != nil {
		return nil, fmt.Errorf("make up visitors: %w", err)
	}
	var out []journal.Chunk
	for _, c := range s.Chunks {
		out = append(out, journal.Chunk{
			Header: c.Header, Arrived: c.Arrived, Day: day,
			Client: journal.Client{Device: s.Client.Device, Browser: s.Client.Browser, OS: s.Client.OS, Country: s.Client.Country},
			Body:   key.Seal(c.Payload, wire.Additional(c.Header)),
		})
	}
	return out, nil
}
