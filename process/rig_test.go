package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/store/events"
	"footpath/store/events/memory"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/store/recordings"
	recordingsdisk "footpath/store/recordings/disk"
	"footpath/wire"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

const projectKey = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")

// noon is where the tests' clock begins: 23 November 2026, 12:00 UTC.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func id(prefix string, n int) wire.ID {
	return wire.ID(fmt.Sprintf("%s%0*d", prefix, 21-len(prefix), n))
}

// rig is a processor over real engines, driven by hand: the clock stands still,
// builds are carried out when the rig says.
type rig struct {
	t      testing.TB
	now    time.Time
	p      *Processor
	log    *journaldisk.Log
	keys   *keysdisk.Store
	events events.Store
	rec    *recordingsdisk.Store
	meta   *sqlite.Store
	read   journal.Position
	builds []build
	fail   func(step string) error
}

func newRig(t testing.TB) *rig {
	t.Helper()
	dir := t.TempDir()
	quiet := slog.New(slog.DiscardHandler)
	r := &rig{t: t, now: noon, events: memory.New()}
	var err error
	if r.log, err = journaldisk.Open(dir+"/journal", journaldisk.Config{BallastBytes: -1, AllocateBytes: 1 << 16, Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	if r.keys, err = keysdisk.Open(dir+"/keys", make([]byte, keysdisk.MasterLen)); err != nil {
		t.Fatal(err)
	}
	if r.rec, err = recordingsdisk.Open(dir+"/recordings", recordingsdisk.Config{Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	if r.meta, err = sqlite.Open(dir + "/meta.db"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.log.Close(); r.keys.Close(); r.rec.Close(); r.meta.Close() })
	r.project(projectKey, func(*meta.Project) {})
	r.start()
	return r
}

func (r *rig) project(key wire.ProjectKey, change func(*meta.Project)) {
	r.t.Helper()
	p := meta.Project{
		Key: key, Name: string(key[:8]), Domains: []string{"a.example"}, Purpose: "tests", LegalBasis: "consent",
		Consent: meta.OptIn, Profile: meta.Strict, Replay: true, Sampling: 10_000, ReplayDays: 30, EventMonths: 13,
		Identify: true, AllowedProps: []string{"plan"}, Storage: "cookie", Zone: "UTC",
	}
	change(&p)
	if err := r.meta.CreateProject(r.t.Context(), p); err != nil {
		r.t.Fatal(err)
	}
}

// start makes a processor as after a start of the program.
func (r *rig) start() {
	r.t.Helper()
	p, err := New(Config{}, Deps{
		Log: r.log, Keys: r.keys, Events: r.events, Recordings: r.rec, Meta: r.meta, Secret: []byte("secret"),
		Now: func() time.Time { return r.now }, Logger: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := p.open(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	p.start = func(_ context.Context, b build) { r.builds = append(r.builds, b) }
	p.fail = func(step string) error {
		if r.fail != nil {
			return r.fail(step)
		}
		return nil
	}
	r.p, r.read, r.builds = p, 0, nil
}

var errCrash = errDied

// chunkSpec says what a test sends.
type chunkSpec struct {
	project         wire.ProjectKey
	session, record wire.ID
	visitor         wire.ID
	seq             uint32
	flags           wire.Flags
	at              int64 // arrival, ms after noon
	skew            int64 // how far the browser's clock is behind, ms
	lines           []line
	payload         []byte // instead of lines
}

type line struct {
	kind wire.Kind
	at   int64 // ms after noon
	data any
}

// send appends a chunk to the journal as collect does.
func (r *rig) send(c chunkSpec) {
	r.t.Helper()
	if c.project == "" {
		c.project = projectKey
	}
	if c.visitor == "" && c.session != "" {
		c.visitor = id("visitor", 1)
	}
	base := noon.UnixMilli()
	payload := c.payload
	if payload == nil {
		var out []byte
		for _, l := range c.lines {
			data, ok := l.data.(string)
			if !ok {
				b, err := json.Marshal(l.data)
				if err != nil {
					r.t.Fatal(err)
				}
				data = string(b)
			}
			out = fmt.Appendf(out, `{"k":%q,"t":%d,"d":%s}`+"\n", l.kind, base+l.at-c.skew, data)
		}
		payload = wire.Deflate(out)
	}
	flags := c.flags
	if c.session != "" {
		flags |= wire.FlagTierB | wire.FlagConsent
	}
	h := wire.Header{
		Codec: wire.CodecRRWeb, Flags: flags, Project: c.project, Session: c.session, Visitor: c.visitor,
		Record: c.record, Seq: c.seq, Events: uint32(len(c.lines)), SentMs: base + c.at - c.skew,
	}
	day := int32(20261123)
	k, err := r.keys.Create(r.t.Context(), keys.Name{Project: c.project, ID: c.session, Day: day})
	if err != nil {
		r.t.Fatal(err)
	}
	chunk := journal.Chunk{
		Header: h, Arrived: base + c.at, Day: day,
		Client: journal.Client{Device: "desktop", Browser: "Chrome 156", OS: "Linux"},
		Body:   k.Seal(payload, wire.Additional(h)),
	}
	if _, err := r.log.Append(r.t.Context(), []journal.Chunk{chunk}); err != nil {
		r.t.Fatal(err)
	}
}

// tryPump takes in what the journal holds and lets time pass until everything that
// waits is written.
func (r *rig) tryPump() error {
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	end := r.log.End()
	if end > r.read {
		done := errors.New("done")
		// The newest entries may be forgotten already; then none comes for a while.
		tail, stop := context.WithCancel(ctx)
		defer stop()
		idle := time.AfterFunc(150*time.Millisecond, stop)
		err := r.p.deps.Log.Tail(tail, r.read, func(e journal.Entry) error {
			idle.Stop()
			defer idle.Reset(150 * time.Millisecond)
			c, err := r.p.decode(ctx, e)
			if err != nil {
				return err
			}
			r.read = e.Position
			if err := r.p.handle(ctx, arrived{c}); err != nil {
				return err
			}
			if e.Position >= end {
				return done
			}
			return nil
		})
		if !errors.Is(err, done) && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return r.tryPass(time.Second)
}

func (r *rig) tryPass(d time.Duration) error {
	ctx := r.t.Context()
	for end := r.now.Add(d); r.now.Before(end); {
		r.now = r.now.Add(min(500*time.Millisecond, end.Sub(r.now)))
		if err := r.p.handle(ctx, tick{}); err != nil {
			return err
		}
		for len(r.builds) > 0 {
			b := r.builds[0]
			r.builds = r.builds[1:]
			out := built{key: b.key, upto: b.upto, seal: b.seal, outcome: buildFailed}
			if err := r.p.tryBuild(ctx, b, &out); errors.Is(err, errCrash) {
				return err
			}
			if out.outcome == buildFailed {
				out = r.p.build(ctx, b)
			}
			if err := r.p.handle(ctx, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *rig) pump() {
	r.t.Helper()
	if err := r.tryPump(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) pass(d time.Duration) {
	r.t.Helper()
	if err := r.tryPass(d); err != nil {
		r.t.Fatal(err)
	}
}

// tables is everything the engine holds of a project.
func (r *rig) tables(project wire.ProjectKey, without ...string) map[events.Table][][]any {
	r.t.Helper()
	out := map[events.Table][][]any{}
	for _, table := range []events.Table{events.Events, events.Sessions, events.Counts} {
		var names []string
		for _, c := range events.Columns(table) {
			if !slices.Contains(without, c.Name) {
				names = append(names, c.Name)
			}
		}
		rows, err := r.events.Query(r.t.Context(), events.Query{Table: table, Project: project, From: 0, To: events.MaxTime, Select: names})
		if err != nil {
			r.t.Fatal(err)
		}
		out[table] = rows.Values
	}
	return out
}

// session reads one session's row by column name.
func (r *rig) session(session wire.ID) map[string]any {
	r.t.Helper()
	return r.find(events.Sessions, session)[0]
}

func (r *rig) find(table events.Table, session wire.ID) []map[string]any {
	r.t.Helper()
	var names []string
	for _, c := range events.Columns(table) {
		names = append(names, c.Name)
	}
	q := events.Query{Table: table, Project: projectKey, From: 0, To: events.MaxTime, Select: names}
	if session != "" {
		q.Where = []events.Filter{events.Is("session", string(session))}
	}
	rows, err := r.events.Query(r.t.Context(), q)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []map[string]any
	for _, v := range rows.Values {
		m := map[string]any{}
		for i, name := range names {
			m[name] = v[i]
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		out = append(out, map[string]any{})
	}
	return out
}

// pieces opens a session's recording.
func (r *rig) pieces(session wire.ID) []recordings.Piece {
	r.t.Helper()
	infos, err := r.rec.List(r.t.Context(), 20261123, projectKey, session)
	if err != nil {
		r.t.Fatal(err)
	}
	var all []recordings.Piece
	for _, info := range infos {
		data, err := r.rec.Get(r.t.Context(), info)
		if err != nil {
			r.t.Fatal(err)
		}
		k, err := r.keys.Get(r.t.Context(), keys.Name{Project: projectKey, ID: session, Day: 20261123})
		if err != nil {
			r.t.Fatal(err)
		}
		plain, err := k.Open(data, recordings.Additional(info.Segment))
		if err != nil {
			r.t.Fatal(err)
		}
		_, pieces, err := recordings.Unpack(plain)
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, pieces...)
	}
	return all
}

func (r *rig) held(session wire.ID) int {
	r.t.Helper()
	entries, err := r.log.Session(r.t.Context(), projectKey, session)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(entries)
}

func noted(r *rig, what noteKind) float64 {
	return testutil.ToFloat64(r.p.metrics.notes.WithLabelValues(noteNames[what]))
}
