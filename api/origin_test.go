package api

import (
	"net/http"
	"strings"
	"testing"

	"footpath/store/meta"
)

// TestCrossSiteRequests covers S35 and S25: no route that may change something
// answers what another site made the browser send.
func TestCrossSiteRequests(t *testing.T) {
	b := newBench(t, Config{})
	f := func(rt route, status int, what string, headers map[string]string) {
		t.Helper()
		r := b.request(meta.RoleOwner, rt.method, at(rt.path, knownKey, "id-nobody", knownID), `{"unknown-field":1}`)
		r.Header.Del("Sec-Fetch-Site")
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		if w := b.send(r); w.Code != status {
			t.Errorf("%s %s, %s: %d %s, want %d", rt.method, rt.path, what, w.Code, w.Body, status)
		}
	}
	for _, rt := range (&API{}).table() {
		if rt.method == http.MethodGet {
			continue
		}
		f(rt, 403, "no header at all", nil)
		f(rt, 403, "cross-site", map[string]string{"Sec-Fetch-Site": "cross-site"})
		f(rt, 403, "same-site", map[string]string{"Sec-Fetch-Site": "same-site"})
		f(rt, 403, "typed in", map[string]string{"Sec-Fetch-Site": "none"})
		f(rt, 403, "cross-site, with our origin", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://" + host})
		f(rt, 403, "foreign origin", map[string]string{"Origin": "https://evil.example"})
		f(rt, 403, "null origin", map[string]string{"Origin": "null"})
		f(rt, 403, "origin that starts like ours", map[string]string{"Origin": "http://" + host + ".evil.example"})
		f(rt, 415, "a form", map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"})
		f(rt, 415, "a beacon", map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"})
		f(rt, 415, "no type", map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": ""})
	}
	// From here, it gets as far as its body.
	for _, headers := range []map[string]string{{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://" + host}} {
		for _, rt := range (&API{}).table() {
			if rt.method == http.MethodPost && rt.path == "/api/projects" {
				f(rt, 422, "our own page", headers)
			}
		}
	}
}

func TestOriginBehindAProxy(t *testing.T) {
	b := newBench(t, Config{PublicURL: "https://stats.example/footpath", Prefix: "/footpath"})
	r := b.request(meta.RoleOwner, "POST", "/footpath/api/projects", `{}`)
	r.Header.Del("Sec-Fetch-Site")
	r.Header.Set("Origin", "https://stats.example")
	if w := b.send(r); w.Code != 422 {
		t.Errorf("the public address's own page: %d %s", w.Code, w.Body)
	}
}

// TestNoChangeOnGet covers S35: GET routes change nothing but the log of looks.
func TestNoChangeOnGet(t *testing.T) {
	b := newBench(t, Config{})
	before, err := b.store.Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range (&API{}).table() {
		if rt.method == http.MethodGet {
			b.do(meta.RoleOwner, "GET", at(rt.path, knownKey, "", knownID), nil)
		}
	}
	after, err := b.store.Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != len(after) || before[0].Revision != after[0].Revision {
		t.Error("reading changed a project")
	}
}

// TestHeaders covers S51 and S50 on every kind of answer.
func TestHeaders(t *testing.T) {
	b := newBench(t, Config{})
	for _, path := range []string{"/api/state", "/api/projects", "/api/nothing", "/api/projects/" + knownKey + "/sessions/" + string(knownID)} {
		h := b.do(meta.RoleOwner, "GET", path, nil).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Content-Type": "application/json; charset=utf-8",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, h.Get(name), want)
			}
		}
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: policies are missing: %v", path, h)
		}
		if h.Get("Server") != "" || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: headers that do not belong: %v", path, h)
		}
	}
	for _, path := range []string{"/api/state", "/api/users", "/api/audit", "/api/projects/" + knownKey + "/sessions/" + string(knownID)} {
		if got := b.do(meta.RoleOwner, "GET", path, nil).Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s may be cached: %q", path, got)
		}
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	b := newBench(t, Config{})
	b.want(404, meta.RoleOwner, "GET", "/api/secrets", nil)
	w := b.want(405, meta.RoleOwner, "PUT", "/api/projects", `{}`)
	if w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("Allow is %q", w.Header().Get("Allow"))
	}
	w = b.want(422, meta.RoleOwner, "GET", "/api/projects?frm=2026-01-01", nil)
	if _, field, _ := refusal(t, w); field != "frm" {
		t.Errorf("the unknown parameter is called %q", field)
	}
	b.want(422, meta.RoleOwner, "GET", "/api/projects/"+knownKey+"/overview?from=2026-01-01&from=2026-01-02", nil)
}
