package web

import (
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func testSite(t *testing.T, prefix string) http.Handler {
	t.Helper()
	s, err := newSite(Config{Prefix: prefix}, fstest.MapFS{
		"index.html":  {Data: []byte(`<meta name="footpath-base" content="/"><script src="/app.js"></script>` + strings.Repeat("<p></p>", 100))},
		"player.html": {Data: []byte(`<script src="/player.js"></script>`)},
		"app.js":      {Data: []byte("dashboard()")},
		"player.js":   {Data: []byte("player()")},
		"app.css":     {Data: []byte("body{}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestScreensAndFiles(t *testing.T) {
	for _, prefix := range []string{"", "/footpath"} {
		h := testSite(t, prefix)
		f := func(path string, status int, contains string) {
			t.Helper()
			w := get(h, prefix+path)
			if w.Code != status || !strings.Contains(w.Body.String(), contains) {
				t.Errorf("GET %s%s: %d %q, want %d with %q", prefix, path, w.Code, w.Body, status, contains)
			}
		}
		f("/", 200, `<script src="`+prefix+`/app.js">`)
		f("/overview", 200, `content="`+prefix+`/"`)
		f("/projects/0000000000000000000000000000000000000000/sessions/abc", 200, "/app.js")
		f("/player/", 200, `<script src="`+prefix+`/player.js">`)
		f("/player", 308, "")
		f("/app.js", 200, "dashboard()")
		f("/player.js", 200, "player()")
		f("/player.html", 404, "")
		f("/missing.js", 404, "")
		f("/.env", 404, "")
		f("/api/state", 404, "")
		f("/v1/config/x", 404, "")
	}
	if w := get(testSite(t, "/footpath"), "/footpathological"); w.Code != 404 {
		t.Errorf("a path that only starts like the prefix answered %d", w.Code)
	}
	if w := get(testSite(t, "/footpath"), "/footpath"); w.Code != 308 || w.Header().Get("Location") != "/footpath/" {
		t.Errorf("the bare prefix answered %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// TestPolicies covers S51 and the player's policy of faults-and-attacks 3.3.
func TestPolicies(t *testing.T) {
	h := testSite(t, "")
	dashboard := get(h, "/overview").Header()
	player := get(h, "/player/").Header()
	for _, must := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'none'", "img-src data: blob:", "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(player.Get("Content-Security-Policy"), must) {
			t.Errorf("the player's policy lacks %q", must)
		}
	}
	for _, must := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(dashboard.Get("Content-Security-Policy"), must) {
			t.Errorf("the dashboard's policy lacks %q", must)
		}
	}
	for _, policy := range []string{player.Get("Content-Security-Policy"), dashboard.Get("Content-Security-Policy")} {
		if strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "script-src 'self' 'unsafe") || strings.Contains(policy, "http") {
			t.Errorf("policy opens too much: %s", policy)
		}
	}
	if strings.Contains(dashboard.Get("Content-Security-Policy"), "unsafe-inline") {
		t.Error("the dashboard may style inline")
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "X-DNS-Prefetch-Control": "off", "Cache-Control": "no-cache",
	} {
		if got := player.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(player.Get("Permissions-Policy"), "camera=()") {
		t.Error("the permissions policy lets the camera through")
	}
	if player.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over plain http")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS over https")
	}
}

func TestCachingAndGzip(t *testing.T) {
	h := testSite(t, "")
	plain := get(h, "/")
	packed := get(h, "/", "Accept-Encoding", "br, gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != plain.Body.String() {
		t.Error("the compressed form differs")
	}
	again := get(h, "/", "If-None-Match", plain.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("If-None-Match answered %d with %d bytes", again.Code, again.Body.Len())
	}
}

func TestOnlyReading(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	w := httptest.NewRecorder()
	testSite(t, "").ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST answered %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}
