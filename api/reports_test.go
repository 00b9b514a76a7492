package api

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/privacy/keys"
	"footpath/report"
	"footpath/store/meta"
	"footpath/wire"
)

func jsonNumber(n int64) string { return fmt.Sprint(n) }

func TestFilters(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey + "/sessions"
	b.want(200, meta.RoleViewer, "GET", path+"?from=2026-11-01&to=2026-11-02&page=/a*&entry=/b&event=sent&device=mobile&browser=Chrome"+
		"&os=Linux&country=GB&referrer=https://r.example&visitor="+string(knownID)+"&min=1000&max=9000&live=1&errors=1&sort=-duration&offset=50&limit=25", nil)
	want := report.SessionFilter{
		Range: report.Range{From: "2026-11-01", To: "2026-11-02", Zone: "UTC"}, Page: "/a*", Entry: "/b", Event: "sent", Device: "mobile",
		Browser: "Chrome", OS: "Linux", Country: "GB", Referrer: "https://r.example", Visitor: knownID, MinDuration: 1000, MaxDuration: 9000,
		Live: true, Errors: true, Sort: "-duration", Offset: 50, Limit: 25,
	}
	if diff := cmp.Diff(want, b.reports.filters[0]); diff != "" {
		t.Error(diff)
	}
	for query, field := range map[string]string{
		"min=-1": "min", "min=1e3": "min", "max=99999999999999999999": "max", "limit=0": "limit", "offset=-1": "offset", "live=maybe": "live", "errors=2": "errors",
	} {
		w := b.do(meta.RoleViewer, "GET", path+"?"+query, nil)
		if _, got, _ := refusal(t, w); w.Code != 422 || got != field {
			t.Errorf("%s: %d names %q, want 422 %q", query, w.Code, got, field)
		}
	}
}

// TestCSV covers S47: no cell of a stranger becomes a formula.
func TestCSV(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 450 {
		b.reports.rows = append(b.reports.rows, report.SessionRow{ID: wire.ID(fmt.Sprintf("session-%013d", i)), Start: 1_700_000_000_000})
	}
	hostile := []string{"=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"}
	for i, s := range hostile {
		b.reports.rows[i].Entry = s
	}
	b.reports.rows[0].Referrer = "a \"quoted\", comma\nand line"
	for _, form := range []func() string{
		func() string {
			r := b.request(meta.RoleViewer, "GET", "/api/projects/"+knownKey+"/sessions", nil)
			r.Header.Set("Accept", "text/csv")
			w := b.send(r)
			if got := w.Header().Get("Content-Type"); got != "text/csv; charset=utf-8" {
				t.Errorf("type %q", got)
			}
			return w.Body.String()
		},
		func() string {
			return b.want(200, meta.RoleViewer, "GET", "/api/projects/"+knownKey+"/sessions.csv", nil).Body.String()
		},
	} {
		rows, err := csv.NewReader(strings.NewReader(form())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 451 || rows[0][0] != "session" || rows[450][0] != "session-0000000000449" {
			t.Errorf("%d rows", len(rows))
		}
		for i, s := range hostile {
			// The csv reader turns \r\n into \n; the quote before it is what counts.
			if got := rows[i+1][10]; !strings.HasPrefix(got, "'") || len(got) < len(s) {
				t.Errorf("%q came out as %q", s, got)
			}
		}
	}
	if e := b.audited("sessions.export"); len(e) != 2 || !strings.Contains(e[0].Detail, "450 rows") {
		t.Errorf("audit: %+v", e)
	}
}

// TestLooksAreLogged covers S49 and privacy guarantee 20: before a session is
// shown it is in the audit log who looks at it.
func TestLooksAreLogged(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey + "/sessions/" + string(knownID)
	b.want(200, meta.RoleAnalyst, "GET", path, nil)
	b.want(200, meta.RoleAnalyst, "GET", path, nil) // going on looking
	b.want(200, meta.RoleOwner, "GET", path, nil)   // somebody else
	looks := b.audited("session.view")
	if len(looks) != 2 || looks[1].User != meta.RoleAnalyst || looks[1].Subject != string(knownID) || looks[1].Project != knownKey ||
		looks[1].Detail != "purpose: to find where forms fail" {
		t.Fatalf("looks: %+v", looks)
	}
	b.now = b.now.Add(oneLook)
	b.want(200, meta.RoleAnalyst, "GET", path, nil)
	if looks := b.audited("session.view"); len(looks) != 3 {
		t.Errorf("%d looks, want a new one after %v", len(looks), oneLook)
	}
}

// TestFeed: the player's feed, whole, in part, and packed; each way is audited.
func TestFeed(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 500 {
		b.reports.events = append(b.reports.events, json.RawMessage(fmt.Sprintf(`{"type":3,"data":{"text":"</script>"},"timestamp":%d}`, i)))
	}
	path := "/api/projects/" + knownKey + "/sessions/" + string(knownID) + "/records/" + string(recordID)
	plain := b.want(200, meta.RoleAnalyst, "GET", path, nil)
	feed := decode[report.Feed](t, plain)
	if len(feed.Events) != 500 || feed.Next != 500 || !feed.Open {
		t.Errorf("%d events, next %d, open %v", len(feed.Events), feed.Next, feed.Open)
	}
	if plain.Header().Get("Cache-Control") != "no-store" || plain.Header().Get("ETag") != "" {
		t.Errorf("the feed may be kept: %v", plain.Header())
	}
	r := b.request(meta.RoleAnalyst, "GET", path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	z, err := gzip.NewReader(b.send(r).Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(z); err != nil || string(body) != plain.Body.String() {
		t.Errorf("the compressed feed differs (%v)", err)
	}
	if rest := decode[report.Feed](t, b.want(200, meta.RoleAnalyst, "GET", path+"?after=498", nil)); len(rest.Events) != 2 || rest.Next != 500 {
		t.Errorf("the rest: %d events, next %d", len(rest.Events), rest.Next)
	}
	if none := b.want(200, meta.RoleAnalyst, "GET", path+"?after=500", nil); none.Body.String() != `{"events":[],"next":500,"open":true}` {
		t.Errorf("nothing new: %s", none.Body)
	}
	b.want(422, meta.RoleAnalyst, "GET", path+"?after=-1", nil)
	b.want(403, meta.RoleViewer, "GET", path, nil)
	b.want(404, meta.RoleAnalyst, "GET", strings.TrimSuffix(path, "1")+"2", nil)
	if looks := b.audited("session.view"); len(looks) != 1 {
		t.Errorf("looks: %+v", looks)
	}
}

// TestNoLogNoLook: when the audit log cannot be written, nothing is shown.
func TestNoLogNoLook(t *testing.T) {
	b := newBench(t, Config{})
	b.api.Meta = deafStore{b.store}
	b.reports.events = []json.RawMessage{json.RawMessage(`{"text":"` + string(knownID) + `"}`)}
	path := "/api/projects/" + knownKey + "/sessions/" + string(knownID)
	feed := b.want(500, meta.RoleOwner, "GET", path+"/records/"+string(recordID), nil)
	if strings.Contains(feed.Body.String(), string(knownID)) {
		t.Errorf("played all the same: %s", feed.Body)
	}
	w := b.want(500, meta.RoleOwner, "GET", path, nil)
	if strings.Contains(w.Body.String(), string(knownID)) || strings.Contains(w.Body.String(), "disk is full") {
		t.Errorf("shown all the same: %s", w.Body)
	}
	if !strings.Contains(b.log.String(), "disk is full") {
		t.Error("the cause is not in the log")
	}
}

// deafStore is a store whose audit log takes no more.
type deafStore struct{ meta.Store }

func (deafStore) Append(context.Context, meta.Audit) error { return errors.New("disk is full") }

func TestErrorsOfTheRooms(t *testing.T) {
	b := newBench(t, Config{})
	f := func(err error, status int, code string) {
		t.Helper()
		b.reports.err = fmt.Errorf("deep inside: %w", err)
		w := b.want(status, meta.RoleOwner, "GET", "/api/projects/"+knownKey+"/overview", nil)
		if got, _, _ := refusal(t, w); got != code {
			t.Errorf("%v: code %q, want %q", err, got, code)
		}
		if strings.Contains(w.Body.String(), "deep inside") {
			t.Errorf("internals are shown: %s", w.Body) // S50
		}
	}
	f(&report.Invalid{Field: "from", Message: "Too long ago."}, 422, "invalid")
	f(keys.ErrErased, 410, "erased")
	f(keys.ErrUnknown, 404, "not-found")
	f(context.DeadlineExceeded, 503, "slow")
	f(errors.New("SELECT failed"), 500, "internal")
}

func TestCompressionAndETag(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 60 {
		b.reports.rows = append(b.reports.rows, report.SessionRow{ID: wire.ID(fmt.Sprint(i))})
	}
	path := "/api/projects/" + knownKey + "/sessions"
	plain := b.want(200, meta.RoleViewer, "GET", path, nil)
	r := b.request(meta.RoleViewer, "GET", path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	packed := b.send(r)
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() >= plain.Body.Len() {
		t.Fatalf("not compressed: %v", packed.Header())
	}
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || string(body) != plain.Body.String() {
		t.Errorf("the compressed form differs (%v)", err)
	}
	r = b.request(meta.RoleViewer, "GET", path, nil)
	r.Header.Set("If-None-Match", plain.Header().Get("ETag"))
	if w := b.send(r); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("If-None-Match: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestTexts(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey + "/texts"
	if got := decode[Texts](t, b.want(200, meta.RoleViewer, "GET", path, nil)); got.Set != nil {
		t.Errorf("a set out of nothing: %+v", got.Set)
	}
	set := meta.TextSet{Project: knownKey, Version: "0123456789abcdef", Texts: []string{"Apply now"}, Created: b.now, Approved: b.now.Add(time.Second), By: "ann"}
	if err := b.store.PutTexts(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	got := decode[Texts](t, b.want(200, meta.RoleViewer, "GET", path, nil))
	if got.Set == nil || got.Set.Version != set.Version || len(got.Set.Texts) != 1 {
		t.Errorf("set %+v", got.Set)
	}
}

func TestAuditPages(t *testing.T) {
	b := newBench(t, Config{})
	for i := range 5 {
		b.want(200, meta.RoleOwner, "PATCH", "/api/projects/"+knownKey, fmt.Sprintf(`{"sampling":%d}`, i))
	}
	first := decode[AuditLog](t, b.want(200, meta.RoleOwner, "GET", "/api/audit?limit=2", nil))
	if len(first.Entries) != 2 || first.Entries[0].ID <= first.Entries[1].ID {
		t.Fatalf("first page %+v", first)
	}
	next := decode[AuditLog](t, b.want(200, meta.RoleOwner, "GET", fmt.Sprintf("/api/audit?limit=200&before=%d", first.Entries[1].ID), nil))
	if len(next.Entries) != 3 {
		t.Errorf("second page %+v", next)
	}
	b.want(422, meta.RoleOwner, "GET", "/api/audit?limit=501", nil)
	b.want(422, meta.RoleOwner, "GET", "/api/audit?before=x", nil)
}
