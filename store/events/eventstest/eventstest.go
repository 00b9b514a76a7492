// Package eventstest is the conformance suite of store/events: every engine runs
// it. What an engine answers is compared with the reference in store/events/memory
// on generated data; the writing contract is checked case by case.
package eventstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"footpath/journal"
	"footpath/store/events"
	"footpath/store/events/memory"
	"footpath/wire"
)

// Engine is what the suite tests.
type Engine struct {
	// Open opens the store in dir; opening the same directory again after Close
	// finds what was written.
	Open func(dir string) (events.Store, error)
	// Keeps: what was written survives Close.
	Keeps bool
}

// November 2026 to January 2027, so that data crosses months and a year.
var (
	from = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC).UnixMilli()
	to   = time.Date(2027, 1, 10, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	t.Run("every column comes back", e.columns)
	t.Run("random questions agree with the reference", e.differential)
	t.Run("edges of times, buckets and months", e.edges)
	t.Run("fault 62: a batch written twice changes nothing", e.twice)
	t.Run("a batch behind the offset changes nothing", e.behind)
	t.Run("closing a session needs no new offset", e.sameOffset)
	t.Run("replacing moves a session to another month", e.moves)
	t.Run("events without a session are refused", e.unnamed)
	t.Run("counts add up", e.counts)
	t.Run("sealed sessions are named", e.sealed)
	t.Run("erased sessions are gone, others stay", e.erase)
	t.Run("what is older goes, by project", e.expire)
	t.Run("hostile texts are only texts", e.hostile)
	t.Run("wrong questions are refused", e.wrong)
	t.Run("a cancelled question ends", e.cancelled)
	if e.Keeps {
		t.Run("everything is there after reopening", e.reopen)
	}
}

func (e Engine) open(t *testing.T, dir string) events.Store {
	t.Helper()
	s, err := e.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t *testing.T, s events.Writer, b events.Batch) {
	t.Helper()
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// All selects every column of every row of a project.
func All(table events.Table, project wire.ProjectKey) events.Query {
	q := events.Query{Table: table, Project: project, From: 0, To: events.MaxTime}
	for _, c := range events.Columns(table) {
		q.Select = append(q.Select, c.Name)
	}
	return q
}

// Dump reads everything of the first projects, table by table.
func Dump(t *testing.T, s events.Reader) map[events.Table][][]any {
	t.Helper()
	out := map[events.Table][][]any{}
	for _, table := range []events.Table{events.Events, events.Sessions, events.Counts} {
		for i := range 3 {
			rows, err := s.Query(t.Context(), All(table, Project(i)))
			if err != nil {
				t.Fatal(err)
			}
			out[table] = append(out[table], rows.Values...)
		}
	}
	return out
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("differs (-want +got):\n%.4000s", diff)
	}
}

// both writes batches to the engine and to the reference.
func (e Engine) both(t *testing.T, batches []events.Batch) (events.Store, events.Store) {
	t.Helper()
	s, ref := e.open(t, t.TempDir()), memory.New()
	for _, b := range batches {
		write(t, s, b)
		write(t, ref, b)
	}
	return s, ref
}

func (e Engine) columns(t *testing.T) {
	s, ref := e.both(t, Batches(Data{Seed: 1, Sessions: 60, From: from, To: to, Batch: 7}))
	same(t, Dump(t, s), Dump(t, ref))
	if n := len(Dump(t, s)[events.Sessions]); n != 60 {
		t.Fatalf("%d sessions", n)
	}
}

func (e Engine) twice(t *testing.T) {
	batches := Batches(Data{Seed: 2, Sessions: 80, From: from, To: to, Batch: 20})
	// Events that come without Replace and counts are the ones that would double.
	batches[1].Replace, batches[3].Replace = nil, nil
	s, _ := e.both(t, batches)
	before := Dump(t, s)
	write(t, s, batches[3])
	for _, b := range batches {
		write(t, s, b)
	}
	same(t, Dump(t, s), before)
	offset, err := s.Offset(t.Context())
	if err != nil || offset != batches[3].Offset {
		t.Fatalf("offset %d, %v", offset, err)
	}
}

func (e Engine) behind(t *testing.T) {
	batches := Batches(Data{Seed: 3, Sessions: 40, From: from, To: to, Batch: 20})
	s, _ := e.both(t, batches)
	before := Dump(t, s)
	old := batches[0]
	old.Sessions[0].Pages = 99
	write(t, s, old)
	same(t, Dump(t, s), before)
	write(t, s, events.Batch{Offset: 500})
	if offset, err := s.Offset(t.Context()); err != nil || offset != 500 {
		t.Fatalf("offset %d, %v", offset, err)
	}
}

func (e Engine) sameOffset(t *testing.T) {
	batches := Batches(Data{Seed: 4, Sessions: 20, From: from, To: to, Batch: 20})
	s, ref := e.both(t, batches)
	closing := events.Batch{Offset: batches[0].Offset, Sessions: append([]events.Session(nil), batches[0].Sessions...), Counts: batches[0].Counts}
	for i := range closing.Sessions {
		closing.Sessions[i].Sealed, closing.Sessions[i].Clicks = true, 77
	}
	write(t, s, closing)
	write(t, ref, closing)
	got := Dump(t, s)
	same(t, got, Dump(t, ref))
	for _, row := range got[events.Sessions] {
		if row[10] != int64(77) {
			t.Fatalf("row not replaced: %v", row)
		}
	}
}

func (e Engine) moves(t *testing.T) {
	november := time.Date(2026, 11, 1, 0, 0, 1, 0, time.UTC).UnixMilli()
	b := Batches(Data{Seed: 5, Sessions: 1, From: november, To: november + 1})[0]
	s := e.open(t, t.TempDir())
	write(t, s, b)
	key := b.Replace[0]
	b.Offset++
	b.Sessions[0].Start -= 5_000
	for i := range b.Events {
		b.Events[i].Time -= 5_000
	}
	b.Replace = []events.SessionKey{key}
	write(t, s, b)
	got := Dump(t, s)
	if len(got[events.Sessions]) != 1 || len(got[events.Events]) != len(b.Events) {
		t.Fatalf("%d sessions, %d events, want 1, %d", len(got[events.Sessions]), len(got[events.Events]), len(b.Events))
	}
}

func (e Engine) unnamed(t *testing.T) {
	b := Batches(Data{Seed: 6, Sessions: 1, From: from, To: to})[0]
	s := e.open(t, t.TempDir())
	b.Replace, b.Sessions = nil, nil
	if err := s.Write(t.Context(), b); !errors.Is(err, events.ErrBatch) {
		t.Fatalf("unnamed: %v", err)
	}
	b.Events, b.Counts = nil, []events.Count{{Project: Project(0), Hour: -1, Views: 1}}
	if err := s.Write(t.Context(), b); !errors.Is(err, events.ErrBatch) {
		t.Fatalf("time: %v", err)
	}
}

func (e Engine) counts(t *testing.T) {
	s := e.open(t, t.TempDir())
	c := events.Count{Project: Project(0), Hour: from, URL: "https://site.example/", Device: "mobile", Views: 2}
	other := c
	other.Device = "desktop"
	write(t, s, events.Batch{Offset: 1, Counts: []events.Count{c, other, c}})
	write(t, s, events.Batch{Offset: 2, Counts: []events.Count{c}})
	got := Dump(t, s)[events.Counts]
	views := len(events.Columns(events.Counts)) - 1
	if len(got) != 2 || got[0][views] != int64(2) || got[1][views] != int64(6) {
		t.Fatalf("counts %v", got)
	}
}

func (e Engine) sealed(t *testing.T) {
	b := Batches(Data{Seed: 7, Sessions: 30, From: from, To: to})[0]
	s := e.open(t, t.TempDir())
	write(t, s, b)
	want := map[events.SessionKey]journal.Position{}
	for i, r := range b.Sessions {
		if r.Sealed {
			want[b.Replace[i]] = r.Last
		}
	}
	unknown := b.Replace[0]
	unknown.Session = "unknown"
	got, err := s.Sealed(t.Context(), append(b.Replace, unknown))
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
}

func (e Engine) erase(t *testing.T) {
	batches := Batches(Data{Seed: 8, Sessions: 60, From: from, To: to, Batch: 20})
	s, ref := e.both(t, batches)
	keys := append(batches[0].Replace[:5:5], batches[2].Replace[:5]...)
	for _, store := range []events.Store{s, ref} {
		if err := store.Erase(t.Context(), keys); err != nil {
			t.Fatal(err)
		}
	}
	same(t, Dump(t, s), Dump(t, ref))
	if n := len(Dump(t, s)[events.Sessions]); n != 50 {
		t.Fatalf("%d sessions left", n)
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, Dump(t, s), Dump(t, ref))
}

// expire compares with the reference, then looks that nothing else has gone: one
// project, sessions by their start, counts by their hour.
func (e Engine) expire(t *testing.T) {
	s, ref := e.both(t, Batches(Data{Seed: 12, Sessions: 80, From: from, To: to, Batch: 20}))
	other := Dump(t, s)
	for _, before := range []int64{from, from + 30*86_400_000, from + 31*86_400_000 + 1, events.MaxTime} {
		var got, want events.Removed
		for store, into := range map[events.Store]*events.Removed{s: &got, ref: &want} {
			r, err := store.Expire(t.Context(), Project(0), before)
			if err != nil {
				t.Fatal(err)
			}
			*into = r
		}
		same(t, got, want)
		same(t, Dump(t, s), Dump(t, ref))
		for _, store := range []events.Store{s, ref} {
			if again, err := store.Expire(t.Context(), Project(0), before); err != nil || again != (events.Removed{}) {
				t.Fatalf("expired twice: %+v, %v", again, err)
			}
		}
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, Dump(t, s), Dump(t, ref))
	for table, rows := range Dump(t, s) {
		kept := 0
		for _, r := range other[table] {
			if r[0] != string(Project(0)) {
				kept++
			}
		}
		if len(rows) != kept {
			t.Fatalf("%s: %d rows left, %d are of other projects", table, len(rows), kept)
		}
	}
}

func (e Engine) reopen(t *testing.T) {
	dir := t.TempDir()
	batches := Batches(Data{Seed: 9, Sessions: 60, From: from, To: to, Batch: 20})
	s, err := e.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		write(t, s, b)
	}
	write(t, s, events.Batch{Offset: 4_000})
	before := Dump(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := e.open(t, dir)
	same(t, Dump(t, again), before)
	if offset, err := again.Offset(t.Context()); err != nil || offset != 4_000 {
		t.Fatalf("offset %d, %v", offset, err)
	}
}

func (e Engine) cancelled(t *testing.T) {
	s := e.open(t, t.TempDir())
	write(t, s, Batches(Data{Seed: 10, Sessions: 50, From: from, To: to})[0])
	ctx, cancel := context.WithCancel(t.Context())
	stop := errors.New("enough")
	rows := 0
	if err := s.Scan(ctx, All(events.Events, Project(0)), func([]any) error { rows++; return stop }); !errors.Is(err, stop) || rows != 1 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	cancel()
	if _, err := s.Query(ctx, All(events.Events, Project(0))); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled question: %v", err)
	}
}
