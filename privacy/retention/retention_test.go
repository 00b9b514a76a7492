package retention

import (
	"errors"
	"log/slog"
	"testing"
	"time"

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

const project = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")

// rig is retention over the real engines of one machine, with clocks set by hand.
type rig struct {
	t       *testing.T
	now     time.Time
	elapsed time.Duration
	deps    Deps
}

func newRig(t *testing.T, now time.Time) *rig {
	t.Helper()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
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
	must(facts.CreateProject(t.Context(), meta.Project{Key: project, Name: "Planning", Zone: "UTC", ReplayDays: 30, EventMonths: 13}))
	r := &rig{t: t, now: now}
	r.deps = Deps{
		Keys: store, Recordings: objects, Events: tables, Log: log, Meta: facts, Logger: quiet,
		Now: func() time.Time { return r.now }, Elapsed: func() time.Duration { return r.elapsed },
	}
	return r
}

func (r *rig) retention() *Retention {
	r.t.Helper()
	out, err := New(r.deps)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func dayOf(at time.Time) int32 {
	y, m, d := at.Date()
	return int32(y*10_000 + int(m)*100 + d)
}

// session puts one session with key, row and recording at an instant.
func (r *rig) session(id wire.ID, at time.Time) {
	r.t.Helper()
	ctx := r.t.Context()
	if _, err := r.deps.Keys.Create(ctx, keys.Name{Project: project, ID: id, Day: dayOf(at)}); err != nil {
		r.t.Fatal(err)
	}
	segment := recordings.Segment{Project: project, Session: id, Day: dayOf(at), Class: "30d", First: at.UnixMilli(), Last: at.UnixMilli(), Data: []byte("sealed")}
	if err := r.deps.Recordings.Put(ctx, []recordings.Segment{segment}); err != nil {
		r.t.Fatal(err)
	}
	err := r.deps.Events.Write(ctx, events.Batch{
		Offset:   0,
		Replace:  []events.SessionKey{{Project: project, Session: id, Start: at.UnixMilli()}},
		Events:   []events.Event{{Project: project, Session: id, Visitor: id, Record: id, Time: at.UnixMilli(), Kind: "page"}},
		Sessions: []events.Session{{Project: project, Session: id, Visitor: id, Day: dayOf(at), Start: at.UnixMilli(), End: at.UnixMilli()}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// has says which parts of a session are there: "key row recording".
func (r *rig) has(id wire.ID, at time.Time) string {
	r.t.Helper()
	ctx := r.t.Context()
	out := ""
	_, err := r.deps.Keys.Get(ctx, keys.Name{Project: project, ID: id, Day: dayOf(at)})
	if err == nil {
		out += "key "
	} else if !errors.Is(err, keys.ErrUnknown) && !errors.Is(err, keys.ErrErased) {
		r.t.Fatal(err)
	}
	rows, err := r.deps.Events.Query(ctx, events.Query{
		Table: events.Sessions, Project: project, From: 0, To: events.MaxTime,
		Where: []events.Filter{events.Is("session", string(id))}, Aggregates: []events.Aggregate{{Func: events.CountRows}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if rows.Values[0][0].(int64) > 0 {
		out += "row "
	}
	infos, err := r.deps.Recordings.List(ctx, dayOf(at), project, id)
	if err != nil {
		r.t.Fatal(err)
	}
	if len(infos) > 0 {
		out += "recording"
	}
	return out
}

const (
	today   = wire.ID("todayaaaaaaaaaaaaaaaa")
	last    = wire.ID("lastaaaaaaaaaaaaaaaaa")
	past    = wire.ID("pastaaaaaaaaaaaaaaaaa")
	oldest  = wire.ID("oldestaaaaaaaaaaaaaaa")
	expired = wire.ID("expiredaaaaaaaaaaaaaa")
)

// What is due goes, to the day; what is not stays; a second run and a second
// instance find nothing (fault 85).
func TestWhatIsDueGoesAndNothingElse(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := newRig(t, now)
	times := map[wire.ID]time.Time{
		today: now.Add(-time.Hour), last: now.AddDate(0, 0, -30), past: now.AddDate(0, 0, -31),
		oldest: time.Date(2025, 10, 23, 0, 0, 0, 0, time.UTC), expired: time.Date(2025, 10, 22, 23, 59, 59, 0, time.UTC),
	}
	for id, at := range times {
		r.session(id, at)
	}
	if _, err := r.retention().Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[wire.ID]string{
		today: "key row recording", last: "key row recording", past: "row ", oldest: "row ", expired: "",
	} {
		if got := r.has(id, times[id]); got != want {
			t.Errorf("%s of %s has %q, want %q", id, times[id].Format(time.DateTime), got, want)
		}
	}
	for range 2 {
		again, err := r.retention().Once(t.Context())
		if err != nil || again != (Removed{}) {
			t.Errorf("again: %+v, %v", again, err)
		}
	}
}

// A project that now keeps its replays for a shorter time loses the older ones, key
// first, although their object was made for longer.
func TestAShorterTimeHoldsForWhatWasRecordedBefore(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := newRig(t, now)
	at := now.AddDate(0, 0, -10)
	r.session(past, at)
	r.session(today, now)
	p, err := r.deps.Meta.Project(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	p.ReplayDays = 7
	if err := r.deps.Meta.UpdateProject(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	did, err := r.retention().Once(t.Context())
	if err != nil || did.Replays != 1 {
		t.Fatalf("%+v, %v", did, err)
	}
	if got := r.has(past, at); got != "row " {
		t.Errorf("ten days old: %q", got)
	}
	if got := r.has(today, now); got != "key row recording" {
		t.Errorf("of today: %q", got)
	}
}

// Fault 48: a clock that jumps a year ahead destroys nothing until it has been seen
// to hold for an hour; one that is set right in time destroys nothing at all.
func TestAClockThatJumpsDestroysNothing(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := newRig(t, now)
	r.session(today, now)
	one := r.retention()
	look := func(wall time.Time, elapsed time.Duration, want bool) {
		t.Helper()
		r.now, r.elapsed = wall, elapsed
		if ran, err := one.Look(t.Context()); err != nil || ran != want {
			t.Fatalf("look at %s: ran %v, %v, want %v", wall, ran, err, want)
		}
	}
	look(now, 0, false) // never seen before
	look(now.Add(time.Hour), time.Hour, true)
	look(now.AddDate(2, 0, 0), time.Hour+10*time.Minute, false)
	look(now.Add(time.Hour+20*time.Minute), time.Hour+20*time.Minute, false)
	look(now.Add(3*time.Hour), 3*time.Hour, false) // believed again, but it has run today
	if got := r.has(today, now); got != "key row recording" {
		t.Errorf("after the jump: %q", got)
	}
	look(now.AddDate(0, 0, 1), 24*time.Hour, true)
	if got := r.has(today, now); got != "key row recording" {
		t.Errorf("a day later: %q", got)
	}
}
