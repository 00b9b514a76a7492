package process

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"footpath/journal"
	"footpath/replay"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/wire"

	"github.com/google/go-cmp/cmp"
)

// Fault 57: the process dies before and after every durable step of a session's
// life; after a restart everything is there once.
func TestCrashBetweenSteps(t *testing.T) {
	whole := newRig(t)
	for _, c := range visit() {
		whole.send(c)
	}
	whole.pump()
	whole.pass(20 * time.Minute)
	want := whole.tables(projectKey)
	for _, step := range []string{"write", "written", "put", "stored", "forget"} {
		for nth := range 3 {
			t.Run(fmt.Sprintf("%s %d", step, nth), func(t *testing.T) {
				r := newRig(t)
				passed := 0
				r.fail = func(at string) error {
					if at != step {
						return nil
					}
					if passed++; passed > nth {
						return errCrash
					}
					return nil
				}
				r.p.cfg.Retry = time.Nanosecond
				crashed := false
				try := func(err error) {
					if err != nil {
						if !errors.Is(err, errCrash) {
							t.Fatal(err)
						}
						crashed = true
						r.fail = nil
						r.start()
					}
				}
				for _, c := range visit() {
					r.send(c)
					try(r.tryPump())
				}
				try(r.tryPass(20 * time.Minute))
				try(r.tryPump())
				try(r.tryPass(20 * time.Minute))
				if !crashed && nth == 0 {
					t.Fatal("the step was never reached")
				}
				if d := cmp.Diff(want, r.tables(projectKey)); d != "" {
					t.Errorf("(-undisturbed +crashed):\n%s", d)
				}
				if r.held(session1) != 0 || len(r.pieces(session1)) != 4 {
					t.Errorf("%d entries held, %d pieces", r.held(session1), len(r.pieces(session1)))
				}
			})
		}
	}
}

// Fault 62: a whole day from its journal a second time leaves every total as it was.
func TestDayTwice(t *testing.T) {
	t.Run("memory", func(t *testing.T) { dayTwice(t, newRig(t)) })
	t.Run("duckdb", func(t *testing.T) {
		r := newRig(t)
		store, err := duckdb.Open(t.TempDir(), duckdb.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		r.events = store
		r.start()
		dayTwice(t, r)
	})
}

func dayTwice(t *testing.T, r *rig) {
	day := randomDay(rand.New(rand.NewPCG(62, 1)), 40)
	for _, c := range day {
		r.send(c)
	}
	r.pump()
	r.pass(2 * time.Hour)
	want := r.tables(projectKey, "last")
	if len(want[events.Sessions]) != 40 || len(want[events.Events]) < 400 {
		t.Fatalf("a day of %d sessions and %d events", len(want[events.Sessions]), len(want[events.Events]))
	}
	r.start()
	for _, c := range day {
		if c.session != "" { // Tier A has no identity to recognise a day later
			c.at += r.now.Sub(noon).Milliseconds()
			r.send(c)
		}
	}
	r.pump()
	r.pass(3 * time.Hour)
	if d := cmp.Diff(want, r.tables(projectKey, "last")); d != "" {
		t.Errorf("(-once +twice):\n%s", d)
	}
}

// randomDay makes the chunks of n sessions, in the order in which they arrive.
func randomDay(rnd *rand.Rand, n int) []chunkSpec {
	var all []chunkSpec
	for i := range n {
		session, at := id("session", i), int64(rnd.IntN(3_600_000))
		for tab := range 1 + rnd.IntN(2) {
			all = append(all, randomRecord(rnd, session, id("record", i*10+tab), at+int64(tab)*20_000)...)
		}
		all = append(all, chunkSpec{record: id("count", i), at: at, lines: []line{{wire.KindCount, at, wire.Count{URL: "https://a.example/a", Screen: "small"}}}})
	}
	return all
}

// randomRecord makes one page load: page views with clicks and totals.
func randomRecord(rnd *rand.Rand, session, record wire.ID, at int64) []chunkSpec {
	var chunks []chunkSpec
	view, visible := uint32(0), int64(0)
	skew := []int64{0, 500, 86_400_000, -3_600_000}[rnd.IntN(4)]
	for seq := range uint32(2 + rnd.IntN(5)) {
		c := chunkSpec{session: session, visitor: "visitor" + session[7:], record: record, seq: seq, skew: skew, at: at + 5_000}
		if seq == 0 {
			c.lines = append(c.lines, pageLine(at, 0, fmt.Sprintf("/p%d", rnd.IntN(9))), snapshotLine(at+1))
		} else if rnd.IntN(3) == 0 {
			view, visible = view+1, 0
			c.lines = append(c.lines, pageLine(at, view, fmt.Sprintf("/p%d", rnd.IntN(9))))
		}
		for k := range rnd.IntN(4) {
			c.lines = append(c.lines, clickLine(at+10+int64(k), view, "html > body > a"))
		}
		visible += 4_000
		c.lines = append(c.lines, timeLine(at+4_900, view, visible, visible/2, rnd.IntN(10_000)))
		if rnd.IntN(4) == 0 {
			c.flags = wire.FlagLast
		}
		chunks = append(chunks, c)
		at += 5_000
	}
	return chunks
}

// naive is what a session's totals must be, worked out from all its chunks at once.
type naive struct{ pages, clicks, visible, active, leaves, records int64 }

func naiveOf(chunks []chunkSpec) map[wire.ID]naive {
	out := map[wire.ID]naive{}
	type at struct {
		record wire.ID
		seq    uint32
	}
	type viewOf struct {
		record wire.ID
		view   uint32
	}
	seen := map[at]bool{}
	totals := map[viewOf]wire.Time{}
	newest := map[viewOf]uint32{}
	owner := map[viewOf]wire.ID{}
	records := map[wire.ID]bool{}
	for _, c := range chunks {
		if c.session == "" || seen[at{c.record, c.seq}] {
			continue
		}
		seen[at{c.record, c.seq}] = true
		n := out[c.session]
		if !records[c.record] {
			records[c.record] = true
			n.records++
		}
		for _, l := range c.lines {
			switch v := l.data.(type) {
			case wire.Page:
				n.pages++
				n.leaves++
			case wire.Click:
				n.clicks++
			case wire.Time:
				k := viewOf{c.record, v.View}
				if c.seq >= newest[k] {
					totals[k], newest[k], owner[k] = v, c.seq, c.session
				}
			}
		}
		out[c.session] = n
	}
	for k, v := range totals {
		n := out[owner[k]]
		n.visible += v.Visible
		n.active += v.Active
		out[owner[k]] = n
	}
	return out
}

// Simulation: chunks repeated, out of order, late after sealing, and the process
// restarted in between, from one seed, against the naive model.
func TestSimulation(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			r := newRig(t)
			var all []chunkSpec
			for i := range 6 {
				all = append(all, randomRecord(rnd, id("session", i), id("record", i), int64(rnd.IntN(30_000)))...)
				all = append(all, randomRecord(rnd, id("session", i), id("recordb", i), int64(rnd.IntN(60_000)))...)
			}
			want := naiveOf(all)
			all = append(all, all[:len(all)/4]...) // sent twice
			rnd.Shuffle(len(all), func(i, j int) {
				if rnd.IntN(3) == 0 {
					all[i], all[j] = all[j], all[i]
				}
			})
			for _, c := range all {
				r.send(c)
				switch rnd.IntN(12) {
				case 0, 1, 2:
					r.pump()
				case 3:
					r.pump()
					r.pass(20 * time.Minute)
				case 4:
					r.start()
				}
			}
			r.pump()
			r.pass(2 * time.Hour)
			got := map[wire.ID]naive{}
			for _, s := range r.find(events.Sessions, "") {
				got[wire.ID(s["session"].(string))] = naive{
					pages: s["pages"].(int64), clicks: s["clicks"].(int64), visible: s["visible"].(int64),
					active: s["active"].(int64), records: s["records"].(int64),
				}
			}
			rows := map[wire.ID]naive{}
			for _, e := range r.find(events.Events, "") {
				n := rows[wire.ID(e["session"].(string))]
				switch e["kind"] {
				case "page":
					n.pages++
				case "click":
					n.clicks++
				case "leave":
					n.leaves++
					n.visible += e["visible"].(int64)
					n.active += e["active"].(int64)
				}
				rows[wire.ID(e["session"].(string))] = n
			}
			for session, w := range want {
				g, e := got[session], rows[session]
				g.leaves, e.records = w.leaves, w.records
				if g != w || e != w {
					t.Errorf("%s\nwant %+v\nrow  %+v\nsums %+v", session, w, g, e)
				}
				if r.held(session) != 0 {
					t.Errorf("%s: %d entries held", session, r.held(session))
				}
			}
		})
	}
}

// A chunk is in the tables within a second of its arrival, with the real clock.
func TestVisibleWithinASecond(t *testing.T) {
	r := newRig(t)
	r.p.deps.Now = time.Now
	r.p.projects.now = time.Now
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.p.Run(ctx) }()
	c := visit()[0]
	c.at = time.Since(noon).Milliseconds()
	r.send(c)
	begun := time.Now()
	for r.find(events.Sessions, session1)[0]["pages"] != int64(1) {
		if time.Since(begun) > 5*time.Second {
			t.Fatal("not in the tables after 5 s")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if took := time.Since(begun); took > 1500*time.Millisecond {
		t.Errorf("took %v", took)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// benchEntry is a chunk of about 230 KB unpacked: a page of a thousand elements and
// what somebody does on it.
func benchEntry(b *testing.B) (*rig, journal.Entry) {
	r := newRig(b)
	var body strings.Builder
	for i := range 1_000 {
		fmt.Fprintf(&body, `,{"type":2,"tagName":"li","attributes":{"class":"govuk-list__item app-item--%d","style":"margin: 0px;"},"childNodes":[{"type":3,"textContent":"xxxxx xx xxxxxxxx 00, xxxxx.","id":%d}],"id":%d}`, i%7, 10_000+i, 100+i)
	}
	at := noon.UnixMilli()
	lines := []line{pageLine(0, 0, "/a"), {wire.KindDOM, 10, fmt.Sprintf(`{"type":2,"data":{"node":{"type":0,"childNodes":[%s],"id":1},"initialOffset":{"left":0,"top":0}},"timestamp":%d}`, body.String()[1:], at)}}
	for i := range 20 {
		lines = append(lines, clickLine(int64(i), 0, "html > body.govuk-template__body > main#main-content > div.govuk-grid-row > a.govuk-link:nth-of-type(3)"),
			line{wire.KindDOM, int64(i), fmt.Sprintf(`{"type":3,"data":{"source":1,"positions":[{"x":10,"y":%d,"id":100,"timeOffset":-50}]},"timestamp":%d}`, i, at)})
	}
	r.send(chunkSpec{session: session1, record: record1, at: 1_000, lines: lines})
	entries, err := r.log.Session(b.Context(), projectKey, session1)
	if err != nil {
		b.Fatal(err)
	}
	return r, entries[0]
}

// Opening, unpacking and deriving rows, per unpacked byte.
func BenchmarkDecode(b *testing.B) {
	r, entry := benchEntry(b)
	for b.Loop() {
		c, err := r.p.decoder.read(b.Context(), entry)
		if err != nil {
			b.Fatal(err)
		}
		s := newSession(c, r.p.cfg)
		if rows, _ := s.fold(c); len(rows) != 21 {
			b.Fatalf("%d rows", len(rows))
		}
		b.SetBytes(int64(c.inflated))
	}
}

// The same with the check of every DOM event, as for sealing.
func BenchmarkCheck(b *testing.B) {
	r, entry := benchEntry(b)
	for b.Loop() {
		c, out, err := r.p.decoder.readAll(b.Context(), entry, replay.NewChecker(replay.Strict))
		if err != nil || len(out) < c.inflated/2 {
			b.Fatal(err, len(out))
		}
		b.SetBytes(int64(c.inflated))
	}
}
