package process

import (
	"strings"
	"testing"
	"time"

	"footpath/privacy/keys"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func pageLine(at int64, n uint32, path string) line {
	return line{wire.KindPage, at, wire.Page{
		View: n, URL: "https://a.example" + path, Title: "xxxxx 00", Referrer: "https://search.example/", Nav: "load",
		Width: 1280, Height: 800, Screen: "large", Language: "en", Zone: "Europe/London", UTM: wire.UTM{Source: "mail"}, First: true,
	}}
}

func clickLine(at int64, n uint32, path string) line {
	return line{wire.KindClick, at, wire.Click{View: n, Element: wire.Element{Path: path, Tag: "a", Text: "xxxxx"}, X: 5000, Y: 100, PageX: 10, PageY: 20, By: "mouse"}}
}

func timeLine(at int64, n uint32, visible, active int64, depth int) line {
	return line{wire.KindTime, at, wire.Time{View: n, Visible: visible, Active: active, Depth: depth}}
}

func snapshotLine(at int64) line {
	return line{wire.KindDOM, at, `{"type":2,"data":{"node":{"type":0,"childNodes":[{"type":2,"tagName":"html","attributes":{},"childNodes":[{"type":3,"textContent":"Secret words","id":3}],"id":2}],"id":1},"initialOffset":{"left":0,"top":0}},"timestamp":1795435200000}`}
}

var session1, record1 = id("session", 1), id("record", 1)

func visit() []chunkSpec {
	return []chunkSpec{
		{session: session1, record: record1, seq: 0, at: 2_000, lines: []line{
			{wire.KindConsent, 0, wire.Consent{Choice: "granted", Via: "cookie"}},
			pageLine(0, 0, "/start"), snapshotLine(100), timeLine(1_900, 0, 1_900, 1_000, 3_000),
		}},
		{session: session1, record: record1, seq: 1, at: 7_000, lines: []line{
			clickLine(3_000, 0, "html > body > a.next"),
			{wire.KindInput, 4_000, wire.Input{Element: wire.Element{Path: "html > body > input", Tag: "fp-field"}}},
			{wire.KindCustom, 5_000, wire.Custom{Name: "search", Props: map[string]jsonRaw{"plan": jsonRaw(`"gold"`), "who": jsonRaw(`"Jo"`), "n": jsonRaw(`3`)}}},
			timeLine(6_900, 0, 6_900, 4_000, 5_000),
		}},
		{session: session1, record: record1, seq: 2, at: 12_000, lines: []line{
			pageLine(8_000, 1, "/results"),
			{wire.KindError, 9_000, wire.Error{View: 1, Class: "TypeError", File: "https://a.example/app.js", Line: 7, Message: "Mr Smith"}},
			timeLine(11_000, 1, 3_000, 2_000, 10_000),
		}},
		{session: session1, record: record1, seq: 3, at: 20_000, flags: wire.FlagLast, lines: []line{timeLine(19_000, 1, 11_000, 5_000, 10_000)}},
	}
}

func TestVisit(t *testing.T) {
	r := newRig(t)
	for _, c := range visit() {
		r.send(c)
		r.pump()
	}
	got := r.session(session1)
	want := map[string]any{
		"visible": int64(17_900), "active": int64(9_000), "pages": int64(2), "clicks": int64(1), "inputs": int64(1), "customs": int64(1),
		"errors": int64(1), "records": int64(1), "gaps": int64(0), "duration": int64(19_000), "entry": "https://a.example/start",
		"exit": "https://a.example/results", "referrer": "https://search.example", "utm_source": "mail", "device": "desktop",
		"language": "en", "screen": "large", "width": int64(1280), "consent": "cookie",
		"urls": []string{"https://a.example/results", "https://a.example/start"}, "event_names": []string{"search"},
		"start": noon.UnixMilli(),
	}
	for name, w := range want {
		if d := cmp.Diff(w, got[name]); d != "" {
			t.Errorf("session %s (-want +got):\n%s", name, d)
		}
	}
	for _, name := range []string{"is_new", "has_replay"} {
		if got[name] != int64(1) && got[name] != true {
			t.Errorf("session %s: %v in %v", name, got[name], got)
		}
	}
	kinds := map[string]int{}
	for _, e := range r.find(events.Events, session1) {
		kinds[e["kind"].(string)]++
		switch e["kind"] {
		case "custom":
			if d := cmp.Diff([]string{"n", "plan"}, e["prop_keys"]); d != "" {
				t.Errorf("custom keys:\n%s", d)
			}
			if d := cmp.Diff([]string{"3", "gold"}, e["prop_values"]); d != "" {
				t.Errorf("custom values:\n%s", d)
			}
		case "error":
			if e["text"] != "xx xxxxx" || e["url"] != "https://a.example/results" {
				t.Errorf("error row: %v", e)
			}
		}
	}
	if d := cmp.Diff(map[string]int{"page": 2, "leave": 2, "click": 1, "input": 1, "custom": 1, "error": 1, "consent": 1}, kinds); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}

	open := r.tables(projectKey, "sealed", "last")
	r.pass(3 * time.Minute)
	if noted(r, noteSealed) != 1 || r.held(session1) != 0 || len(r.p.state.sessions) != 0 {
		t.Fatalf("not sealed: %v sealed, %d entries held", noted(r, noteSealed), r.held(session1))
	}
	if d := cmp.Diff(open, r.tables(projectKey, "sealed", "last")); d != "" {
		t.Errorf("sealing changed rows (-open +sealed):\n%s", d)
	}
	pieces := r.pieces(session1)
	if len(pieces) != 4 || !strings.Contains(string(pieces[0].Events), `"k":"dom"`) {
		t.Fatalf("recording of %d pieces", len(pieces))
	}
	for _, p := range pieces {
		for _, secret := range []string{"Secret", "Smith", "Jo"} {
			if strings.Contains(string(p.Events), secret) {
				t.Errorf("%q is in the recording (S31): %s", secret, p.Events)
			}
		}
	}
	if testutil.ToFloat64(r.p.metrics.removed.WithLabelValues("text")) < 2 {
		t.Error("unmasked texts were not counted")
	}
}

// Faults 3 and 6: chunks in reverse order, and one that comes after sealing, give
// the same rows as in order.
func TestOrderDoesNotMatter(t *testing.T) {
	inOrder := newRig(t)
	for _, c := range visit() {
		inOrder.send(c)
	}
	inOrder.pump()
	inOrder.pass(20 * time.Minute)
	want := inOrder.tables(projectKey, "last", "seq")
	chunks := visit()
	for name, order := range map[string][]int{"reverse": {3, 2, 1, 0}, "mixed": {1, 0, 3, 2}, "twice": {0, 0, 1, 2, 1, 3, 3}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			for _, i := range order {
				r.send(chunks[i])
				r.pump()
			}
			r.pass(20 * time.Minute)
			if d := cmp.Diff(want, r.tables(projectKey, "last", "seq")); d != "" {
				t.Errorf("(-in order +%s):\n%s", name, d)
			}
		})
	}
	for missing := range chunks {
		r := newRig(t)
		for i, c := range chunks {
			if i != missing {
				r.send(c)
			}
		}
		r.pump()
		if gaps := r.session(session1)["gaps"]; missing < 3 && gaps != int64(1) {
			t.Errorf("without chunk %d: %v gaps, want 1 (fault 4)", missing, gaps)
		}
		r.pass(40 * time.Minute)
		if r.held(session1) != 0 {
			t.Fatalf("without chunk %d: not sealed", missing)
		}
		r.send(chunks[missing])
		r.pump()
		r.pass(40 * time.Minute)
		if d := cmp.Diff(want, r.tables(projectKey, "last", "seq")); d != "" {
			t.Errorf("chunk %d after sealing (fault 6) (-in order +late):\n%s", missing, d)
		}
		if got := len(r.pieces(session1)); got != 4 || r.held(session1) != 0 {
			t.Errorf("chunk %d after sealing: %d pieces, %d entries held", missing, got, r.held(session1))
		}
	}
}

// Faults 16 and 17: two tabs share a session, two sites share an id.
func TestTabsAndTenants(t *testing.T) {
	const other = wire.ProjectKey("ffffffffffffffffffffffffffffffffffffffff")
	r := newRig(t)
	r.project(other, func(*meta.Project) {})
	r.send(chunkSpec{session: session1, record: id("tab", 1), at: 1_000, lines: []line{pageLine(0, 0, "/a")}})
	r.send(chunkSpec{session: session1, record: id("tab", 2), at: 2_000, lines: []line{pageLine(1_500, 0, "/b"), clickLine(1_600, 0, "html")}})
	r.send(chunkSpec{project: other, session: session1, record: id("tab", 1), at: 3_000, lines: []line{pageLine(2_500, 0, "/c")}})
	r.pump()
	s := r.session(session1)
	if s["pages"] != int64(2) || s["records"] != int64(2) || s["entry"] != "https://a.example/a" || s["exit"] != "https://a.example/b" {
		t.Errorf("two tabs: %v", s)
	}
	if rows := r.tables(other)[events.Sessions]; len(rows) != 1 {
		t.Errorf("other site: %d sessions", len(rows))
	}
}

// Fault 47: a browser whose clock is ten years off, and one whose clock is set
// while the page is open.
func TestWildClocks(t *testing.T) {
	const tenYears = 10 * 365 * 86_400_000
	for _, skew := range []int64{tenYears, -tenYears, 1_500, 0} {
		r := newRig(t)
		r.send(chunkSpec{session: session1, record: record1, at: 2_000, skew: skew, lines: []line{pageLine(0, 0, "/a")}})
		r.send(chunkSpec{session: session1, record: record1, seq: 1, at: 7_000, skew: skew / 2, lines: []line{clickLine(6_000, 0, "html")}})
		r.pump()
		s := r.session(session1)
		start, d := s["start"].(int64), s["duration"].(int64)
		if start < noon.UnixMilli()-3_000 || start > noon.UnixMilli()+3_000 || d < 0 || d > 10_000 {
			t.Errorf("skew %d: start %d after noon, duration %d", skew, start-noon.UnixMilli(), d)
		}
	}
}

// Faults 55 and 56: what cannot be read counts as empty; the rest goes on.
func TestPoison(t *testing.T) {
	r := newRig(t)
	r.send(chunkSpec{session: session1, record: record1, at: 1_000, payload: []byte("no gzip")})
	r.send(chunkSpec{session: session1, record: record1, seq: 1, at: 2_000, payload: wire.Deflate([]byte("{\n[]\n{\"k\":\"page\",\"t\":1,\"d\":{\"u\":7}}\n{\"k\":\"new-kind\",\"t\":1,\"d\":{}}\n"))})
	r.send(chunkSpec{session: session1, record: record1, seq: 2, at: 3_000, lines: []line{pageLine(2_500, 0, "/a"), {wire.KindDOM, 2_600, `{"type":2,"data":{"node":7}}`}, {wire.KindCount, 2_600, wire.Count{URL: "https://a.example/a"}}}})
	r.pump()
	if s := r.session(session1); s["pages"] != int64(1) {
		t.Errorf("session: %v", s)
	}
	r.pass(time.Hour)
	if r.held(session1) != 0 || len(r.pieces(session1)) != 3 {
		t.Errorf("%d entries held, %d pieces", r.held(session1), len(r.pieces(session1)))
	}
	if n := testutil.ToFloat64(r.p.metrics.quarantined.WithLabelValues("gzip")); n < 1 {
		t.Errorf("%v chunks quarantined", n)
	}
}

// A panic in a decoder is one counted, empty chunk (fault 55).
func TestPanicIsContained(t *testing.T) {
	r := newRig(t)
	c := &chunk{items: []item{{}}}
	r.p.decoder.guard(c, func() { panic("poison") })
	if len(c.items) != 0 || testutil.ToFloat64(r.p.metrics.quarantined.WithLabelValues("panic")) != 1 {
		t.Error("a panic was not counted")
	}
}

// Ruling 3: Tier A makes counts and nothing else, a repeat counts once, and the
// entries are released.
func TestCounts(t *testing.T) {
	r := newRig(t)
	for i := range 5 {
		r.send(chunkSpec{record: id("count", i%4), at: int64(i) * 1_000, lines: []line{{wire.KindCount, int64(i) * 1_000, wire.Count{URL: "https://a.example/a?secret=1", Screen: "large"}}}})
	}
	r.pump()
	all := r.tables(projectKey)
	if len(all[events.Events])+len(all[events.Sessions]) != 0 || len(all[events.Counts]) != 1 {
		t.Fatalf("rows: %v", all)
	}
	row := r.find(events.Counts, "")[0]
	if row["views"] != int64(4) || row["url"] != "https://a.example/a" || row["hour"] != noon.UnixMilli() {
		t.Errorf("count: %v", row)
	}
	before := all[events.Counts]
	r.start() // reading the journal again counts nothing twice
	r.pump()
	if d := cmp.Diff(before, r.tables(projectKey)[events.Counts]); d != "" {
		t.Error(d)
	}
}

// Fault 81: an erased session leaves no row, whether its chunks have been read or
// wait for their write, and nothing of it stays in the journal.
func TestErased(t *testing.T) {
	r := newRig(t)
	name := keys.Name{Project: projectKey, ID: session1, Day: 20261123}
	for _, c := range visit()[:2] {
		r.send(c)
	}
	r.pump()
	r.send(visit()[2])
	if err := r.keys.Destroy(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if err := r.events.Erase(t.Context(), []events.SessionKey{{Project: projectKey, Session: session1, Start: noon.UnixMilli()}}); err != nil {
		t.Fatal(err)
	}
	r.pump()
	r.pass(time.Hour)
	all := r.tables(projectKey)
	if len(all[events.Events])+len(all[events.Sessions]) != 0 || r.held(session1) != 0 || len(r.p.state.sessions) != 0 {
		t.Errorf("left over: %d events, %d sessions, %d entries", len(all[events.Events]), len(all[events.Sessions]), r.held(session1))
	}
}

// Ruling 15: fifty values of a property, then "other", the same after a restart.
func TestPropertyValuesAreBounded(t *testing.T) {
	r := newRig(t)
	values := func() map[string]int {
		got := map[string]int{}
		for _, e := range r.find(events.Events, session1) {
			if e["kind"] == "custom" {
				got[e["prop_values"].([]string)[0]]++
			}
		}
		return got
	}
	var lines []line
	for i := range 60 {
		lines = append(lines, line{wire.KindCustom, int64(i), wire.Custom{Name: "x", Props: map[string]jsonRaw{"plan": jsonRaw(`"plan ` + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `"`)}}})
	}
	r.send(chunkSpec{session: session1, record: record1, at: 1_000, lines: lines})
	r.pump()
	got := values()
	if len(got) != 51 || got["other"] != 10 {
		t.Fatalf("%d values, %d other", len(got), got["other"])
	}
	r.start()
	r.send(chunkSpec{session: session1, record: record1, seq: 1, at: 2_000, lines: []line{lines[0], lines[55]}})
	r.pump()
	if again := values(); again["other"] != 11 || again["plan aa"] != 2 {
		t.Errorf("after a restart: %v", again)
	}
}

// Fault 54: a session past its bounds is closed, sealed and takes nothing more.
func TestSessionBounds(t *testing.T) {
	r := newRig(t)
	r.p.cfg.MaxBytes = 4_000
	r.p.state.cfg.MaxBytes = 4_000
	big := strings.Repeat("html > body > ", 100)
	for i := range 4 {
		r.send(chunkSpec{session: session1, record: record1, seq: uint32(i), at: int64(i) * 1_000, lines: []line{clickLine(int64(i)*1_000, 0, big)}})
	}
	r.pump()
	r.pass(time.Minute)
	if s := r.session(session1); s["clicks"] != int64(2) || r.held(session1) != 0 {
		t.Errorf("%v clicks, %d entries held", s["clicks"], r.held(session1))
	}
	r.send(chunkSpec{session: session1, record: record1, seq: 9, at: 90_000, lines: []line{clickLine(90_000, 0, big)}})
	r.pump()
	if s := r.session(session1); s["clicks"] != int64(2) || noted(r, noteOverLimit) != 3 {
		t.Errorf("after closing: %v clicks, %v over the limit", s["clicks"], noted(r, noteOverLimit))
	}
}
