package collect

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/privacy/learn"
	"footpath/store/meta"
	"footpath/wire"
)

// body reads an answer's body as text.
func (s *site) body(path string, edit func(*http.Request)) (int, http.Header, string) {
	s.t.Helper()
	r, err := http.NewRequest("GET", s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if edit != nil {
		edit(r)
	}
	resp, err := s.server.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var text strings.Builder
	if _, err := io.Copy(&text, resp.Body); err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, text.String()
}

func TestConfig(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	path := "/v1/config/" + string(testKey)
	status, h, text := s.body(path, nil)
	var got wire.Config
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != 200 {
		t.Fatalf("%d %q: %v", status, text, err)
	}
	want := wire.Config{
		Version: 1, Enabled: true, Consent: "opt-in", Replay: true, Profile: "strict", Sampling: 10_000,
		IdleMs: 900_000, LongestMs: 3_600_000, LifeMs: 395 * 86_400_000, GPC: true, DNT: true, Storage: "cookie",
		Core: "/recorder-core.abc123.js", CoreSRI: "sha384-x",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// The same for everybody, without a cookie (ruling 1).
	if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cache-Control") != "public, max-age=60" || h.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", h)
	}
	if status, _, _ := s.body(path, func(r *http.Request) { r.Header.Set("If-None-Match", h.Get("ETag")) }); status != 304 {
		t.Errorf("with its ETag: %d", status)
	}
	for _, key := range []string{"ffffffffffffffffffffffffffffffffffffffff", "short", strings.Repeat("F", 40)} {
		if status, _, text := s.body("/v1/config/"+key, nil); status != 401 || text != "" {
			t.Errorf("key %s: %d %q (S17)", key, status, text)
		}
	}
}

// TestChangesTakeEffect: a revoked key is unknown within a moment of Notify, for
// the configuration and for chunks; and a smartlook profile ends by itself.
func TestChangesTakeEffect(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, func(p *meta.Project) {
		p.Profile, p.ProfileReason, p.ProfileUntil = meta.Smartlook, "migration", time.UnixMilli(1795456800000).Add(time.Hour)
	})
	path := "/v1/config/" + string(testKey)
	until := func(what string, ok func() bool) {
		t.Helper()
		for range 500 {
			s.c.Notify()
			if ok() {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal(what)
	}
	profile := func() string {
		_, _, text := s.body(path, nil)
		var c wire.Config
		_ = json.Unmarshal([]byte(text), &c)
		return c.Profile
	}
	if got := profile(); got != meta.Smartlook {
		t.Errorf("profile %q", got)
	}
	s.pass(2 * time.Hour)
	until("the profile did not expire (ruling 5)", func() bool { return profile() == meta.Strict })
	p, err := s.meta.Project(t.Context(), testKey)
	if err != nil {
		t.Fatal(err)
	}
	p.Revoked = true
	if err := s.meta.UpdateProject(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	until("the key was not revoked", func() bool { status, _, _ := s.body(path, nil); return status == 401 })
	s.expect(s.send(header(1, 1, 0), page(0)), 401, wire.ReasonUnknownKey)
}

func TestScripts(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	for path, want := range map[string][2]string{
		"/recorder.js":             {"loader()", "public, max-age=600"},
		"/recorder-core.abc123.js": {"core()", "public, max-age=31536000, immutable"},
	} {
		status, h, text := s.body(path, nil)
		if status != 200 || text != want[0] || h.Get("Cache-Control") != want[1] || h.Get("Access-Control-Allow-Origin") != "*" ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %d %q %v", path, status, text, h)
		}
	}
	for _, path := range []string{"/", "/recorder-core.other.js", "/v1/chunks", "/v1/sessions", "/recorder.js/../v1"} {
		if status, _, text := s.body(path, nil); status == 200 {
			t.Errorf("%s: 200 %q (S22)", path, text)
		}
	}
}

func TestTexts(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	texts := []string{"Search", "Find a planning application", "Größe €", "🙂 emoji"}
	set := meta.TextSet{Project: testKey, Version: "00112233445566ff", Texts: texts, Created: time.Unix(1, 0)}
	if err := s.meta.PutTexts(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	path := "/v1/texts/" + string(testKey) + "/" + set.Version
	if status, _, _ := s.body(path, nil); status != 404 {
		t.Errorf("before approval: %d (ruling 16)", status)
	}
	set.Approved, set.By = time.Unix(2, 0), "editor"
	if err := s.meta.PutTexts(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	status, h, text := s.body(path, nil)
	var got wire.Texts
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != 200 {
		t.Fatalf("%d %q", status, text)
	}
	if got.Version != set.Version || got.Hashes != learn.Hashes(texts) || !strings.Contains(h.Get("Cache-Control"), "immutable") {
		t.Errorf("%+v %v", got, h)
	}
	if strings.Contains(text, "planning") {
		t.Error("a text stands in the answer")
	}
}

func TestPreflight(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	ask := func(origin string) http.Header {
		return s.request("OPTIONS", "/v1/chunks", nil, func(r *http.Request) { r.Header.Set("Origin", origin) }).Header
	}
	if h := ask(testOrigin); h.Get("Access-Control-Allow-Origin") != testOrigin || h.Get("Access-Control-Allow-Methods") != "POST" || h.Get("Vary") == "" {
		t.Errorf("listed origin: %v", h)
	}
	for _, origin := range []string{"https://evil.example", "null", "", "https://planning.example.evil.example", "https://notcouncil.example", "file://planning.example"} {
		if h := ask(origin); h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%q: allowed %q", origin, h.Get("Access-Control-Allow-Origin"))
		}
	}
}

func TestPulse(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	s.body("/recorder.js", func(r *http.Request) { r.Header.Set("Origin", testOrigin) })
	s.body("/v1/config/"+string(testKey), func(r *http.Request) { r.Header.Set("Origin", testOrigin) })
	s.send(header(1, 1, 0), page(0))
	s.c.flushPulse(t.Context())
	text, err := s.meta.Value(t.Context(), "pulse/"+string(testKey))
	if err != nil {
		t.Fatal(err)
	}
	var got beat
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	now := s.clock().UnixMilli()
	if d := cmp.Diff(beat{Script: now, Config: now, Chunk: now, Origins: []string{testOrigin}}, got); d != "" {
		t.Error(d)
	}
}

func TestReduce(t *testing.T) {
	tests := []struct{ ua, want string }{
		{chromeUA, "desktop Chrome 156 Windows false"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1", "mobile Safari 19 iOS false"},
		{"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "tablet Safari 18 iOS false"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "desktop Firefox 140 Linux false"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15", "desktop Safari 19 macOS false"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "desktop Edge 156 Windows false"},
		{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36", "mobile Chrome 156 Android false"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36", "other Chrome 156 Linux true"},
		{"my-name-is-jane/12345678901234567890", "other other other false"},
		{"", "other other other true"},
	}
	for _, test := range tests {
		c, bot := reduce(test.ua)
		got := strings.Join([]string{c.Device, c.Browser, c.OS, map[bool]string{true: "true", false: "false"}[bot]}, " ")
		if got != test.want {
			t.Errorf("%.60s: %s, want %s", test.ua, got, test.want)
		}
	}
}

// TestAddress covers fault 30 and S28: X-Forwarded-For counts from trusted peers only.
func TestAddress(t *testing.T) {
	c := &Collector{cfg: Config{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}, netSalt: []byte("salt")}
	f := func(peer, forwarded, want string) {
		t.Helper()
		r := &http.Request{RemoteAddr: peer, Header: http.Header{}}
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		if got := c.address(r).String(); got != want {
			t.Errorf("peer %s, forwarded %q: %s, want %s", peer, forwarded, got, want)
		}
	}
	f("203.0.113.7:99", "", "203.0.113.7")
	f("203.0.113.7:99", "1.2.3.4", "203.0.113.7") // not a trusted peer
	f("10.1.1.1:99", "198.51.100.9", "198.51.100.9")
	f("10.1.1.1:99", "1.2.3.4, 198.51.100.9", "198.51.100.9") // the left part anybody can write
	f("10.1.1.1:99", "198.51.100.9, 10.2.2.2", "198.51.100.9")
	f("10.1.1.1:99", "nonsense", "10.1.1.1")
	f("[::ffff:203.0.113.7]:99", "", "203.0.113.7")
	same := func(a, b string, want bool) {
		t.Helper()
		if got := c.netOf(netip.MustParseAddr(a)) == c.netOf(netip.MustParseAddr(b)); got != want {
			t.Errorf("%s and %s in one network: %v", a, b, got)
		}
	}
	same("203.0.113.7", "203.0.113.200", true)
	same("203.0.113.7", "203.0.114.7", false)
	same("2001:db8:1:2::1", "2001:db8:1:ffff::1", true)
	same("2001:db8:1::1", "2001:db8:2::1", false)
}

// TestPanic covers fault 27: 500, counted, alive, and the input is not logged.
func TestPanic(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	h := s.c.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret-input-123") }))
	s.server.Config.Handler = h
	if status, _, _ := s.body("/", nil); status != 500 {
		t.Errorf("status %d", status)
	}
	if said := s.logged.String(); strings.Contains(said, "secret-input-123") || !strings.Contains(said, "TestPanic") {
		t.Errorf("said %q", said)
	}
}
