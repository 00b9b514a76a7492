package erasure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/store/recordings"
	recordingsdisk "footpath/store/recordings/disk"
	"footpath/wire"
)

const (
	projectA = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")
	projectB = wire.ProjectKey("fedcba9876543210fedcba9876543210fedcba98")
	day      = int32(20261123)
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rig is an eraser over the real engines of one machine.
type rig struct {
	t      *testing.T
	dir    string
	deps   Deps
	offset journal.Position
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	log, err := journaldisk.Open(dir+"/journal", journaldisk.Config{BallastBytes: -1, AllocateBytes: 1 << 16, Logger: quiet})
	must(err)
	store, err := keysdisk.Open(dir+"/keys", make([]byte, keysdisk.MasterLen))
	must(err)
	tables, err := duckdb.Open(dir+"/events", duckdb.Config{})
	must(err)
	objects, err := recordingsdisk.Open(dir+"/recordings", recordingsdisk.Config{Logger: quiet})
	must(err)
	facts, err := sqlite.Open(dir + "/meta.db")
	must(err)
	t.Cleanup(func() { log.Close(); store.Close(); tables.Close(); objects.Close(); facts.Close() })
	r := &rig{t: t, dir: dir, deps: Deps{
		Keys: store, Recordings: objects, Events: tables, Log: log, Meta: facts,
		Now: func() time.Time { return noon }, Logger: quiet,
	}}
	for _, key := range []wire.ProjectKey{projectA, projectB} {
		must(facts.CreateProject(t.Context(), meta.Project{Key: key, Name: string(key[:4]), Zone: "UTC"}))
	}
	return r
}

func (r *rig) eraser() *Eraser {
	r.t.Helper()
	e, err := New(r.deps)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func place(project wire.ProjectKey, session wire.ID) Place {
	return Place{Project: project, Session: session, Day: day, Start: noon.UnixMilli()}
}

// marker is a text that is planted in a session's rows in clear.
func marker(project wire.ProjectKey, session wire.ID) string {
	return fmt.Sprintf("planted-%s-%s", project[:6], session)
}

// plant makes a session with a key, rows, a recording, and a chunk in the journal.
func (r *rig) plant(project wire.ProjectKey, session wire.ID) {
	r.t.Helper()
	ctx := r.t.Context()
	at := place(project, session)
	key, err := r.deps.Keys.Create(ctx, keys.Name{Project: project, ID: session, Day: day})
	if err != nil {
		r.t.Fatal(err)
	}
	body := key.Seal([]byte(marker(project, session)), nil)
	head := wire.Header{Codec: wire.CodecRRWeb, Flags: wire.FlagTierB, Project: project, Session: session, Visitor: session, Record: session}
	positions, err := r.deps.Log.Append(ctx, []journal.Chunk{{Header: head, Arrived: at.Start, Day: day, Body: body}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.offset = positions[0]
	err = r.deps.Events.Write(ctx, events.Batch{
		Offset:   r.offset,
		Events:   []events.Event{{Project: project, Session: session, Visitor: session, Record: session, Time: at.Start, Kind: "page", URL: "https://a.example/", Title: marker(project, session)}},
		Sessions: []events.Session{{Project: project, Session: session, Visitor: session, Day: day, Start: at.Start, End: at.Start, Pages: 1, Entry: "https://a.example/" + marker(project, session)}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	err = r.deps.Recordings.Put(ctx, []recordings.Segment{{Project: project, Session: session, Day: day, Class: "30d", First: at.Start, Last: at.Start, Data: body}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// gone checks that nothing of a session can be read or come back.
func (r *rig) gone(project wire.ProjectKey, session wire.ID) {
	r.t.Helper()
	ctx := r.t.Context()
	if _, err := r.deps.Keys.Create(ctx, keys.Name{Project: project, ID: session, Day: day}); !errors.Is(err, keys.ErrErased) {
		r.t.Errorf("key of %s: %v, want it erased, so that late chunks are refused", session, err)
	}
	infos, err := r.deps.Recordings.List(ctx, day, project, session)
	if err != nil || len(infos) > 0 {
		r.t.Errorf("recording of %s: %d segments, %v", session, len(infos), err)
	}
	if hits, _, err := Search(r.dir, []byte(marker(project, session))); err != nil || len(hits) > 0 {
		r.t.Errorf("the marker of %s is still in %v, %v", session, hits, err)
	}
}

// there checks that a session is whole.
func (r *rig) there(project wire.ProjectKey, session wire.ID) {
	r.t.Helper()
	ctx := r.t.Context()
	key, err := r.deps.Keys.Get(ctx, keys.Name{Project: project, ID: session, Day: day})
	if err != nil {
		r.t.Fatalf("key of %s: %v", session, err)
	}
	infos, err := r.deps.Recordings.List(ctx, day, project, session)
	if err != nil || len(infos) != 1 {
		r.t.Fatalf("recording of %s: %d segments, %v", session, len(infos), err)
	}
	data, err := r.deps.Recordings.Get(ctx, infos[0])
	if err != nil {
		r.t.Fatal(err)
	}
	if plain, err := key.Open(data, nil); err != nil || !bytes.Equal(plain, []byte(marker(project, session))) {
		r.t.Errorf("recording of %s reads %q, %v", session, plain, err)
	}
	if n := r.rows(project, session); n != 1 {
		r.t.Errorf("%d rows of %s, want 1", n, session)
	}
}

func (r *rig) rows(project wire.ProjectKey, session wire.ID) int64 {
	r.t.Helper()
	rows, err := r.deps.Events.Query(r.t.Context(), events.Query{
		Table: events.Events, Project: project, From: 0, To: events.MaxTime,
		Where: []events.Filter{events.Is("session", string(session))}, Aggregates: []events.Aggregate{{Func: events.CountRows}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return rows.Values[0][0].(int64)
}

const (
	mine   = wire.ID("mineaaaaaaaaaaaaaaaaa")
	theirs = wire.ID("theirsaaaaaaaaaaaaaaa")
)

// Fault 84: after an erasure a byte search finds nothing in clear, and what is
// sealed cannot be opened any more; nobody else loses anything.
func TestASessionIsGoneToTheByte(t *testing.T) {
	r := newRig(t)
	r.plant(projectA, mine)
	r.plant(projectA, theirs)
	r.plant(projectB, mine) // the same id in another project is another session (fault 17)
	if hits, _, err := Search(r.dir, []byte(marker(projectA, mine))); err != nil || len(hits) == 0 {
		t.Fatalf("the marker must be found before: %v, %v", hits, err)
	}
	receipt, err := r.eraser().Session(t.Context(), place(projectA, mine), "asked by the visitor", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Keys != 1 || receipt.Sessions != 1 || receipt.Rows != 1 || receipt.Segments != 1 || receipt.Chunks != 1 || receipt.Done.IsZero() {
		t.Errorf("receipt: %+v", receipt)
	}
	r.gone(projectA, mine)
	r.there(projectA, theirs)
	r.there(projectB, mine)
	log, err := r.deps.Meta.AuditLog(t.Context(), 0, 10)
	if err != nil || len(log) != 1 || log[0].Action != "session.erased" || log[0].User != "ada" || log[0].Subject != string(mine) {
		t.Errorf("audit: %+v, %v", log, err)
	}
}

// Fault 81: the process dies before any step; the next start finishes the erasure.
func TestACrashBeforeAnyStepIsTakenUpAgain(t *testing.T) {
	died := errors.New("died")
	for _, step := range []string{"keys", "rows", "recordings", "journal", "scrub", "finish"} {
		t.Run(step, func(t *testing.T) {
			r := newRig(t)
			r.plant(projectA, mine)
			r.plant(projectA, theirs)
			e := r.eraser()
			e.fail = func(at string) error {
				if at == step {
					return died
				}
				return nil
			}
			if _, err := e.Session(t.Context(), place(projectA, mine), "test", "ada"); !errors.Is(err, died) {
				t.Fatalf("the step was not reached: %v", err)
			}
			if err := r.eraser().Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.gone(projectA, mine)
			r.there(projectA, theirs)
			if left, err := r.deps.Meta.Erasures(t.Context(), true, 10); err != nil || len(left) > 0 {
				t.Errorf("pending: %+v, %v", left, err)
			}
		})
	}
}

// Fault 81: rows that were written between the last look and a crash are removed at
// the next start, although the erasure was finished.
func TestRowsThatCameBackAreRemovedAtTheNextStart(t *testing.T) {
	r := newRig(t)
	r.plant(projectA, mine)
	if _, err := r.eraser().Session(t.Context(), place(projectA, mine), "test", "ada"); err != nil {
		t.Fatal(err)
	}
	err := r.deps.Events.Write(t.Context(), events.Batch{
		Offset:   r.offset + 1,
		Events:   []events.Event{{Project: projectA, Session: mine, Visitor: mine, Record: mine, Seq: 1, Time: noon.UnixMilli(), Kind: "page", Title: marker(projectA, mine)}},
		Sessions: []events.Session{{Project: projectA, Session: mine, Visitor: mine, Day: day, Start: noon.UnixMilli(), End: noon.UnixMilli()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.eraser().Run(ctx) }()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		hits, _, err := Search(r.dir, []byte(marker(projectA, mine)))
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the rows are still in %v", hits)
		}
	}
	if n := r.rows(projectA, mine); n != 0 {
		t.Errorf("%d rows", n)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	r.gone(projectA, mine)
}

// Fault 85: twice, and two at a time, is once.
func TestErasingTwiceIsErasingOnce(t *testing.T) {
	r := newRig(t)
	r.plant(projectA, mine)
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := r.eraser().Session(context.Background(), place(projectA, mine), "test", "ada")
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	r.gone(projectA, mine)
}

// A project goes with everything of it; the other project keeps everything.
func TestAProjectIsGoneWithEverythingOfIt(t *testing.T) {
	r := newRig(t)
	r.plant(projectA, mine)
	r.plant(projectA, theirs)
	r.plant(projectB, mine)
	if err := r.deps.Meta.SetValue(t.Context(), "pulse/"+string(projectA), "{}"); err != nil {
		t.Fatal(err)
	}
	told := 0
	r.deps.Changed = func() { told++ }
	receipt, err := r.eraser().Project(t.Context(), projectA, "deleted", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Sessions != 2 || receipt.Segments != 2 || receipt.Keys != 2 || told != 1 {
		t.Errorf("receipt: %+v; told %d times", receipt, told)
	}
	if _, err := r.deps.Meta.Project(t.Context(), projectA); !errors.Is(err, meta.ErrNotFound) {
		t.Errorf("project: %v", err)
	}
	if v, err := r.deps.Meta.Value(t.Context(), "pulse/"+string(projectA)); !errors.Is(err, meta.ErrNotFound) {
		t.Errorf("its facts: %q, %v", v, err)
	}
	r.gone(projectA, mine)
	r.gone(projectA, theirs)
	r.there(projectB, mine)
}
