package httpx

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
)

func TestWriteError(t *testing.T) {
	f := func(err error, status int, body string, retry string) {
		t.Helper()
		w := httptest.NewRecorder()
		WriteError(w, err)
		if w.Code != status || !strings.Contains(w.Body.String(), body) || w.Header().Get("Retry-After") != retry {
			t.Errorf("%v: %d %s, Retry-After %q", err, w.Code, w.Body, w.Header().Get("Retry-After"))
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v may be cached", err)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%v: not JSON: %s", err, w.Body)
		}
	}
	f(Invalid("name", "Say %q.", "it"), 422, `{"error":{"code":"invalid","message":"Say \"it\".","field":"name"}}`, "")
	f(&Error{Status: 429, Code: "wait", Message: "Wait.", RetryAfter: 1500 * time.Millisecond}, 429, `"wait"`, "2")
	f(errors.New("table users is locked"), 500, `"internal"`, "")
	w := httptest.NewRecorder()
	WriteError(w, errors.New("table users is locked"))
	if strings.Contains(w.Body.String(), "users") {
		t.Errorf("internals are shown: %s", w.Body)
	}
}

func TestReadJSON(t *testing.T) {
	type thing struct {
		Name string `json:"name"`
		N    int    `json:"n"`
	}
	f := func(body string, status int, field string) {
		t.Helper()
		var v thing
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		err := ReadJSON(httptest.NewRecorder(), r, &v)
		if status == 0 {
			if err != nil {
				t.Errorf("%.40q: %v", body, err)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Status != status || e.Field != field {
			t.Errorf("%.40q: %v, want %d on %q", body, err, status, field)
		}
	}
	f(`{"name":"a","n":1}`, 0, "")
	f(`{}`, 0, "")
	f(``, 400, "")
	f(`{"name":"a"`, 400, "")
	f(`{"name":"a"}x`, 400, "")
	f(`{"name":"a","name":"b"}`, 400, "name")
	f(`{"nam":"a"}`, 422, "nam")
	f(`{"Name":"a"}`, 422, "Name")
	f(`{"name":7}`, 422, "name")
	f(`{"n":1.5}`, 422, "n")
	f(`{"n":1e400}`, 422, "n")
	f("{\"name\":\"\xff\"}", 400, "")
	f(`{"name":"\ud800"}`, 400, "")
	f(`{"name":"`+strings.Repeat("a", MaxBody)+`"}`, 413, "")
	f(strings.Repeat(`[`, 60_000), 422, "")
}

func TestAcceptsGzip(t *testing.T) {
	f := func(header string, want bool) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if got := AcceptsGzip(r); got != want {
			t.Errorf("AcceptsGzip(%q) = %v", header, got)
		}
	}
	f("", false)
	f("br", false)
	f("gzip", true)
	f("br, gzip;q=0.5", true)
	f("gzip;q=0, br", false)
	f("gzip; q=0.000", false)
	f("*", true)
	f("x-gzip-not", false)
}

func TestWriteJSONIsSmallAndKnown(t *testing.T) {
	long := strings.Repeat("footpath ", 500)
	get := func(v any, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		if err := WriteJSON(w, r, 200, v); err != nil {
			t.Fatal(err)
		}
		return w
	}
	packed := get(long, "Accept-Encoding", "gzip")
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > 200 {
		t.Errorf("%d bytes, %v", packed.Body.Len(), packed.Header())
	}
	z, err := gzip.NewReader(bytes.NewReader(packed.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(z); err != nil || string(body) != `"`+long+`"` {
		t.Errorf("unpacked %d bytes, %v", len(body), err)
	}
	if w := get("short", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Error("a short answer was compressed")
	}
	if w := get(long, "If-None-Match", `"other", `+packed.Header().Get("ETag")); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("a known answer was sent again: %d", w.Code)
	}
	if w := get("changed", "If-None-Match", packed.Header().Get("ETag")); w.Code != 200 {
		t.Errorf("a changed answer was not sent: %d", w.Code)
	}
}

// TestPeers covers fault 30 and S28: what a proxy says counts from a trusted one.
func TestPeers(t *testing.T) {
	p, err := NewPeers("", []string{"10.0.0.0/8", "fd00::1"})
	if err != nil {
		t.Fatal(err)
	}
	client := func(remote string, forwarded ...string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		for _, f := range forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		return p.Client(r, []byte("secret"))
	}
	same := func(what, a, b string, want bool) {
		t.Helper()
		if (a == b) != want {
			t.Errorf("%s: the same client is %v, want %v", what, a == b, want)
		}
	}
	direct := client("203.0.113.7:1")
	same("another port", direct, client("203.0.113.7:2"), true)
	same("another address", direct, client("203.0.113.8:1"), false)
	same("a forged header", direct, client("203.0.113.7:1", "198.51.100.1"), true)
	same("through a proxy", direct, client("10.1.1.1:1", "203.0.113.7"), true)
	same("through two", direct, client("10.1.1.1:1", "203.0.113.7, 10.2.2.2"), true)
	same("through two, in two headers", direct, client("10.1.1.1:1", "203.0.113.7", "10.2.2.2"), true)
	same("forged at the left", direct, client("10.1.1.1:1", "198.51.100.1, 203.0.113.7"), true)
	same("nonsense at the right", client("10.1.1.1:1"), client("10.1.1.1:1", "203.0.113.7, x"), true)
	same("an IPv4 address in IPv6 form", direct, client("[::ffff:203.0.113.7]:1"), true)
	same("one IPv6 network", client("[2001:db8:0:1::1]:1"), client("[2001:db8:0:1:ffff::2]:1"), true)
	same("two IPv6 networks", client("[2001:db8:0:1::1]:1"), client("[2001:db8:0:2::1]:1"), false)
	if strings.Contains(direct, "203") && strings.Contains(direct, "113") {
		t.Errorf("the key shows the address: %s", direct)
	}

	secure := func(remote, proto string, tlsState *tls.ConnectionState) bool {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.TLS = remote, tlsState
		if proto != "" {
			r.Header.Set("X-Forwarded-Proto", proto)
		}
		return p.Secure(r)
	}
	if secure("203.0.113.7:1", "https", nil) || !secure("10.1.1.1:1", "https", nil) || secure("10.1.1.1:1", "http", nil) ||
		!secure("203.0.113.7:1", "", &tls.ConnectionState{}) || secure("10.1.1.1:1", "https, http", nil) {
		t.Error("who speaks https is misjudged")
	}
	for _, bad := range []string{"stats.example", "ftp://x", "https://", "https://user@x", "https://x/?q"} {
		if _, err := NewPeers(bad, nil); err == nil {
			t.Errorf("public address %q was accepted", bad)
		}
	}
	if _, err := NewPeers("", []string{"proxy.example"}); err == nil {
		t.Error("a proxy's name was accepted")
	}
}

func TestLoopback(t *testing.T) {
	f := func(host string, want bool) {
		t.Helper()
		if got := Loopback(host); got != want {
			t.Errorf("Loopback(%q) = %v", host, got)
		}
	}
	f("localhost", true)
	f("localhost:8080", true)
	f("demo.localhost:8080", true)
	f("127.0.0.1:8080", true)
	f("127.9.9.9", true)
	f("[::1]:8080", true)
	f("::1", true)
	f("localhost.evil.example", false)
	f("stats.example", false)
	f("10.0.0.1", false)
	f("", false)
}

// TestObserver covers fault 27: a panic is one 500, counted, and the process goes on.
func TestObserver(t *testing.T) {
	reg := prometheus.NewRegistry()
	var out bytes.Buffer
	log, err := obs.Logger(&out, "debug", "json")
	if err != nil {
		t.Fatal(err)
	}
	o := NewObserver("test", reg, log, time.Now)
	serve := func(h http.HandlerFunc) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/things/private-name?q=private", nil)
		o.Wrap("GET /things/{id}", h).ServeHTTP(w, r)
		return w
	}
	var inner string
	w := serve(func(w http.ResponseWriter, r *http.Request) { inner = RequestID(r.Context()) })
	if w.Code != 200 || inner == "" || w.Header().Get("Request-Id") != inner {
		t.Errorf("%d, request %q, header %q", w.Code, inner, w.Header().Get("Request-Id"))
	}
	w = serve(func(http.ResponseWriter, *http.Request) { panic("broken: private") })
	if w.Code != 500 || strings.Contains(w.Body.String(), "broken") {
		t.Errorf("a panic answered %d %s", w.Code, w.Body)
	}
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler {
				t.Error("half an answer ended as if it were whole")
			}
		}()
		serve(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("half"))
			panic("too late")
		})
	}()
	if strings.Contains(out.String(), "private-name") || strings.Contains(out.String(), "q=private") {
		t.Errorf("the log holds the address: %s", out.String())
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if m.GetCounter() != nil {
				got[f.GetName()] += m.GetCounter().GetValue()
			}
		}
	}
	if got["footpath_test_http_requests_total"] != 3 || got["footpath_test_http_panics_total"] != 2 {
		t.Errorf("counters %v", got)
	}
}

func TestSameOriginLetsReadingThrough(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if err := SameOrigin(r, Peers{}); err != nil {
		t.Error(err)
	}
	r = httptest.NewRequest("POST", "/", nil)
	r.Header.Add("Sec-Fetch-Site", "same-origin")
	r.Header.Add("Sec-Fetch-Site", "cross-site") // S27
	r.Header.Set("Content-Type", "application/json")
	if SameOrigin(r, Peers{}) == nil {
		t.Error("a header given twice was believed")
	}
}
