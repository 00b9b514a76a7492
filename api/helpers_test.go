package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/auth"
	"footpath/internal/obs"
	"footpath/report"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/wire"
)

const (
	host       = "localhost:8080"
	knownKey   = "23361dd035530aa0b1c2d3e4f5061728394a5b6c"
	otherKey   = "ffffffffffffffffffffffffffffffffffffffff"
	knownID    = wire.ID("abcdefghijklmnopqrstu")
	foreignID  = wire.ID("utsrqponmlkjihgfedcba") // of no session
	recordID   = wire.ID("recordrecordrecord-01")
	goodSecret = "four wet green boots"
)

// bench is a running API over a real store, with a clock that the test moves.
type bench struct {
	t       *testing.T
	api     *API
	handler http.Handler
	store   meta.Store
	reports *answers
	reg     *prometheus.Registry
	now     time.Time
	log     *bytes.Buffer
	cookies map[string]string // secret by role
	ids     map[string]string // user id by role
}

// answers stands in for the analytics: what the API asks it for is recorded.
type answers struct {
	filters []report.SessionFilter
	rows    []report.SessionRow
	events  []json.RawMessage
	err     error
}

func (f *answers) Overview(_ context.Context, _ meta.Project, r report.Range) (report.Overview, error) {
	return report.Overview{Range: r}, f.err
}

func (f *answers) Facets(context.Context, meta.Project, report.Range) (report.Facets, error) {
	return report.Facets{}, f.err
}

func (f *answers) Sessions(_ context.Context, _ meta.Project, q report.SessionFilter) (report.SessionList, error) {
	f.filters = append(f.filters, q)
	if q.Limit == 0 {
		q.Limit = 50
	}
	if q.Offset >= len(f.rows) {
		return report.SessionList{Range: q.Range, Total: int64(len(f.rows))}, f.err
	}
	return report.SessionList{Range: q.Range, Total: int64(len(f.rows)), Rows: f.rows[q.Offset:min(q.Offset+q.Limit, len(f.rows))]}, f.err
}

func (f *answers) Session(_ context.Context, p meta.Project, id wire.ID) (report.SessionRow, error) {
	if f.err != nil {
		return report.SessionRow{}, f.err
	}
	if p.Key != knownKey || id != knownID {
		return report.SessionRow{}, report.ErrNotFound
	}
	return report.SessionRow{ID: id}, nil
}

func (f *answers) Steps(context.Context, meta.Project, wire.ID) ([]report.Step, error) {
	return []report.Step{}, f.err
}

func (f *answers) Records(context.Context, meta.Project, wire.ID) ([]report.Record, error) {
	return []report.Record{{ID: recordID, Events: len(f.events)}}, f.err
}

func (f *answers) RecordEvents(_ context.Context, p meta.Project, id, record wire.ID, after int) (report.Feed, error) {
	if p.Key != knownKey || id != knownID || record != recordID {
		return report.Feed{}, report.ErrNotFound
	}
	return report.Feed{Events: f.events[min(after, len(f.events)):], Next: len(f.events), Open: true}, f.err
}

// newBench starts an API with a user of each role, signed in, and one project.
func newBench(t *testing.T, config Config) *bench {
	t.Helper()
	b := bare(t, config)
	ctx := context.Background()
	for _, role := range []string{meta.RoleViewer, meta.RoleAnalyst, meta.RoleOwner} {
		b.addUser(role, role)
	}
	p := NewProject(b.now)
	p.Key, p.Name, p.Domains = knownKey, "Planning", []string{"planning.example"}
	p.Purpose = "to find where forms fail"
	if err := b.store.CreateProject(ctx, p); err != nil {
		t.Fatal(err)
	}
	return b
}

// bare starts an API without users or projects.
func bare(t *testing.T, config Config) *bench {
	t.Helper()
	store, err := sqlite.Open(filepath.Join(t.TempDir(), "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	b := &bench{
		t: t, store: store, reports: &answers{}, reg: prometheus.NewRegistry(),
		now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), log: &bytes.Buffer{},
		cookies: map[string]string{}, ids: map[string]string{},
	}
	logger, err := obs.Logger(b.log, "debug", "json")
	if err != nil {
		t.Fatal(err)
	}
	b.api, err = New(config, Deps{Meta: store, Reports: b.reports, Eraser: begins{store}, Now: func() time.Time { return b.now }, Logger: logger, Registerer: b.reg})
	if err != nil {
		t.Fatal(err)
	}
	b.handler = b.api.Handler()
	return b
}

// addUser makes a user without the slow hash, and signs them in.
func (b *bench) addUser(name, role string) {
	b.t.Helper()
	ctx := context.Background()
	u := meta.User{ID: "id-" + name, Name: name, Role: role, Created: b.now}
	if err := b.store.CreateUser(ctx, u); err != nil {
		b.t.Fatal(err)
	}
	secret := auth.NewSecret(32)
	if err := b.store.CreateLogin(ctx, meta.Login{Hash: auth.Digest(secret), User: u.ID, Created: b.now, Seen: b.now, Expires: b.now.Add(longestLife)}); err != nil {
		b.t.Fatal(err)
	}
	b.cookies[name], b.ids[name] = secret, u.ID
}

// setPassword gives a user a password that works.
func (b *bench) setPassword(name string) {
	b.t.Helper()
	hash, err := b.api.hasher.Hash(context.Background(), goodSecret)
	if err != nil {
		b.t.Fatal(err)
	}
	u, err := b.store.UserByName(context.Background(), name)
	if err != nil {
		b.t.Fatal(err)
	}
	u.Password = hash
	if err := b.store.UpdateUser(context.Background(), u); err != nil {
		b.t.Fatal(err)
	}
}

// request makes one as our own pages would send it.
func (b *bench) request(who, method, path string, body any) *http.Request {
	b.t.Helper()
	var reader io.Reader
	if body != nil {
		text, ok := body.(string)
		if !ok {
			raw, err := json.Marshal(body)
			if err != nil {
				b.t.Fatal(err)
			}
			text = string(raw)
		}
		reader = strings.NewReader(text)
	}
	r := httptest.NewRequest(method, "http://"+host+path, reader)
	r.RemoteAddr = "203.0.113.77:4711"
	r.Header.Set("User-Agent", "TestBrowser/1.0")
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if secret := b.cookies[who]; secret != "" {
		r.AddCookie(&http.Cookie{Name: "footpath", Value: secret})
	}
	return r
}

func (b *bench) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *bench) do(who, method, path string, body any) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.send(b.request(who, method, path, body))
}

// want sends and demands a status.
func (b *bench) want(status int, who, method, path string, body any) *httptest.ResponseRecorder {
	b.t.Helper()
	w := b.do(who, method, path, body)
	if w.Code != status {
		b.t.Errorf("%s %s as %q: %d %s, want %d", method, path, who, w.Code, w.Body, status)
	}
	return w
}

// refusal decodes an error answer.
func refusal(t *testing.T, w *httptest.ResponseRecorder) (code, field, message string) {
	t.Helper()
	var body struct {
		Error struct{ Code, Message, Field string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error.Code == "" || body.Error.Message == "" {
		t.Fatalf("not an error answer: %d %s (%v)", w.Code, w.Body, err)
	}
	return body.Error.Code, body.Error.Field, body.Error.Message
}

func decode[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return v
}

// cookie is the login that an answer sets.
func cookie(t *testing.T, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if strings.HasSuffix(c.Name, "footpath") {
			return c
		}
	}
	t.Fatalf("no login cookie in %v", w.Header())
	return nil
}

// at fills a route's placeholders.
func at(path, key, user string, session wire.ID) string {
	r := strings.NewReplacer("{key}", key, "{record}", string(recordID))
	path = r.Replace(path)
	if strings.HasPrefix(path, "/api/users/") {
		return strings.ReplaceAll(path, "{id}", user)
	}
	return strings.ReplaceAll(path, "{id}", string(session))
}

func (b *bench) audited(action string) []meta.Audit {
	b.t.Helper()
	entries, err := b.store.AuditLog(context.Background(), 0, 500)
	if err != nil {
		b.t.Fatal(err)
	}
	var found []meta.Audit
	for _, e := range entries {
		if e.Action == action {
			found = append(found, e)
		}
	}
	return found
}
