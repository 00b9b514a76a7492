package api

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"footpath/internal/auth"
	"footpath/store/meta"
)

// TestSetup covers S38: no default user, a token that works once and for a day.
func TestSetup(t *testing.T) {
	b := bare(t, Config{Version: "9.9.9"})
	if s := decode[State](t, b.want(200, "", "GET", "/api/state", nil)); !s.Setup || s.User != nil || s.Version != "" {
		t.Errorf("state before set-up: %+v", s)
	}
	good := SetupRequest{Name: "ann@council.example", Password: goodSecret}
	b.want(403, "", "POST", "/api/setup", good) // no token was made
	stale, err := NewSetupToken(t.Context(), b.store, b.now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := NewSetupToken(t.Context(), b.store, b.now)
	if err != nil {
		t.Fatal(err)
	}
	if len(token) < 22 || token == stale {
		t.Errorf("token %q after %q", token, stale)
	}
	kept, err := b.store.Value(t.Context(), setupValue)
	if err != nil || strings.Contains(kept, token) {
		t.Errorf("the token itself is kept: %q (%v)", kept, err)
	}
	good.Token = stale
	b.want(403, "", "POST", "/api/setup", good)

	good.Token = token
	weak := good
	weak.Password = "short"
	if _, field, _ := refusal(t, b.want(422, "", "POST", "/api/setup", weak)); field != "password" {
		t.Errorf("the weak password's field is %q", field)
	}
	b.now = b.now.Add(setupLife)
	b.want(403, "", "POST", "/api/setup", good)
	b.now = b.now.Add(-time.Minute)
	w := b.want(200, "", "POST", "/api/setup", good)
	b.cookies["ann"] = cookie(t, w).Value
	if got := decode[Session](t, w); got.User.Role != meta.RoleOwner || strings.Contains(w.Body.String(), "argon2") {
		t.Errorf("the first user: %s", w.Body)
	}
	if s := decode[State](t, b.want(200, "ann", "GET", "/api/state", nil)); s.Setup || s.User == nil || s.Version != "9.9.9" {
		t.Errorf("state after set-up: %+v", s)
	}
	b.want(409, "", "POST", "/api/setup", good) // used
	if again, err := NewSetupToken(t.Context(), b.store, b.now); again != "" || err != nil {
		t.Errorf("a token with users there: %q, %v", again, err)
	}
	if len(b.audited("setup")) != 1 {
		t.Error("set-up is not audited")
	}
}

// TestSetupOnceAtATime: two requests with the right token make one owner.
func TestSetupOnceAtATime(t *testing.T) {
	b := bare(t, Config{})
	token, err := NewSetupToken(t.Context(), b.store, b.now)
	if err != nil {
		t.Fatal(err)
	}
	codes := make(chan int, 4)
	for i := range cap(codes) {
		r := b.request("", "POST", "/api/setup", SetupRequest{Token: token, Name: strings.Repeat("x", i+1), Password: goodSecret})
		go func() { codes <- b.send(r).Code }()
	}
	var got []int
	for range cap(codes) {
		got = append(got, <-codes)
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{200, 409, 409, 409}) {
		t.Errorf("answers %v", got)
	}
}

// TestLoginTellsNothing covers S37: unknown user, wrong password and disabled
// user are answered alike; each costs one hash.
func TestLoginTellsNothing(t *testing.T) {
	b := newBench(t, Config{})
	b.setPassword(meta.RoleOwner)
	b.setPassword(meta.RoleViewer)
	b.want(200, meta.RoleOwner, "PATCH", "/api/users/"+b.ids[meta.RoleViewer], UserChange{Disabled: ptr(true)})
	wrong := b.want(401, "", "POST", "/api/login", LoginRequest{meta.RoleOwner, "no such boots here"})
	for _, req := range []LoginRequest{{"nobody", goodSecret}, {meta.RoleViewer, goodSecret}, {"", ""}} {
		w := b.want(401, "", "POST", "/api/login", req)
		if w.Body.String() != wrong.Body.String() {
			t.Errorf("%q is answered %s", req.Name, w.Body)
		}
		if len(w.Result().Cookies()) != 0 {
			t.Errorf("%q got a cookie", req.Name)
		}
	}
	took := func(name string) time.Duration {
		best := time.Hour
		for range 3 {
			start := time.Now()
			if _, err := b.api.hasher.Verify(context.Background(), name, "x"); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	u, err := b.store.UserByName(t.Context(), meta.RoleOwner)
	if err != nil {
		t.Fatal(err)
	}
	known, unknown := took(u.Password), took("")
	if unknown < known/3 || known < unknown/3 {
		t.Errorf("a known user takes %v, an unknown one %v", known, unknown)
	}
}

// TestLoginRotation covers S36: signing in changes the secret and ends the one
// before; signing out and changing the password act at once.
func TestLoginRotation(t *testing.T) {
	b := newBench(t, Config{})
	b.setPassword(meta.RoleOwner)
	planted := b.cookies[meta.RoleOwner]
	w := b.want(200, meta.RoleOwner, "POST", "/api/login", LoginRequest{"OWNER", goodSecret})
	first := cookie(t, w)
	if first.Value == planted {
		t.Fatal("the login kept the secret that was there before")
	}
	if !first.HttpOnly || first.SameSite != http.SameSiteStrictMode || first.Path != "/" || first.Domain != "" {
		t.Errorf("cookie %+v", first)
	}
	b.want(401, meta.RoleOwner, "GET", "/api/projects", nil) // the planted one
	b.cookies["a"] = first.Value
	b.cookies["b"] = cookie(t, b.want(200, "", "POST", "/api/login", LoginRequest{"owner", goodSecret})).Value
	if _, err := b.store.Login(t.Context(), first.Value); err == nil {
		t.Error("the secret itself is stored")
	}
	if _, err := b.store.Login(t.Context(), auth.Digest(first.Value)); err != nil {
		t.Errorf("its hash is not: %v", err)
	}

	if _, field, _ := refusal(t, b.want(422, "a", "POST", "/api/password", PasswordRequest{"wrong", "seven dry red gloves"})); field != "old" {
		t.Errorf("field %q", field)
	}
	b.cookies["c"] = cookie(t, b.want(204, "a", "POST", "/api/password", PasswordRequest{goodSecret, "seven dry red gloves"})).Value
	b.want(401, "a", "GET", "/api/projects", nil)
	b.want(401, "b", "GET", "/api/projects", nil)
	b.want(200, "c", "GET", "/api/projects", nil)
	b.want(401, "", "POST", "/api/login", LoginRequest{"owner", goodSecret})

	gone := cookie(t, b.want(204, "c", "POST", "/api/logout", `{}`))
	if gone.MaxAge >= 0 || gone.Value != "" {
		t.Errorf("signing out leaves %+v", gone)
	}
	b.want(401, "c", "GET", "/api/projects", nil)
}

func TestLoginExpires(t *testing.T) {
	b := newBench(t, Config{})
	start := b.now
	for b.now.Before(start.Add(longestLife - 11*time.Hour)) {
		b.now = b.now.Add(11 * time.Hour)
		b.want(200, meta.RoleOwner, "GET", "/api/projects", nil)
	}
	b.now = start.Add(longestLife)
	b.want(401, meta.RoleOwner, "GET", "/api/projects", nil)

	b = newBench(t, Config{})
	b.now = b.now.Add(idleLife + time.Second)
	b.want(401, meta.RoleOwner, "GET", "/api/projects", nil)
	b.now = b.now.Add(-time.Hour)
	b.want(401, meta.RoleOwner, "GET", "/api/projects", nil) // it is gone
}

// TestLoginBackoff covers S37 over HTTP.
func TestLoginBackoff(t *testing.T) {
	b := newBench(t, Config{})
	b.setPassword(meta.RoleOwner)
	w := b.want(401, "", "POST", "/api/login", LoginRequest{"owner", "x"})
	for range 20 {
		if w = b.do("", "POST", "/api/login", LoginRequest{"owner", "x"}); w.Code == 429 {
			break
		}
	}
	if w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Fatalf("guessing on goes unpunished: %d %v", w.Code, w.Header())
	}
	if b.do("", "POST", "/api/login", LoginRequest{"owner", goodSecret}).Code != 429 {
		t.Error("the right password breaks the wait: that tells which one is right")
	}
	elsewhere := b.request("", "POST", "/api/login", LoginRequest{"owner", goodSecret})
	elsewhere.RemoteAddr = "198.51.100.9:4711"
	if w := b.send(elsewhere); w.Code != 200 {
		t.Errorf("the owner is locked out: %d %s", w.Code, w.Body)
	}
	b.now = b.now.Add(2 * time.Minute)
	b.want(200, "", "POST", "/api/login", LoginRequest{"owner", goodSecret})
}

// TestCookieByScheme: __Host- where the browser speaks https; a header from an
// untrusted peer does not make it so (S28).
func TestCookieByScheme(t *testing.T) {
	b := newBench(t, Config{TrustedProxies: []string{"10.0.0.0/8"}})
	b.setPassword(meta.RoleOwner)
	r := b.request("", "POST", "/api/login", LoginRequest{"owner", goodSecret})
	r.RemoteAddr = "10.1.2.3:999"
	r.Host = "stats.example"
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	w := b.send(r)
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if c := cookie(t, w); c.Name != "__Host-footpath" || !c.Secure {
		t.Errorf("over https the cookie is %+v", c)
	}
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over https")
	}
	r = b.request("", "POST", "/api/login", LoginRequest{"owner", goodSecret})
	r.Host = "stats.example"
	r.Header.Set("X-Forwarded-Proto", "https")
	w = b.send(r)
	if code, _, _ := refusal(t, w); w.Code != 403 || code != "plain-http" {
		t.Errorf("sign-in over plain http off loopback: %d %s", w.Code, w.Body)
	}
}

// TestOverTLS signs in, looks and signs out as a browser would, over a real
// connection with a real cookie jar.
func TestOverTLS(t *testing.T) {
	b := newBench(t, Config{Prefix: "/footpath"})
	b.setPassword(meta.RoleOwner)
	server := httptest.NewTLSServer(b.handler)
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	f := func(method, path, body string, want int) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", server.URL)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != want {
			t.Errorf("%s %s: %d %s (%v), want %d", method, path, answer.StatusCode, text, err, want)
		}
		return string(text)
	}
	f("GET", "/footpath/api/projects", "", 401)
	f("POST", "/footpath/api/login", `{"name":"owner","password":"`+goodSecret+`"}`, 200)
	if state := f("GET", "/footpath/api/state", "", 200); !strings.Contains(state, `"collector":"`+server.URL+`/footpath"`) {
		t.Errorf("state %s", state)
	}
	f("GET", "/footpath/api/projects", "", 200)
	f("GET", "/api/projects", "", 404)
	f("POST", "/footpath/api/logout", `{}`, 204)
	f("GET", "/footpath/api/projects", "", 401)
}

// TestLogsNameNobody: privacy guarantee 11 for this room (S32, S48).
func TestLogsNameNobody(t *testing.T) {
	b := newBench(t, Config{})
	b.do(meta.RoleOwner, "GET", "/api/projects/"+knownKey+"/sessions?page=https://site.example/secret-page", nil)
	b.do("", "POST", "/api/login", LoginRequest{"ann.secret", "hunter-secret"})
	b.do("", "GET", "/api/nothing-secret", nil)
	if !strings.Contains(b.log.String(), "GET /api/projects/{key}/sessions") {
		t.Fatalf("the request is not logged: %s", b.log)
	}
	for _, bad := range []string{"203.0.113.77", "TestBrowser", "secret", knownKey} {
		if strings.Contains(b.log.String(), bad) {
			t.Errorf("the log holds %q: %s", bad, b.log)
		}
	}
	families, err := b.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if strings.Contains(l.GetValue(), knownKey) || strings.Contains(l.GetValue(), "secret") {
					t.Errorf("metric %s has the label %s", f.GetName(), l)
				}
			}
		}
	}
}
