package erasure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"footpath/collect"
	journaldisk "footpath/journal/disk"
	"footpath/journal/journaltest"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/process"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/store/recordings"
	recordingsdisk "footpath/store/recordings/disk"
	"footpath/wire"
)

const (
	own     = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")
	other   = wire.ProjectKey("76543210fedcba9876543210fedcba9876543210")
	origin  = "https://planning.example"
	planted = "marker-5d1f0c83-b27e-4a96-8c0d-77"
)

// house is every room that data passes, with the real engines, on one directory.
type house struct {
	t         *testing.T
	dir       string
	log       *journaldisk.Log
	keys      *keysdisk.Store
	meta      *sqlite.Store
	events    *duckdb.Store
	rec       *recordingsdisk.Store
	collector *collect.Collector
	eraser    *Eraser
	server    *httptest.Server
	stop      func()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// enter opens a house and starts its rooms. Leaving it without warning is a crash:
// what counts is what is on disk.
func enter(t *testing.T, dir string) *house {
	t.Helper()
	h := &house{t: t, dir: dir}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	h.keys, err = keysdisk.Open(filepath.Join(dir, "keys"), bytes.Repeat([]byte{3}, 32))
	must(t, err)
	h.log, err = journaldisk.Open(filepath.Join(dir, "journal"), journaldisk.Config{BallastBytes: -1, AllocateBytes: 1 << 16, Logger: quiet})
	must(t, err)
	h.meta, err = sqlite.Open(filepath.Join(dir, "meta.db"))
	must(t, err)
	h.events, err = duckdb.Open(filepath.Join(dir, "events"), duckdb.Config{})
	must(t, err)
	h.rec, err = recordingsdisk.Open(filepath.Join(dir, "recordings"), recordingsdisk.Config{Logger: quiet})
	must(t, err)
	h.collector, err = collect.New(collect.Config{}, collect.Deps{
		Log: h.log, Keys: h.keys, Meta: h.meta, Secret: bytes.Repeat([]byte{5}, 32),
		Loader: []byte("loader()"), CorePath: "/recorder-core.abc123.js", Core: []byte("core()"), CoreSRI: "sha384-x", Logger: quiet,
	})
	must(t, err)
	processor, err := process.New(process.Config{FlushEvery: 20 * time.Millisecond, Farewell: time.Second}, process.Deps{
		Log: h.log, Keys: h.keys, Meta: h.meta, Events: h.events, Recordings: h.rec, Secret: []byte("users"), Logger: quiet,
	})
	must(t, err)
	h.eraser, err = New(Deps{Keys: h.keys, Recordings: h.rec, Events: h.events, Log: h.log, Meta: h.meta, Changed: h.collector.Notify})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var rooms sync.WaitGroup
	for _, run := range []func(context.Context) error{h.collector.Run, processor.Run} {
		rooms.Go(func() {
			if err := run(ctx); err != nil {
				t.Errorf("a room ended: %v", err)
			}
		})
	}
	<-h.collector.Ready()
	h.server = httptest.NewServer(h.collector.Handler())
	h.stop = sync.OnceFunc(func() {
		h.server.Close()
		cancel()
		rooms.Wait()
		if err := errors.Join(h.rec.Close(), h.events.Close(), h.meta.Close(), h.log.Close(), h.keys.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(h.stop)
	return h
}

func (h *house) project(key wire.ProjectKey) {
	h.t.Helper()
	must(h.t, h.meta.CreateProject(h.t.Context(), meta.Project{
		Key: key, Name: string(key[:6]), Domains: []string{"planning.example"}, Purpose: "tests", LegalBasis: "consent",
		Consent: meta.OptIn, CountFirst: true, Profile: meta.Smartlook, ProfileUntil: time.Now().Add(time.Hour), Replay: true, Sampling: 10_000,
		IdleMinutes: 15, MaxMinutes: 60, ReplayDays: 30, EventMonths: 13, Storage: "cookie", Zone: "UTC",
	}))
	h.collector.Notify()
}

// send sends a page view of a session, or in Tier A a count, and gives the answer.
func (h *house) send(key wire.ProjectKey, session, seq int, flags wire.Flags) (status int, reason string) {
	h.t.Helper()
	now := time.Now().UnixMilli()
	head := wire.Header{
		Codec: wire.CodecRRWeb, Flags: wire.FlagConsent | flags, Project: key, Record: journaltest.ID("R", session),
		Seq: uint32(seq), Events: 1, SentMs: now,
	}
	url := fmt.Sprintf("https://planning.example/%s/%d-%d", planted, session, seq)
	text := fmt.Sprintf(`{"k":"count","t":%d,"d":{"u":%q,"w":1,"h":1,"s":"small"}}`+"\n", now, url)
	if session > 0 {
		head.Flags |= wire.FlagTierB
		head.Session, head.Visitor = journaltest.ID("S", session), journaltest.ID("V", session)
		text = fmt.Sprintf(`{"k":"page","t":%d,"d":{"v":%d,"u":%q,"ti":"T","n":"load","w":1,"h":1,"s":"small"}}`+"\n", now, seq, url)
	} else {
		head.Record = journaltest.ID("R", 1_000+seq)
		head.Seq = 0
	}
	body, err := wire.Append(nil, head, wire.Deflate([]byte(text)))
	must(h.t, err)
	req, err := http.NewRequest("POST", h.server.URL+"/v1/chunks", bytes.NewReader(body))
	must(h.t, err)
	req.Header.Set("Origin", origin)
	req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36")
	resp, err := h.server.Client().Do(req)
	must(h.t, err)
	resp.Body.Close()
	return resp.StatusCode, resp.Header.Get(wire.ReasonHeader)
}

// fill sends three chunks for each of some sessions, and counts, and waits until
// all are in the tables.
func (h *house) fill(key wire.ProjectKey, sessions ...int) {
	h.t.Helper()
	h.eventually("the door to know the project", func() bool { status, _ := h.send(key, 0, 0, 0); return status == 202 })
	for _, n := range sessions {
		for seq := range 3 {
			if status, reason := h.send(key, n, seq, 0); status != 202 {
				h.t.Fatalf("session %d: %d %s", n, status, reason)
			}
		}
	}
	h.eventually("all rows", func() bool {
		return h.rows(key, events.Events, 0) >= int64(3*len(sessions)) && h.rows(key, events.Counts, 0) > 0
	})
}

func (h *house) eventually(what string, ok func() bool) {
	h.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	h.t.Fatalf("waited too long for %s", what)
}

// rows counts rows of a project, or of one of its sessions.
func (h *house) rows(key wire.ProjectKey, table events.Table, session int) int64 {
	h.t.Helper()
	q := events.Query{Table: table, Project: key, From: 0, To: events.MaxTime, Aggregates: []events.Aggregate{{Func: events.CountRows}}}
	if session > 0 {
		q.Where = append(q.Where, events.Is("session", string(journaltest.ID("S", session))))
	}
	if table == events.Events {
		q.Where = append(q.Where, events.Is("kind", "page"))
	}
	got, err := h.events.Query(h.t.Context(), q)
	must(h.t, err)
	return got.Values[0][0].(int64)
}

func (h *house) place(session int) Place {
	h.t.Helper()
	at, err := h.eraser.Find(h.t.Context(), own, journaltest.ID("S", session))
	must(h.t, err)
	return at
}

// gone checks that nothing of a session is left, and that its key is dead.
func (h *house) gone(at Place, session int) {
	h.t.Helper()
	entries, err := h.log.Session(h.t.Context(), at.Project, at.Session)
	must(h.t, err)
	infos, err := h.rec.List(h.t.Context(), at.Day, at.Project, at.Session)
	must(h.t, err)
	sessions, rows := h.rows(at.Project, events.Sessions, session), h.rows(at.Project, events.Events, session)
	if sessions+rows > 0 || len(entries)+len(infos) > 0 {
		h.t.Errorf("left: %d sessions, %d rows, %d chunks, %d segments", sessions, rows, len(entries), len(infos))
	}
	if _, err := h.keys.Get(h.t.Context(), keys.Name{Project: at.Project, ID: at.Session, Day: at.Day}); !errors.Is(err, keys.ErrErased) {
		h.t.Errorf("key: %v, want ErrErased", err)
	}
}

// record puts a recording beside a session, as sealing does.
func (h *house) record(at Place) {
	h.t.Helper()
	key, err := h.keys.Get(h.t.Context(), keys.Name{Project: at.Project, ID: at.Session, Day: at.Day})
	must(h.t, err)
	must(h.t, h.rec.Put(h.t.Context(), []recordings.Segment{{
		Project: at.Project, Session: at.Session, Day: at.Day, Class: "30d", Data: key.Seal([]byte(planted), nil),
	}}))
}
