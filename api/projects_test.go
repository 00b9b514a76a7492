package api

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/store/meta"
)

func TestNewProjectDefaults(t *testing.T) {
	b := newBench(t, Config{})
	p := decode[meta.Project](t, b.want(201, meta.RoleOwner, "POST", "/api/projects", `{"name":" Forms ","domains":["Forms.Example"]}`))
	if !p.Key.Valid() || p.Name != "Forms" || p.Consent != meta.OptIn || p.Profile != meta.Strict || p.Replay || p.Sampling != 10_000 ||
		p.IdleMinutes != 15 || p.MaxMinutes != 60 || p.ReplayDays != 30 || p.EventMonths != 13 || !p.GPC || !p.DNT ||
		p.Zone != "UTC" || p.Storage != "cookie" || p.CountFirst || p.Revoked || p.Identify || p.Country {
		t.Errorf("defaults: %+v", p)
	}
	if diff := cmp.Diff([]string{"forms.example"}, p.Domains); diff != "" {
		t.Error(diff)
	}
	// Purpose and basis given: replay is on (ruling 2).
	p = decode[meta.Project](t, b.want(201, meta.RoleOwner, "POST", "/api/projects",
		`{"name":"B","domains":["b.example"],"purpose":"find where people fail","legalBasis":"public task","key":"`+otherKey+`"}`))
	if !p.Replay || string(p.Key) != otherKey {
		t.Errorf("project with purpose: %+v", p)
	}
	if code, _, _ := refusal(t, b.want(409, meta.RoleOwner, "POST", "/api/projects", `{"name":"C","domains":["c.example"],"key":"`+otherKey+`"}`)); code != "exists" {
		t.Errorf("a key twice: %q", code)
	}
}

// TestProjectChecks: each wrong setting is named, with what to write instead.
func TestProjectChecks(t *testing.T) {
	b := newBench(t, Config{})
	f := func(field, body string) {
		t.Helper()
		w := b.do(meta.RoleOwner, "PATCH", "/api/projects/"+knownKey, body)
		if w.Code != 422 {
			t.Errorf("%s: %d %s, want 422", body, w.Code, w.Body)
			return
		}
		if _, got, message := refusal(t, w); got != field || len(message) < 16 {
			t.Errorf("%s names %q (%s), want %q", body, got, message, field)
		}
	}
	f("name", `{"name":""}`)
	f("name", `{"name":"`+strings.Repeat("n", 101)+`"}`)
	f("name", `{"name":"a\u0007b"}`)
	f("key", `{"key":"`+otherKey+`"}`)
	f("domains", `{"domains":[]}`)
	for _, d := range []string{
		"https://planning.example", "planning.example/path", "planning example", "", "*", "*.uk", "*.gov.uk", "*.example.", "a..b", "-a.example",
		"planning.example:0", "planning.example:99999", "planning.example:x", "plánovač.example", "user@planning.example", "*.127.0.0.1", "::1", "a.example:",
	} {
		f("domains", `{"domains":["`+d+`"]}`)
	}
	f("domains", `{"domains":["a.example","A.example"]}`)
	f("domains", `{"domains":[`+strings.Repeat(`"a.example",`, 50)+`"b.example"]}`)
	f("consent", `{"consent":"maybe"}`)
	f("consentReason", `{"consent":"opt-out"}`)
	f("consentReason", `{"consent":"none","consentReason":"  "}`)
	f("profile", `{"profile":"clear"}`)
	f("profileReason", `{"profile":"smartlook","profileUntil":"2027-01-01T00:00:00Z"}`)
	f("profileUntil", `{"profile":"smartlook","profileReason":"moving"}`)
	f("profileUntil", `{"profile":"smartlook","profileReason":"moving","profileUntil":"2020-01-01T00:00:00Z"}`)
	f("profileUntil", `{"profile":"smartlook","profileReason":"moving","profileUntil":"2099-01-01T00:00:00Z"}`)
	f("profileUntil", `{"profileUntil":"soon"}`)
	f("purpose", `{"replay":true,"purpose":"","legalBasis":"consent"}`)
	f("legalBasis", `{"replay":true,"purpose":"x"}`)
	f("legalBasis", `{"legalBasis":"because"}`)
	f("sampling", `{"sampling":10001}`)
	f("sampling", `{"sampling":-1}`)
	f("sampling", `{"sampling":"all"}`)
	f("sampling", `{"sampling":1.5}`)
	f("idleMinutes", `{"idleMinutes":0}`)
	f("maxMinutes", `{"maxMinutes":1000}`)
	f("maxMinutes", `{"idleMinutes":30,"maxMinutes":20}`)
	f("replayDays", `{"replayDays":91}`)
	f("eventMonths", `{"eventMonths":14}`)
	f("zone", `{"zone":"Mars/Olympus"}`)
	f("zone", `{"zone":""}`)
	f("zone", `{"zone":"Local"}`)
	f("zone", `{"zone":"../../etc/passwd"}`)
	f("storage", `{"storage":"disk"}`)
	f("consentCookie", `{"consentCookie":"a=b; c"}`)
	f("consentCookie", `{"consentCookie":"cookies_policy"}`)
	f("allowedProps", `{"allowedProps":[""]}`)
	f("allowedProps", `{"allowedProps":["a","a"]}`)
	// S46: what the server sets itself cannot be set.
	f("consentSetBy", `{"consentSetBy":"ann"}`)
	f("created", `{"created":"2020-01-01T00:00:00Z"}`)
	f("Name", `{"Name":"x"}`)
	f("name", `{"name":{"$ne":1}}`)
	p, err := b.store.Project(t.Context(), knownKey)
	if err != nil || p.Name != "Planning" || len(b.audited("project.update")) != 0 {
		t.Errorf("a refused change left traces: %+v, %v", p, err)
	}
}

func TestGoodDomains(t *testing.T) {
	for _, d := range []string{
		"planning.example", "*.planning.example", "localhost", "localhost:3000", "127.0.0.1:8080", "[::1]:8080", "*.council.gov.uk",
		"xn--plnova-jta.example", "planning.example:8443", "*.localhost", "my_host.internal",
	} {
		if problem := checkDomain(d); problem != "" {
			t.Errorf("%q: %s", d, problem)
		}
	}
}

func TestBadBodies(t *testing.T) {
	b := newBench(t, Config{})
	f := func(status int, body string) {
		t.Helper()
		b.want(status, meta.RoleOwner, "POST", "/api/projects", body)
	}
	f(400, ``)
	f(400, `{`)
	f(400, `{"name":"a"} {"name":"b"}`)
	f(400, `{"name":"a","name":"b"}`) // S27
	f(400, "{\"name\":\"\xff\"}")
	f(422, `[]`)
	f(413, `{"name":"`+strings.Repeat("a", 70_000)+`"}`)
	f(400, strings.Repeat(`{"name":`, 5_000)) // fault 13
}

func TestProjectUpdateIsAudited(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey
	p := decode[meta.Project](t, b.want(200, meta.RoleOwner, "GET", path, nil))
	b.now = b.now.Add(time.Hour)
	got := decode[meta.Project](t, b.want(200, meta.RoleOwner, "PATCH", path, map[string]any{
		"revision": p.Revision, "consent": "opt-out", "consentReason": "statistics exception", "sampling": 5000,
		"profile": "smartlook", "profileReason": "moving", "profileUntil": "2027-03-01T00:00:00Z",
	}))
	if got.Revision <= p.Revision || got.ConsentSetBy != meta.RoleOwner || !got.ConsentSetAt.Equal(b.now) || got.Sampling != 5000 {
		t.Errorf("after the change: %+v", got)
	}
	entries := b.audited("project.update")
	if len(entries) != 1 || entries[0].User != meta.RoleOwner || entries[0].Project != knownKey {
		t.Fatalf("audit: %+v", entries)
	}
	for _, want := range []string{
		"consent: opt-in → opt-out", "consentReason: (none) → statistics exception", "sampling: 10000 → 5000",
		"profile: strict → smartlook", "profileReason: (none) → moving", "profileUntil: (none) → 2027-03-01T00:00:00Z",
	} {
		if !strings.Contains(entries[0].Detail, want) {
			t.Errorf("the entry lacks %q: %s", want, entries[0].Detail)
		}
	}
	// The same again changes nothing and says nothing.
	same := decode[meta.Project](t, b.want(200, meta.RoleOwner, "PATCH", path, `{"sampling":5000}`))
	if same.Revision != got.Revision || len(b.audited("project.update")) != 1 {
		t.Error("no change was counted as one")
	}
	// Somebody else was faster.
	if code, _, _ := refusal(t, b.want(409, meta.RoleOwner, "PATCH", path, map[string]any{"revision": p.Revision, "sampling": 1})); code != "conflict" {
		t.Errorf("an old revision: %q", code)
	}
	// An expired profile does not stand in the way of other changes (ruling 5).
	b.now = time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)
	b.addUser("later", meta.RoleOwner)
	b.want(200, "later", "PATCH", path, `{"sampling":1}`)
	if err := b.store.VerifyAudit(t.Context()); err != nil {
		t.Errorf("the chain is broken: %v", err)
	}
}

func TestPulse(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey + "/pulse"
	ms := b.now.UnixMilli()
	f := func(value, want string) {
		t.Helper()
		if value != "" {
			if err := b.store.SetValue(t.Context(), "pulse/"+knownKey, value); err != nil {
				t.Fatal(err)
			}
		}
		p := decode[Pulse](t, b.want(200, meta.RoleViewer, "GET", path, nil))
		if p.State != want || p.Origins == nil {
			t.Errorf("pulse %s: %+v, want %s", value, p, want)
		}
	}
	now, old := jsonNumber(ms-1000), jsonNumber(ms-pulseFresh.Milliseconds())
	f("", "silent")
	f(`{"script":`+now+`}`, "silent")
	f(`{"script":`+now+`,"config":`+now+`,"origins":["https://planning.example"]}`, "waiting")
	f(`{"script":`+now+`,"config":`+now+`,"chunk":`+now+`}`, "receiving")
	f(`{"script":`+now+`,"config":`+now+`,"chunk":`+old+`}`, "waiting")
	f(`{"script":`+old+`,"config":`+old+`}`, "silent")
	b.want(200, meta.RoleOwner, "PATCH", "/api/projects/"+knownKey, `{"consent":"none","consentReason":"staff only"}`)
	f(`{"script":`+now+`,"config":`+now+`}`, "silent")
}

func TestSnippet(t *testing.T) {
	b := newBench(t, Config{PublicURL: "https://stats.example/footpath", Prefix: "/footpath"})
	s := decode[Snippet](t, b.want(200, meta.RoleViewer, "GET", "/footpath/api/projects/"+knownKey+"/snippet", nil))
	f := func(text string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in:\n%s", want, text)
			}
		}
	}
	f(s.HTML, "'https://stats.example/footpath/recorder.js'", "'"+knownKey+"'", "f.api.push(arguments)")
	f(s.Nonce, `<script nonce="NONCE">`)
	f(s.Tag, `<script async crossorigin="anonymous" referrerpolicy="no-referrer" src="https://stats.example/footpath/recorder.js" data-key="`+knownKey+`">`)
	f(s.NPM, "Smartlook.init('"+knownKey+"', { relayProxyUrl: 'https://stats.example/' })", "/v1/ of https://stats.example on to https://stats.example/footpath")
	if s.CSP != "script-src https://stats.example; connect-src https://stats.example" {
		t.Errorf("policy %q", s.CSP)
	}
	if strings.Contains(s.HTML+s.Nonce+s.Tag+s.NPM, "{{") {
		t.Error("a placeholder is left")
	}
	// S26: a forged Host header ends neither a string nor an attribute.
	forged := makeSnippet(`http://x'"><script>;a,b`, `http://x'"><script>;a,b`, knownKey)
	if strings.ContainsAny(forged.CSP+strings.SplitN(forged.Tag, `"`, 5)[3], `'"<>,`) || strings.Contains(forged.HTML, `x'`) || strings.Count(forged.CSP, ";") != 1 {
		t.Errorf("forged host: %+v", forged)
	}
}
