package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/journal/journaltest"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/wire"
)

const (
	testKey    = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")
	testOrigin = "https://planning.example"
	chromeUA   = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)

// site is a collector with real stores in a temporary directory.
type site struct {
	t       testing.TB
	dir     string
	log     *journaldisk.Log
	keys    *keysdisk.Store
	meta    meta.Store
	c       *Collector
	server  *httptest.Server
	logged  *lockedBuffer
	metrics *prometheus.Registry
	stop    func()

	mu  sync.Mutex
	now time.Time
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func testProject() meta.Project {
	return meta.Project{
		Key: testKey, Name: "Planning", Domains: []string{"planning.example", "*.council.example", "localhost:8080"},
		Purpose: "improve the search", LegalBasis: "consent", Consent: meta.OptIn, Profile: meta.Strict, Replay: true,
		Sampling: 10_000, IdleMinutes: 15, MaxMinutes: 60, GPC: true, DNT: true, Storage: "cookie", Created: time.Unix(1, 0),
	}
}

// newSite starts a collector on dir; edit may change the project first.
func newSite(t testing.TB, dir string, cfg Config, edit func(*meta.Project)) *site {
	t.Helper()
	s := &site{t: t, dir: dir, now: time.UnixMilli(1795456800000), logged: &lockedBuffer{}, metrics: prometheus.NewRegistry()}
	var err error
	if s.log, err = journaldisk.Open(filepath.Join(dir, "journal"), journaldisk.Config{BallastBytes: -1}); err != nil {
		t.Fatal(err)
	}
	if s.keys, err = keysdisk.Open(filepath.Join(dir, "keys"), bytes.Repeat([]byte{3}, 32)); err != nil {
		t.Fatal(err)
	}
	if s.meta, err = sqlite.Open(filepath.Join(dir, "meta.db")); err != nil {
		t.Fatal(err)
	}
	p := testProject()
	if edit != nil {
		edit(&p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := s.meta.Project(ctx, p.Key); err != nil {
		if err := s.meta.CreateProject(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	s.c, err = New(cfg, Deps{
		Log: s.log, Keys: s.keys, Meta: s.meta, Secret: bytes.Repeat([]byte{5}, 32),
		Loader: []byte("loader()"), CorePath: "/recorder-core.abc123.js", Core: []byte("core()"), CoreSRI: "sha384-x",
		Now: s.clock, Registerer: s.metrics,
		Logger: slog.New(slog.NewTextHandler(s.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.c.Run(ctx) }()
	select {
	case <-s.c.Ready():
	case err := <-ended:
		t.Fatalf("run: %v", err)
	}
	s.server = httptest.NewServer(s.c.Handler())
	s.stop = sync.OnceFunc(func() {
		s.server.Close()
		cancel()
		<-ended
		_, _, _ = s.log.Close(), s.keys.Close(), s.meta.Close()
	})
	t.Cleanup(s.stop)
	return s
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// page is the payload of one page view.
func page(n int) string {
	return fmt.Sprintf(`{"k":"page","t":1795456800000,"d":{"v":%d,"u":"https://planning.example/","n":"load","w":1,"h":1,"s":"small"}}`+"\n", n)
}

func header(session, record int, seq uint32) wire.Header {
	return wire.Header{
		Codec: wire.CodecRRWeb, Flags: wire.FlagTierB | wire.FlagConsent, Project: testKey,
		Session: journaltest.ID("S", session), Visitor: journaltest.ID("V", session), Record: journaltest.ID("R", record),
		Seq: seq, Events: 1, SentMs: 1795456800000,
	}
}

func envelope(t testing.TB, h wire.Header, text string) []byte {
	t.Helper()
	body, err := wire.Append(nil, h, wire.Deflate([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// got is an answer as a browser sees it.
type got struct {
	Status int
	Reason wire.Reason
	Retry  string
	Answer wire.Answer
	Header http.Header
}

func (s *site) request(method, path string, body []byte, edit func(*http.Request)) got {
	s.t.Helper()
	r, err := http.NewRequest(method, s.server.URL+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Origin", testOrigin)
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	r.Header.Set("User-Agent", chromeUA)
	if edit != nil {
		edit(r)
	}
	resp, err := s.server.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	g := got{
		Status: resp.StatusCode, Reason: wire.Reason(resp.Header.Get(wire.ReasonHeader)),
		Retry: resp.Header.Get("Retry-After"), Header: resp.Header,
	}
	if resp.StatusCode == http.StatusAccepted {
		if err := json.Unmarshal(text, &g.Answer); err != nil {
			s.t.Fatalf("answer %q: %v", text, err)
		}
	}
	return g
}

func (s *site) send(h wire.Header, text string) got {
	s.t.Helper()
	return s.request("POST", "/v1/chunks", envelope(s.t, h, text), nil)
}

func (s *site) expect(g got, status int, reason wire.Reason) {
	s.t.Helper()
	if g.Status != status || g.Reason != reason {
		s.t.Errorf("got %d %q, want %d %q", g.Status, g.Reason, status, reason)
	}
}

// entries is what the journal holds.
func (s *site) entries() []journal.Entry {
	s.t.Helper()
	t, ok := s.t.(*testing.T)
	if !ok {
		s.t.Fatal("not in a benchmark")
	}
	return journaltest.Read(t, s.log, 0)
}

// open gives the text of a stored chunk.
func (s *site) open(c journal.Chunk) string {
	s.t.Helper()
	key, err := s.keys.Get(context.Background(), keys.Name{Project: c.Project, ID: c.Session, Day: c.Day})
	if err != nil {
		s.t.Fatal(err)
	}
	payload, err := key.Open(c.Body, wire.Additional(c.Header))
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := wire.Inflate(payload)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// counter reads one outcome's count.
func (s *site) counter(outcome string) int {
	s.t.Helper()
	families, err := s.metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "footpath_collect_chunks_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if strings.Contains(m.String(), `"`+outcome+`"`) {
				return int(m.GetCounter().GetValue())
			}
		}
	}
	return 0
}
