package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"footpath/internal/httpx"
	"footpath/store/meta"
	"footpath/wire"
)

// AuditLog is a page of the log, newest first.
type AuditLog struct {
	Entries []meta.Audit `json:"entries"`
}

const (
	auditDefault = 100
	auditMost    = 500
)

func (a *API) audit(c *call) error {
	q := c.r.URL.Query()
	before, err := number(q.Get("before"), "before", 0, 0)
	if err != nil {
		return err
	}
	limit, err := number(q.Get("limit"), "limit", 1, auditDefault)
	if err != nil {
		return err
	}
	if limit > auditMost {
		return httpx.Invalid("limit", "Ask for at most %d entries.", auditMost)
	}
	entries, err := a.Meta.AuditLog(c.ctx(), before, int(limit))
	if err != nil {
		return err
	}
	if entries == nil {
		entries = []meta.Audit{}
	}
	c.private()
	return c.answer(http.StatusOK, AuditLog{entries})
}

// note appends to the audit chain what name did, now.
func (a *API) note(c *call, name string, entry meta.Audit) error {
	entry.Time, entry.User = a.Now().UTC(), name
	return a.Meta.Append(c.ctx(), entry)
}

// number reads a whole number from least on; empty is fallback.
func number(s, field string, least, fallback int64) (int64, error) {
	if s == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > mostNumber {
		return 0, httpx.Invalid(field, "Write %s as a whole number from %d on.", field, least)
	}
	return n, nil
}

// mostNumber is the last whole number that JavaScript can hold.
const mostNumber = 1<<53 - 1

const (
	// oneLook is how long going on watching a session is the same look: a live
	// session's page asks again every few seconds.
	oneLook = 10 * time.Minute
	// maxLooks bounds the memory; past it a look may be logged twice.
	maxLooks = 10_000
)

// look is somebody watching a session.
type look struct {
	login   string
	project wire.ProjectKey
	session wire.ID
}

// looks remembers the looks that are going on.
type looks struct {
	mu   sync.Mutex
	seen map[look]time.Time
}

// fresh says whether l is not the continuation of one that is logged.
func (l *looks) fresh(k look, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.seen[k]
	since := now.Sub(last)
	return !ok || since < 0 || since >= oneLook
}

func (l *looks) logged(k look, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) >= maxLooks {
		clear(l.seen)
	}
	l.seen[k] = now
}

// watched logs that the caller looks at a session, before anything of it is
// shown: what cannot be logged is not shown (privacy guarantee 20).
func (a *API) watched(c *call, session wire.ID) error {
	k, now := look{c.login.Hash, c.project.Key, session}, a.Now()
	if !a.looks.fresh(k, now) {
		return nil
	}
	err := a.note(c, c.user.Name, meta.Audit{
		Action: "session.view", Project: string(c.project.Key), Subject: string(session), Detail: "purpose: " + c.project.Purpose,
	})
	if err != nil {
		return err
	}
	a.looks.logged(k, now)
	a.metrics.looks.Inc()
	return nil
}
