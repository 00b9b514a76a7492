package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"footpath/internal/httpx"
	"footpath/report"
	"footpath/store/meta"
	"footpath/wire"
)

// route is one line of the API: who may call it, what it takes and answers. The
// table registers the handlers, describes them (openapi.go) and generates the
// tests of who may do what.
type route struct {
	method  string
	path    string
	role    string // least role, or "" for anyone
	handle  func(*call) error
	summary string
	query   []param
	body    any // zero value of the request body, or nil
	answer  any // zero value of the answer's body, or nil
	status  int // of success
}

// param is a query parameter.
type param struct{ name, about string }

var (
	rangeParams = []param{
		{"from", "first day, 2006-01-02 in the project's zone; six days before the last when empty"},
		{"to", "last day, included; today when empty"},
	}
	sessionParams = append(slices.Clone(rangeParams),
		param{"page", "a page of the session, whole address or path; a prefix when it ends in *"},
		param{"entry", "the first page, likewise"},
		param{"event", "name of a custom event"},
		param{"device", "desktop, mobile, tablet"},
		param{"browser", "family, or family and version"},
		param{"os", "operating system"},
		param{"country", "ISO code"},
		param{"referrer", "origin"},
		param{"visitor", "visitor id"},
		param{"min", "least active time, milliseconds"},
		param{"max", "most active time, milliseconds"},
		param{"live", "1: only sessions with an event in the last 5 minutes"},
		param{"errors", "1: only sessions with a JavaScript error"},
		param{"sort", "start, duration, active, pages, clicks or errors; - before it: descending"},
		param{"offset", "rows to skip"},
		param{"limit", "rows to answer: 50 by default, 200 at most"},
	)
)

// table lists every route.
func (a *API) table() []route {
	const (
		get, post, patch, del  = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
		viewer, analyst, owner = meta.RoleViewer, meta.RoleAnalyst, meta.RoleOwner
		ok, created, noContent = http.StatusOK, http.StatusCreated, http.StatusNoContent
		accepted               = http.StatusAccepted
		project                = "/api/projects/{key}"
		session                = project + "/sessions/{id}"
	)
	return []route{
		{get, "/api/state", "", a.state, "who is signed in, and what this installation is", nil, nil, State{}, ok},
		{get, "/api/openapi.json", "", a.openAPI, "this description", nil, nil, nil, ok},
		{post, "/api/setup", "", a.setup, "make the first user, with the token that the console printed", nil, SetupRequest{}, Session{}, ok},
		{post, "/api/login", "", a.login, "sign in", nil, LoginRequest{}, Session{}, ok},
		{post, "/api/logout", viewer, a.logout, "sign out", nil, Empty{}, nil, noContent},
		{post, "/api/password", viewer, a.password, "change one's own password; other logins end", nil, PasswordRequest{}, nil, noContent},

		{get, "/api/users", owner, a.users, "everybody who may sign in", nil, nil, Users{}, ok},
		{post, "/api/users", owner, a.createUser, "add a user", nil, UserRequest{}, meta.User{}, created},
		{patch, "/api/users/{id}", owner, a.updateUser, "change a user; their logins end", nil, UserChange{}, meta.User{}, ok},
		{del, "/api/users/{id}", owner, a.deleteUser, "remove a user and their logins", nil, Empty{}, nil, noContent},

		{get, "/api/projects", viewer, a.listProjects, "all projects", nil, nil, Projects{}, ok},
		{post, "/api/projects", owner, a.createProject, "add a project; key keeps one that Smartlook issued", nil, ProjectChange{}, meta.Project{}, created},
		{get, project, viewer, a.oneProject, "one project's settings", nil, nil, meta.Project{}, ok},
		{patch, project, owner, a.updateProject, "change settings; 409 when revision is not the stored one", nil, ProjectChange{}, meta.Project{}, ok},
		{del, project, owner, a.deleteProject, "erase a project and everything recorded for it; its name confirms", nil, DeleteRequest{}, meta.Erasure{}, accepted},
		{get, project + "/snippet", viewer, a.snippet, "what to paste into the site", nil, nil, Snippet{}, ok},
		{get, project + "/pulse", viewer, a.pulse, "whether the site has been heard from", nil, nil, Pulse{}, ok},
		{get, project + "/texts", viewer, a.texts, "the public text set in use", nil, nil, Texts{}, ok},

		{get, project + "/overview", viewer, a.overview, "figures of a range of days", rangeParams, nil, report.Overview{}, ok},
		{get, project + "/facets", viewer, a.facets, "values that the filters offer", rangeParams, nil, report.Facets{}, ok},
		{get, project + "/sessions", viewer, a.sessions, "sessions that match; CSV with Accept: text/csv", sessionParams, nil, report.SessionList{}, ok},
		{get, project + "/sessions.csv", viewer, a.sessionsCSV, "the same as CSV, up to 10,000 rows", sessionParams, nil, nil, ok},
		{get, session, analyst, a.session, "one session; the look is audited", nil, nil, report.SessionDetail{}, ok},
		{get, session + "/records/{record}", analyst, a.record, "what the player plays of one page load: rrweb events; likewise audited", []param{{"after", "events that the caller has already (next of the answer before)"}}, nil, report.Feed{}, ok},

		{get, "/api/erasures", owner, a.erasures, "what was erased or is being erased, newest first", nil, nil, Erasures{}, ok},
		{get, "/api/audit", owner, a.audit, "who did what, newest first", []param{{"before", "entries older than this id"}, {"limit", "entries to answer: 100 by default, 500 at most"}}, nil, AuditLog{}, ok},
	}
}

// call is one request on its way through a handler.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	user    meta.User    // zero for anyone not signed in
	login   meta.Login   // of user
	project meta.Project // of routes with {key}
}

func (c *call) ctx() context.Context { return c.r.Context() }

// answer writes a JSON body.
func (c *call) answer(status int, v any) error { return httpx.WriteJSON(c.w, c.r, status, v) }

// private keeps an answer out of every cache: people, looks, recordings.
func (c *call) private() { c.w.Header().Set("Cache-Control", "no-store") }

func (c *call) done() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// longest bounds the work for one request: the slowest report over 13 months of
// 50 M events takes 4.5 s (architecture.md).
const longest = 30 * time.Second

// serve checks origin, login, role, project and parameters, in this order, before
// the handler sees the request.
func (a *API) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), longest)
		defer cancel()
		c := &call{w: w, r: r.WithContext(ctx)}
		err := a.admit(rt, c)
		if err == nil {
			err = rt.handle(c)
		}
		if err != nil {
			a.fail(c, err)
		}
	})
}

func (a *API) admit(rt route, c *call) error {
	if err := httpx.SameOrigin(c.r, a.peers); err != nil {
		return err
	}
	if err := a.identify(c); err != nil {
		return err
	}
	if rt.role != "" {
		if c.user.ID == "" {
			return httpx.Errorf(http.StatusUnauthorized, "login", "Sign in first.")
		}
		if !allowed(c.user.Role, rt.role) {
			return httpx.Errorf(http.StatusForbidden, "role", "This needs the role %s; yours is %s. Ask an owner.", rt.role, c.user.Role)
		}
	}
	if err := knownParams(rt, c.r); err != nil {
		return err
	}
	if key := c.r.PathValue("key"); key != "" {
		return a.load(c, key)
	}
	return nil
}

func (a *API) load(c *call, key string) error {
	var err error
	if k := wire.ProjectKey(key); k.Valid() {
		c.project, err = a.Meta.Project(c.ctx(), k)
		return err
	}
	return meta.ErrNotFound
}

// knownParams refuses parameters that the route does not know or that are given
// twice: a misspelt filter must not look like an answer.
func knownParams(rt route, r *http.Request) error {
	for name, values := range r.URL.Query() {
		if !slices.ContainsFunc(rt.query, func(p param) bool { return p.name == name }) {
			return httpx.Invalid(name, "There is no parameter %q here.", name)
		}
		if len(values) > 1 {
			return httpx.Invalid(name, "The parameter %q is given twice.", name)
		}
	}
	return nil
}

// allowed says whether role reaches least.
func allowed(role, least string) bool {
	order := []string{meta.RoleViewer, meta.RoleAnalyst, meta.RoleOwner}
	has := slices.Index(order, role)
	return has >= 0 && has >= slices.Index(order, least)
}
