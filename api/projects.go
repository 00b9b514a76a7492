package api

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"footpath/internal/httpx"
	"footpath/store/meta"
	"footpath/wire"
)

// Projects is every project.
type Projects struct {
	Projects []meta.Project `json:"projects"`
}

// ProjectChange names the settings that a caller sets; what is left out stays (or
// takes its default in a new project). Key may be given in a new project alone;
// Revision, when given, must be the stored one.
type ProjectChange struct {
	Key           *string    `json:"key,omitempty"`
	Revision      *int       `json:"revision,omitempty"`
	Name          *string    `json:"name,omitempty"`
	Domains       *[]string  `json:"domains,omitempty"`
	Purpose       *string    `json:"purpose,omitempty"`
	LegalBasis    *string    `json:"legalBasis,omitempty"`
	Consent       *string    `json:"consent,omitempty"`
	ConsentReason *string    `json:"consentReason,omitempty"`
	Profile       *string    `json:"profile,omitempty"`
	ProfileReason *string    `json:"profileReason,omitempty"`
	ProfileUntil  *time.Time `json:"profileUntil,omitempty"`
	Replay        *bool      `json:"replay,omitempty"`
	CountFirst    *bool      `json:"countFirst,omitempty"`
	Sampling      *int       `json:"sampling,omitempty"`
	IdleMinutes   *int       `json:"idleMinutes,omitempty"`
	MaxMinutes    *int       `json:"maxMinutes,omitempty"`
	ReplayDays    *int       `json:"replayDays,omitempty"`
	EventMonths   *int       `json:"eventMonths,omitempty"`
	GPC           *bool      `json:"gpc,omitempty"`
	DNT           *bool      `json:"dnt,omitempty"`
	Zone          *string    `json:"zone,omitempty"`
	Country       *bool      `json:"country,omitempty"`
	Identify      *bool      `json:"identify,omitempty"`
	Bots          *bool      `json:"bots,omitempty"`
	ConsentCookie *string    `json:"consentCookie,omitempty"`
	Storage       *string    `json:"storage,omitempty"`
	HostOnly      *bool      `json:"hostOnly,omitempty"`
	AllowedProps  *[]string  `json:"allowedProps,omitempty"`
	Revoked       *bool      `json:"revoked,omitempty"`
}

// DeleteRequest repeats the project's name.
type DeleteRequest struct {
	Name string `json:"name"`
}

// NewProject is a project with the defaults of a new one: it asks for consent,
// masks strictly, and does not replay until somebody says why (rulings 2, 4, 10).
func NewProject(now time.Time) meta.Project {
	return meta.Project{
		Key: newKey(), Domains: []string{}, AllowedProps: []string{},
		Consent: meta.OptIn, Profile: meta.Strict, Sampling: 10_000,
		IdleMinutes: 15, MaxMinutes: 60, // Smartlook's session (recorder.md)
		ReplayDays: 30, EventMonths: 13,
		GPC: true, DNT: true, Zone: "UTC", Storage: "cookie",
		Created: now.UTC(), Revision: 1,
	}
}

// newKey is random in the shape that Smartlook's keys have.
func newKey() wire.ProjectKey {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return wire.ProjectKey(hex.EncodeToString(b[:]))
}

// tidy gives lists their JSON form: a list, never null.
func tidy(p meta.Project) meta.Project {
	if p.Domains == nil {
		p.Domains = []string{}
	}
	if p.AllowedProps == nil {
		p.AllowedProps = []string{}
	}
	return p
}

func (a *API) listProjects(c *call) error {
	stored, err := a.Meta.Projects(c.ctx())
	if err != nil {
		return err
	}
	list := make([]meta.Project, 0, len(stored))
	for _, p := range stored {
		list = append(list, tidy(p))
	}
	return c.answer(http.StatusOK, Projects{list})
}

func (a *API) oneProject(c *call) error { return c.answer(http.StatusOK, tidy(c.project)) }

func (a *API) createProject(c *call) error {
	var req ProjectChange
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	p := NewProject(a.Now())
	if req.Key != nil {
		if p.Key = wire.ProjectKey(*req.Key); !p.Key.Valid() {
			return httpx.Invalid("key", "A key has 40 characters from 0-9 and a-f, in lower case. Copy it from Smartlook's project settings, or leave it out.")
		}
	}
	if req.Revision != nil || req.Revoked != nil {
		return httpx.Invalid("revision", "A new project has neither a revision nor a revoked key yet.")
	}
	// Who states purpose and basis while creating means to replay (ruling 2).
	given := req.Purpose != nil && *req.Purpose != "" && req.LegalBasis != nil && *req.LegalBasis != ""
	if req.Replay == nil && given {
		req.Replay = &given
	}
	p, changes, err := ChangeProject(meta.Project{}, p, req, c.user.Name, a.Now())
	if err != nil {
		return err
	}
	if err := CheckErased(c.ctx(), a.Meta, p.Key); err != nil {
		return err
	}
	if err := a.Meta.CreateProject(c.ctx(), p); err != nil {
		return err
	}
	if err := a.noteProject(c, "project.create", p, changes); err != nil {
		return err
	}
	// As stored: the revision is the store's to count.
	if p, err = a.Meta.Project(c.ctx(), p.Key); err != nil {
		return err
	}
	return c.answer(http.StatusCreated, tidy(p))
}

func (a *API) updateProject(c *call) error {
	var req ProjectChange
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	if req.Key != nil {
		return httpx.Invalid("key", "A project keeps its key. Make a new project for another key.")
	}
	a.projects.Lock()
	defer a.projects.Unlock()
	old, err := a.Meta.Project(c.ctx(), c.project.Key) // again, under the lock
	if err != nil {
		return err
	}
	if req.Revision != nil && *req.Revision != old.Revision {
		return &httpx.Error{
			Status: http.StatusConflict, Code: "conflict", Field: "revision",
			Message: "Somebody changed this project in the meantime. Load it again, then make your change.",
		}
	}
	p, changes, err := ChangeProject(old, old, req, c.user.Name, a.Now())
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		return c.answer(http.StatusOK, tidy(old))
	}
	if err := a.Meta.UpdateProject(c.ctx(), p); err != nil {
		return err
	}
	if err := a.noteProject(c, "project.update", p, changes); err != nil {
		return err
	}
	if p, err = a.Meta.Project(c.ctx(), p.Key); err != nil {
		return err
	}
	return c.answer(http.StatusOK, tidy(p))
}

func (a *API) noteProject(c *call, action string, p meta.Project, changes []string) error {
	return a.note(c, c.user.Name, meta.Audit{
		Action: action, Project: string(p.Key), Subject: p.Name, Detail: strings.Join(changes, "; "),
	})
}

// ChangeProject puts change over p, stamps who (by) set the consent mode when that
// differs from old's, and checks the whole; the changes are old against new in
// words, for the audit log. Old is empty for a new project. Errors are *httpx.Error
// and name the field.
func ChangeProject(old, p meta.Project, change ProjectChange, by string, now time.Time) (_ meta.Project, changes []string, err error) {
	assign(&p, change)
	if p.Consent != old.Consent || p.ConsentReason != old.ConsentReason {
		p.ConsentSetBy, p.ConsentSetAt = by, now.UTC()
	}
	if err := checkProject(p, old, now); err != nil {
		return p, nil, err
	}
	return p, differences(old, p), nil
}

// assign copies what is given; texts lose the space around them.
func assign(p *meta.Project, req ProjectChange) {
	for _, s := range []struct {
		to   *string
		from *string
	}{
		{&p.Name, req.Name},
		{&p.Purpose, req.Purpose},
		{&p.LegalBasis, req.LegalBasis},
		{&p.Consent, req.Consent},
		{&p.ConsentReason, req.ConsentReason},
		{&p.Profile, req.Profile},
		{&p.ProfileReason, req.ProfileReason},
		{&p.Zone, req.Zone},
		{&p.ConsentCookie, req.ConsentCookie},
		{&p.Storage, req.Storage},
	} {
		if s.from != nil {
			*s.to = strings.TrimSpace(*s.from)
		}
	}
	for _, b := range []struct {
		to   *bool
		from *bool
	}{
		{&p.Replay, req.Replay},
		{&p.CountFirst, req.CountFirst},
		{&p.GPC, req.GPC},
		{&p.DNT, req.DNT},
		{&p.Country, req.Country},
		{&p.Identify, req.Identify},
		{&p.Bots, req.Bots},
		{&p.HostOnly, req.HostOnly},
		{&p.Revoked, req.Revoked},
	} {
		if b.from != nil {
			*b.to = *b.from
		}
	}
	for _, n := range []struct {
		to   *int
		from *int
	}{
		{&p.Sampling, req.Sampling},
		{&p.IdleMinutes, req.IdleMinutes},
		{&p.MaxMinutes, req.MaxMinutes},
		{&p.ReplayDays, req.ReplayDays},
		{&p.EventMonths, req.EventMonths},
	} {
		if n.from != nil {
			*n.to = *n.from
		}
	}
	if req.Domains != nil {
		p.Domains = lower(*req.Domains)
	}
	if req.AllowedProps != nil {
		p.AllowedProps = append([]string{}, *req.AllowedProps...)
	}
	if req.ProfileUntil != nil {
		p.ProfileUntil = req.ProfileUntil.UTC()
	}
}

func lower(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.ToLower(strings.TrimSpace(s))
	}
	return out
}
