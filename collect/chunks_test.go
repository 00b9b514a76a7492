package collect

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"footpath/privacy/keys"
	"footpath/store/meta"
	"footpath/wire"
)

func TestAcceptedIsDurableAndSealed(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	g := s.send(header(1, 1, 0), page(0))
	s.expect(g, 202, "")
	if len(g.Answer.Durable) != 1 || g.Answer.Durable[0] != 0 || len(g.Answer.Token) != 32 {
		t.Errorf("answer %+v", g.Answer)
	}
	entries := s.entries()
	if len(entries) != 1 {
		t.Fatalf("%d entries", len(entries))
	}
	c := entries[0].Chunk
	if s.open(c) != page(0) {
		t.Error("the stored text differs")
	}
	if c.Client.Device != "desktop" || c.Client.Browser != "Chrome 156" || c.Client.OS != "Windows" || c.Client.Bot {
		t.Errorf("client %+v", c.Client)
	}
	if c.Token != "" || c.Day != 20261123 || c.Arrived != s.clock().UnixMilli() {
		t.Errorf("chunk %+v", c.Header)
	}
	if cache := g.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control %q (H10)", cache)
	}
}

// TestRepeats covers faults 1, 2 and 15: a repeat is acknowledged and stored once,
// also 64 at a time, also after a restart; another body under the same number is
// acknowledged, not stored, and counted.
func TestRepeats(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t, dir, Config{}, nil)
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() { s.expect(s.send(header(1, 1, 0), page(0)), 202, "") })
	}
	wg.Wait()
	if n := len(s.entries()); n != 1 {
		t.Fatalf("%d entries, want 1", n)
	}
	if a, r := s.counter(accepted), s.counter(repeated); a != 1 || r != 63 {
		t.Errorf("accepted %d, repeated %d", a, r)
	}
	s.expect(s.send(header(1, 1, 0), page(7)), 202, "")
	if n := s.counter(conflict); n != 1 {
		t.Errorf("%d conflicts counted, want 1", n)
	}
	s.stop()
	s = newSite(t, dir, Config{}, nil)
	g := s.send(header(1, 1, 0), page(0))
	s.expect(g, 202, "")
	h := header(1, 1, 1)
	h.Token = g.Answer.Token
	s.expect(s.send(h, page(1)), 202, "")
	if entries := s.entries(); len(entries) != 2 || s.open(entries[0].Chunk) != page(0) {
		t.Errorf("%d entries after a restart, want 2, the first as first sent", len(entries))
	}
}

// TestRefusals: each bad input gets its status, its reason and its counter.
func TestRefusals(t *testing.T) {
	good := envelope(t, header(1, 1, 0), page(0))
	bomb := func() []byte {
		var out bytes.Buffer
		zw, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		_, _ = io.WriteString(zw, `{"k":"dom","t":1,"d":"`)
		_, _ = io.CopyN(zw, letters{}, 64<<20)
		_ = zw.Close()
		body, err := wire.Append(nil, header(1, 1, 0), out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	twice := append(wire.Deflate([]byte(page(0))), wire.Deflate([]byte(page(1)))...)
	members, err := wire.Append(nil, header(1, 1, 0), twice)
	if err != nil {
		t.Fatal(err)
	}
	nested, err := wire.Append(nil, header(1, 1, 0), wire.Deflate(wire.Deflate([]byte(page(0)))))
	if err != nil {
		t.Fatal(err)
	}
	unknown := header(1, 1, 0)
	unknown.Project = "ffffffffffffffffffffffffffffffffffffffff"
	tierA := header(1, 1, 0)
	tierA.Flags, tierA.Session, tierA.Visitor = wire.FlagConsent, "", ""
	robot := header(1, 1, 0)
	robot.Flags |= wire.FlagAutomation
	ungranted := header(1, 1, 0)
	ungranted.Flags = wire.FlagTierB
	two := header(1, 1, 0)
	two.Events = 2
	forged := header(1, 1, 0)
	forged.Token = "forged-token"

	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	tests := []struct {
		name   string
		body   []byte
		edit   func(*http.Request)
		status int
		reason wire.Reason
	}{
		{"not an envelope", []byte("hello"), nil, 400, wire.ReasonMalformed},
		{"cut mid-gzip (fault 8)", good[:len(good)-4], nil, 400, wire.ReasonMalformed},
		{"gzip bomb (fault 11)", bomb(), nil, 413, wire.ReasonTooLarge},
		{"two gzip members (fault 12)", members, nil, 400, wire.ReasonMalformed},
		{"gzip in gzip (fault 12)", nested, nil, 400, wire.ReasonMalformed},
		{"content encoding (fault 12)", good, with("Content-Encoding", "gzip"), 415, wire.ReasonEncoding},
		{"json", good, with("Content-Type", "application/json"), 415, wire.ReasonEncoding},
		{"oversize", make([]byte, wire.MaxBody+1), nil, 413, wire.ReasonTooLarge},
		{"deep json (fault 13)", envelope(t, header(1, 1, 0), `{"k":"dom","t":1,"d":`+strings.Repeat("[", 1<<20)), nil, 422, wire.ReasonInvalid},
		{"more events than said", envelope(t, header(1, 1, 0), page(0)+page(1)), nil, 422, wire.ReasonInvalid},
		{"fewer events than said", envelope(t, two, page(0)), nil, 422, wire.ReasonInvalid},
		{"unknown key (S17)", envelope(t, unknown, page(0)), nil, 401, wire.ReasonUnknownKey},
		{"foreign origin (S18)", good, with("Origin", "https://evil.example"), 403, wire.ReasonOrigin},
		{"origin below an exact host", good, with("Origin", "https://a.planning.example"), 403, wire.ReasonOrigin},
		{"null origin (S24)", good, with("Origin", "null"), 403, wire.ReasonOrigin},
		{"no origin", good, func(r *http.Request) { r.Header.Del("Origin") }, 403, wire.ReasonOrigin},
		{"another port", good, with("Origin", "https://planning.example:8443"), 403, wire.ReasonOrigin},
		{"GPC (S32)", good, with("Sec-GPC", "1"), 204, wire.ReasonOptOut},
		{"DNT (S32)", good, with("DNT", "1"), 204, wire.ReasonOptOut},
		{"webdriver", envelope(t, robot, page(0)), nil, 204, wire.ReasonBot},
		{"known bot", good, with("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"), 204, wire.ReasonBot},
		{"no consent (S32)", envelope(t, ungranted, page(0)), nil, 204, wire.ReasonConsent},
		{"tier A with a page event", envelope(t, tierA, page(0)), nil, 422, wire.ReasonInvalid},
		{"forged token (S21)", envelope(t, forged, page(0)), nil, 409, wire.ReasonToken},
	}
	s := newSite(t, t.TempDir(), Config{}, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := s.counter(string(test.reason))
			s.t = t
			s.expect(s.request("POST", "/v1/chunks", test.body, test.edit), test.status, test.reason)
			if after := s.counter(string(test.reason)); after != before+1 {
				t.Errorf("counter %s: %d, then %d", test.reason, before, after)
			}
		})
	}
	s.t = t
	if n := len(s.entries()); n != 0 {
		t.Errorf("%d entries were stored", n)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("a"), len(p))), nil }

func TestOriginsThatMay(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	for i, origin := range []string{
		"https://planning.example", "http://planning.example", "https://planning.example:443", "HTTPS://Planning.Example",
		"https://a.council.example", "https://a.b.council.example", "http://localhost:8080",
	} {
		g := s.request("POST", "/v1/chunks", envelope(t, header(i, i, 0), page(0)), func(r *http.Request) { r.Header.Set("Origin", origin) })
		s.expect(g, 202, "")
		if echo := g.Header.Get("Access-Control-Allow-Origin"); !strings.EqualFold(echo, origin) {
			t.Errorf("%s: allowed %q", origin, echo)
		}
		if g.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Error("credentials allowed (S24)")
		}
	}
}

// TestTokens covers S21: after its first chunk a session takes only chunks with its
// token or, for a while, of the same visitor.
func TestTokens(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	token := s.send(header(1, 1, 0), page(0)).Answer.Token
	stranger := header(1, 9, 0)
	stranger.Visitor = header(2, 0, 0).Visitor
	s.expect(s.send(stranger, page(0)), 409, wire.ReasonToken)
	s.expect(s.send(header(1, 2, 0), page(0)), 202, "") // a second tab, no token yet (fault 16)
	s.pass(121 * time.Second)
	s.expect(s.send(header(1, 1, 1), page(1)), 409, wire.ReasonToken)
	late := s.send(header(1, 1, 0), page(0)) // its answer was lost
	s.expect(late, 202, "")
	if late.Answer.Token != token {
		t.Error("another token")
	}
	h := header(1, 1, 1)
	h.Token = token
	s.expect(s.send(h, page(1)), 202, "")
	other := header(3, 3, 0)
	other.Token = token
	s.expect(s.send(other, page(0)), 409, wire.ReasonToken)
}

// TestErasedStaysErased: fault 81, a late chunk of an erased session.
func TestErasedStaysErased(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	token := s.send(header(1, 1, 0), page(0)).Answer.Token
	name := keys.Name{Project: testKey, ID: header(1, 1, 0).Session, Day: 20261123}
	if err := s.keys.Destroy(context.Background(), name); err != nil {
		t.Fatal(err)
	}
	h := header(1, 1, 1)
	h.Token = token
	s.expect(s.send(h, page(1)), 409, wire.ReasonClosed)
	s.expect(s.send(h, page(1)), 409, wire.ReasonClosed)
	if n := len(s.entries()); n != 1 {
		t.Errorf("%d entries, want the one from before", n)
	}
}

// TestKeyOfAnotherDay: a session taken up by its token after the journal and the
// memory have let go of it keeps the key of its first day.
func TestKeyOfAnotherDay(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, nil)
	token := s.send(header(1, 1, 0), page(0)).Answer.Token
	s.pass(26 * time.Hour)
	s.c.apply(ticked{})
	h := header(1, 1, 1)
	h.Token = token
	s.expect(s.send(h, page(1)), 202, "")
	if e := s.entries(); e[1].Chunk.Day != e[0].Chunk.Day {
		t.Errorf("days %d and %d", e[0].Chunk.Day, e[1].Chunk.Day)
	}
}

func TestTierA(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, func(p *meta.Project) { p.CountFirst = true })
	h := header(1, 1, 0)
	h.Flags, h.Session, h.Visitor = 0, "", ""
	count := `{"k":"count","t":1795456800000,"d":{"u":"https://planning.example/","s":"small"}}` + "\n"
	for range 2 {
		g := s.send(h, count)
		s.expect(g, 202, "")
		if g.Answer.Token != "" {
			t.Error("a token for a counting chunk")
		}
	}
	if e := s.entries(); len(e) != 1 || s.open(e[0].Chunk) != count || e[0].Chunk.Session != "" {
		t.Errorf("%d entries", len(e))
	}
}

// TestNoReplayNoDOM: DOM events of a project without replay are dropped at the
// door, the others are kept.
func TestNoReplayNoDOM(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{}, func(p *meta.Project) { p.LegalBasis = "" })
	dom := `{"k":"dom","t":1795456800000,"d":{"type":2}}` + "\n"
	h := header(1, 1, 0)
	h.Events = 3
	s.expect(s.send(h, dom+page(0)+dom), 202, "")
	if e := s.entries(); len(e) != 1 || s.open(e[0].Chunk) != page(0) || e[0].Chunk.Events != 1 {
		t.Errorf("stored %q", s.open(e[0].Chunk))
	}
	s.expect(s.send(header(1, 1, 1), dom), 204, wire.ReasonReplayOff)
}

// TestRates: 429 with Retry-After for a network, a project's new sessions, a
// session; and a session that goes on is closed (faults 51, 53, S19).
func TestRates(t *testing.T) {
	t.Run("new sessions", func(t *testing.T) {
		s := newSite(t, t.TempDir(), Config{NewPerSecond: 1, NewBurst: 3}, nil)
		for i := range 3 {
			s.expect(s.send(header(i, i, 0), page(0)), 202, "")
		}
		g := s.send(header(9, 9, 0), page(0))
		s.expect(g, 429, wire.ReasonRate)
		if g.Retry == "" {
			t.Error("no Retry-After")
		}
		if len(s.c.core.sessions) != 3 {
			t.Errorf("%d sessions remembered, want 3: refused ones cost no memory (fault 53)", len(s.c.core.sessions))
		}
		s.pass(time.Second)
		s.expect(s.send(header(9, 9, 0), page(0)), 202, "")
	})
	t.Run("session", func(t *testing.T) {
		s := newSite(t, t.TempDir(), Config{SessionPerSecond: 0.001, SessionBurst: 2, SessionRefusals: 3}, nil)
		for i, want := range []int{202, 202, 202, 429, 429, 409, 409} {
			if g := s.send(header(1, 1, uint32(i)), page(0)); g.Status != want {
				t.Errorf("chunk %d: %d %s, want %d", i, g.Status, g.Reason, want)
			}
		}
		s.expect(s.send(header(2, 2, 0), page(0)), 202, "")
	})
	t.Run("network", func(t *testing.T) {
		s := newSite(t, t.TempDir(), Config{NetPerSecond: 0.001, NetBurst: 2}, nil)
		for i, want := range []int{202, 202, 429} {
			if g := s.send(header(i, i, 0), page(0)); g.Status != want {
				t.Errorf("chunk %d: %d, want %d", i, g.Status, want)
			}
		}
	})
}

// TestSlowAndEndlessBodies covers faults 9, 10 and 23.
func TestSlowAndEndlessBodies(t *testing.T) {
	s := newSite(t, t.TempDir(), Config{BodyIdle: 100 * time.Millisecond, BodyBase: 300 * time.Millisecond}, nil)
	head := func(extra string) string {
		return "POST /v1/chunks HTTP/1.1\r\nHost: x\r\nOrigin: " + testOrigin + "\r\nContent-Type: text/plain\r\n" + extra + "\r\n\r\n"
	}
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		return conn
	}
	answer := func(conn net.Conn) string {
		b, _ := io.ReadAll(conn)
		line, _, _ := strings.Cut(string(b), "\r\n")
		return line
	}
	t.Run("stands still", func(t *testing.T) {
		conn := dial()
		fmt.Fprint(conn, head("Content-Length: 500")+"abc")
		if got := answer(conn); !strings.Contains(got, "408") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("a byte at a time", func(t *testing.T) {
		conn := dial()
		fmt.Fprint(conn, head("Content-Length: 500"))
		go func() {
			for range 500 {
				if _, err := fmt.Fprint(conn, "x"); err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
		if got := answer(conn); !strings.Contains(got, "408") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("endless", func(t *testing.T) {
		conn := dial()
		fmt.Fprint(conn, head("Transfer-Encoding: chunked"))
		go func() {
			piece := "10000\r\n" + strings.Repeat("x", 0x10000) + "\r\n"
			for {
				if _, err := fmt.Fprint(conn, piece); err != nil {
					return
				}
			}
		}()
		b := make([]byte, 64)
		n, _ := conn.Read(b)
		if !strings.Contains(string(b[:n]), "413") {
			t.Errorf("got %q", b[:n])
		}
	})
	t.Run("gone", func(t *testing.T) {
		conn := dial()
		fmt.Fprint(conn, head("Content-Length: 500")+"abc")
		_ = conn.Close()
	})
	// Whatever became of them, nothing is held any more.
	deadline := time.Now().Add(10 * time.Second)
	for {
		s.c.mu.Lock()
		held, open := s.c.core.inFlight, len(s.c.core.requests)+len(s.c.waiting)
		s.c.mu.Unlock()
		if held == 0 && open == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes and %d requests are still held", held, open)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestNoAddressAnywhere: neither address nor user agent is in a log line, a metric
// or a file (privacy.md 2.4, H01, H12).
func TestNoAddressAnywhere(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t, dir, Config{}, nil)
	const address, agent = "198.51.100.77", "PlantedAgent-d41d8cd9/77.1"
	for i := range 3 {
		s.request("POST", "/v1/chunks", envelope(t, header(i, i, 0), page(0)), func(r *http.Request) {
			r.Header.Set("X-Forwarded-For", address)
			r.Header.Set("User-Agent", agent)
		})
	}
	s.request("POST", "/v1/chunks", []byte("bad"), func(r *http.Request) { r.Header.Set("User-Agent", agent) })
	families, err := s.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	s.stop()
	seen := map[string]string{"log": s.logged.String(), "metrics": fmt.Sprint(families)}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		seen[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := string([]byte{198, 51, 100, 77})
	for where, text := range seen {
		for _, planted := range []string{address, "PlantedAgent", "127.0.0.1", raw} {
			if strings.Contains(text, planted) {
				t.Errorf("%s holds %q", where, planted)
			}
		}
	}
}
