package synth_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"footpath/internal/synth"
	"footpath/wire"
)

var now = time.Date(2026, time.November, 23, 20, 0, 0, 0, time.UTC)

func config(profile string) synth.Config {
	return synth.Config{
		Seed: 1, Now: now, Sessions: 60, Profile: profile, Site: "http://localhost:4001",
		Project: wire.ProjectKey(strings.Repeat("ab", 20)),
		Texts:   []string{"Full name", "Continue", "Plan building work in Hollowmere"}, TextsVersion: "0011223344556677",
	}
}

func all(t *testing.T, cfg synth.Config) []synth.Session {
	t.Helper()
	seq, err := synth.Sessions(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var out []synth.Session
	for s, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestTheSameSeedGivesTheSameVisits(t *testing.T) {
	cfg := config("strict")
	first := all(t, cfg)
	if !reflect.DeepEqual(first, all(t, cfg)) {
		t.Error("the same seed gives other visits")
	}
	cfg.Seed = 2
	if reflect.DeepEqual(first, all(t, cfg)) {
		t.Error("another seed gives the same visits")
	}
	if len(first) != cfg.Sessions {
		t.Errorf("%d sessions, want %d", len(first), cfg.Sessions)
	}
}

// Each session must be what a real recorder could have sent, and play.
func TestSessionsAreWhatARecorderSends(t *testing.T) {
	for _, profile := range []string{"strict", "smartlook"} {
		last := now.AddDate(0, 0, -28)
		for _, s := range all(t, config(profile)) {
			if s.Start.Before(last) {
				t.Errorf("session %s starts before the one before it", s.ID)
			}
			last = s.Start
			checkSession(t, s)
		}
	}
}

func checkSession(t *testing.T, s synth.Session) {
	t.Helper()
	if !s.ID.Valid() || !s.Visitor.Valid() || s.Client.Browser == "" || len(s.Chunks) == 0 {
		t.Fatalf("session %+v", s)
	}
	kinds := map[wire.ID]map[string]int{}
	next := map[wire.ID]uint32{}
	var before int64
	for _, c := range s.Chunks {
		if _, err := wire.Append(nil, c.Header, c.Payload); err != nil {
			t.Fatalf("header: %v", err)
		}
		sum, err := wire.Check(c.Payload)
		if err != nil || sum.Unknown > 0 || sum.Events != int(c.Header.Events) {
			t.Fatalf("payload: %v, %+v, header says %d events", err, sum, c.Header.Events)
		}
		if c.Header.Seq != next[c.Header.Record] || c.Header.Session != s.ID || c.Arrived < c.Header.SentMs {
			t.Fatalf("chunk %+v arrived %d", c.Header, c.Arrived)
		}
		next[c.Header.Record]++
		if c.Arrived > now.Add(-15*time.Minute).UnixMilli() || c.Arrived < before {
			t.Errorf("chunk of %s arrived at %s", s.ID, time.UnixMilli(c.Arrived))
		}
		before = c.Arrived
		if kinds[c.Header.Record] == nil {
			kinds[c.Header.Record] = map[string]int{}
		}
		checkEvents(t, c, kinds[c.Header.Record])
	}
	for record, k := range kinds {
		if k["page"] != 1 || k["dom meta"] == 0 || k["dom snapshot"] == 0 {
			t.Errorf("record %s of %s has %v: it cannot be played", record, s.ID, k)
		}
	}
}

var mark = regexp.MustCompile("\ue000([^\ue001]*)\ue001")

func checkEvents(t *testing.T, c synth.Chunk, kinds map[string]int) {
	t.Helper()
	raw, err := wire.Inflate(c.Payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mark.FindAllStringSubmatch(string(raw), -1) {
		if n, err := strconv.Atoi(m[1]); err != nil || n > 2 {
			t.Fatalf("text %q is not in the set", m[1])
		}
	}
	if strings.Contains(string(raw), "site.invalid") {
		t.Error("the placeholder of the site is left")
	}
	for e, err := range wire.Events(raw) {
		if err != nil {
			t.Fatal(err)
		}
		kinds[string(e.Kind)]++
		if e.Time > c.Header.SentMs {
			t.Errorf("%s at %d in a chunk sent at %d", e.Kind, e.Time, c.Header.SentMs)
		}
		if e.Kind != wire.KindDOM {
			continue
		}
		var dom struct {
			Type      int
			Timestamp int64
		}
		if err := json.Unmarshal(e.Data, &dom); err != nil || dom.Timestamp != e.Time {
			t.Errorf("DOM event at %d says %d: %v", e.Time, dom.Timestamp, err)
		}
		switch dom.Type {
		case 2:
			kinds["dom snapshot"]++
		case 4:
			kinds["dom meta"]++
		}
	}
}

// The history must look like a service: days and nights, drop-offs, errors, people
// who come back.
func TestHistoryIsAlive(t *testing.T) {
	cfg := config("strict")
	cfg.Sessions = 400
	sessions := all(t, cfg)
	visitors, devices := map[wire.ID]int{}, map[string]int{}
	night := 0
	text := map[string]int{}
	for _, s := range sessions {
		visitors[s.Visitor]++
		devices[s.Client.Device]++
		if h := s.Start.Hour(); h >= 1 && h < 6 {
			night++
		}
		seen := map[string]bool{}
		for _, c := range s.Chunks {
			raw, err := wire.Inflate(c.Payload)
			if err != nil {
				t.Fatal(err)
			}
			for _, what := range []string{"application_sent", "form_error", "fee_worked_out", `"k":"error"`, `"k":"input"`, `"k":"submit"`, "/apply/done", "utm"} {
				if strings.Contains(string(raw), what) {
					seen[what] = true
				}
			}
		}
		for what := range seen {
			text[what]++
		}
	}
	t.Logf("%d visitors, devices %v, %v", len(visitors), devices, text)
	if len(visitors) > 360 || len(visitors) < 200 {
		t.Errorf("%d visitors of %d visits", len(visitors), len(sessions))
	}
	if devices["mobile"] < 100 || devices["desktop"] < 100 || devices["tablet"] == 0 {
		t.Errorf("devices %v", devices)
	}
	if night > 10 {
		t.Errorf("%d of %d visits at night", night, len(sessions))
	}
	for what, n := range map[string]int{"application_sent": 20, "form_error": 20, "fee_worked_out": 5, `"k":"error"`: 3, `"k":"input"`: 40, "utm": 20} {
		if text[what] < n {
			t.Errorf("only %d visits with %s, want %d", text[what], what, n)
		}
	}
}

// Replays older than the retention are gone; what was counted of them stays.
func TestOldVisitsHaveNoReplay(t *testing.T) {
	cfg := config("strict")
	cfg.Days, cfg.ReplayDays = 28, 10
	old, young := 0, 0
	for _, s := range all(t, cfg) {
		dom := 0
		for _, c := range s.Chunks {
			sum, err := wire.Check(c.Payload)
			if err != nil {
				t.Fatal(err)
			}
			dom += sum.DOM
		}
		expired := s.Start.Before(now.AddDate(0, 0, -10).Add(-time.Hour))
		if expired && dom > 0 {
			t.Errorf("a visit of %s has a replay", s.Start)
		}
		if expired {
			old++
		} else if dom > 0 {
			young++
		}
	}
	if old == 0 || young == 0 {
		t.Errorf("%d old and %d young visits", old, young)
	}
}

// The recordings were made with the real recorder, so what was typed and what
// only the register says must not be in them.
func TestRecordingsHoldNothingPrivate(t *testing.T) {
	private := map[string][]string{
		"strict":    {"Ann Other", "ann@example.org", "Madonna", "nobody", "A kitchen behind", "Whitlock", "Mere View", "Ferry Lane", "HM1 2AB"},
		"smartlook": {"ann@example.org", "3 2099", "HM1 2AB"},
	}
	for profile, texts := range private {
		cfg := config(profile)
		cfg.Sessions = 300
		for _, s := range all(t, cfg) {
			for _, c := range s.Chunks {
				raw, err := wire.Inflate(c.Payload)
				if err != nil {
					t.Fatal(err)
				}
				for _, text := range texts {
					if strings.Contains(string(raw), text) {
						t.Fatalf("%s: %q is in a recording", profile, text)
					}
				}
			}
		}
	}
}
