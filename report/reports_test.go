package report_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/report"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
	"footpath/store/events/memory"
	"footpath/store/meta"
	"footpath/wire"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err) // a test's own constant
	}
	return t
}

func project(zone string) meta.Project {
	return meta.Project{Key: eventstest.Project(0), Zone: zone, ReplayDays: 30}
}

// reports makes the reports over an engine at a fixed time.
func reports(r events.Reader, now time.Time) *report.Reports {
	return report.New(report.Deps{Events: r, Now: func() time.Time { return now }})
}

// pair fills DuckDB and the reference with the same data.
func pair(t *testing.T, d eventstest.Data) (events.Store, events.Store) {
	t.Helper()
	duck, err := duckdb.Open(t.TempDir(), duckdb.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := duck.Close(); err != nil {
			t.Error(err)
		}
	})
	ref := memory.New()
	err = eventstest.Generate(d, func(b events.Batch) error {
		return errors.Join(duck.Write(t.Context(), b), ref.Write(t.Context(), b))
	})
	if err != nil {
		t.Fatal(err)
	}
	return duck, ref
}

// Every report gives the same answer through DuckDB and through the reference.
func TestReportsAgree(t *testing.T) {
	now := at("2026-11-23T12:00:00Z")
	duck, ref := pair(t, eventstest.Data{
		Seed: 21, Sessions: 1_500, Batch: 100,
		From: at("2026-09-20T00:00:00Z").UnixMilli(), To: now.UnixMilli(),
	})
	a, b := reports(duck, now), reports(ref, now)
	r := rand.New(rand.NewPCG(21, 3))
	for i := range 60 {
		p := project([]string{"Europe/London", "America/New_York", "Asia/Kathmandu", ""}[i%4])
		within := randomRange(r)
		ctx := t.Context()
		agree(t, i, "overview", func(x *report.Reports) (any, error) { return x.Overview(ctx, p, within) }, a, b)
		agree(t, i, "facets", func(x *report.Reports) (any, error) { return x.Facets(ctx, p, within) }, a, b)
		f := randomFilter(r, within)
		agree(t, i, "sessions", func(x *report.Reports) (any, error) { return x.Sessions(ctx, p, f) }, a, b)
		list, err := a.Sessions(ctx, p, report.SessionFilter{Range: within, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range list.Rows {
			agree(t, i, "session", func(x *report.Reports) (any, error) { return x.Session(ctx, p, row.ID) }, a, b)
			agree(t, i, "steps", func(x *report.Reports) (any, error) { return x.Steps(ctx, p, row.ID) }, a, b)
		}
	}
}

func agree(t *testing.T, i int, name string, ask func(*report.Reports) (any, error), a, b *report.Reports) {
	t.Helper()
	got, err := ask(a)
	if err != nil {
		t.Fatalf("%s %d: %v", name, i, err)
	}
	want, err := ask(b)
	if err != nil {
		t.Fatalf("%s %d: reference: %v", name, i, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s %d differs (-reference +duckdb):\n%.4000s", name, i, diff)
	}
}

func randomRange(r *rand.Rand) report.Range {
	to := at("2026-11-24T00:00:00Z").AddDate(0, 0, -r.IntN(60))
	from := to.AddDate(0, 0, -r.IntN(70))
	return report.Range{From: from.Format("2006-01-02"), To: to.Format("2006-01-02")}
}

func randomFilter(r *rand.Rand, within report.Range) report.SessionFilter {
	f := report.SessionFilter{Range: within, Limit: r.IntN(40), Offset: r.IntN(10)}
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	f.Sort = pick("", "start", "-start", "duration", "-duration", "active", "-pages", "clicks", "-errors")
	for range r.IntN(3) {
		switch r.IntN(10) {
		case 0:
			f.Page = pick("https://site.example/", "https://site.example/apply*", "https://site.example/it's")
		case 1:
			f.Entry = pick("https://site.example/search", "https://site.example/h*")
		case 2:
			f.Event = pick("postcode", "o'clock")
		case 3:
			f.Device = pick("mobile", "desktop")
		case 4:
			f.Browser = pick("Chrome", "Chrome 155", "Chromium")
		case 5:
			f.Country, f.OS = pick("GB", "FR"), pick("", "Windows")
		case 6:
			f.Referrer = "https://search.example"
		case 7:
			f.MinDuration, f.MaxDuration = r.Int64N(30_000), 30_000+r.Int64N(100_000)
		case 8:
			f.Errors = true
		default:
			f.Live = r.IntN(3) == 0
		}
	}
	return f
}

// session makes a session row with its page views.
func session(id byte, start time.Time, pages, clicks int32, seconds int64) (events.Session, []events.Event) {
	s := events.Session{
		Project: eventstest.Project(0), Session: ident(id), Visitor: ident(id % 3), Start: start.UnixMilli(), Pages: pages, Clicks: clicks,
		Duration: seconds * 1000, Active: seconds * 500, End: start.UnixMilli() + seconds*1000, Device: "desktop", Browser: "Chrome 156",
		Entry: "https://site.example/", URLs: []string{"https://site.example/"}, HasReplay: true,
	}
	var list []events.Event
	for i := range pages {
		list = append(list, events.Event{
			Project: s.Project, Session: s.Session, Visitor: s.Visitor, Record: "r", Index: i, Time: s.Start + int64(i)*1000, Kind: "page",
			URL: fmt.Sprintf("https://site.example/%d", i), Title: "Page",
		})
	}
	return s, list
}

func ident(b byte) wire.ID { return wire.ID(fmt.Sprintf("%021d", b)) }

// Figures worked out by hand.
func TestOverviewByHand(t *testing.T) {
	now := at("2026-11-23T12:00:00Z")
	store := memory.New()
	b := events.Batch{Offset: 1}
	add := func(id byte, start string, pages, clicks int32, seconds int64) {
		s, list := session(id, at(start), pages, clicks, seconds)
		b.Sessions = append(b.Sessions, s)
		b.Events = append(b.Events, list...)
	}
	add(1, "2026-11-20T23:59:59Z", 1, 0, 10)  // bounce; visitor 1; the day before the range
	add(2, "2026-11-21T00:00:00Z", 1, 0, 20)  // bounce; visitor 2
	add(3, "2026-11-21T10:00:00Z", 3, 0, 40)  // visitor 0
	add(4, "2026-11-22T10:00:00Z", 1, 1, 30)  // a click is no bounce; visitor 1
	add(5, "2026-11-22T11:00:00Z", 2, 2, 600) // visitor 2 again
	add(6, "2026-11-23T11:50:00Z", 1, 0, 400) // live; bounce; visitor 0 again
	count := func(hour string, views int64) {
		b.Counts = append(b.Counts, events.Count{Project: eventstest.Project(0), Hour: at(hour).UnixMilli(), Views: views})
	}
	count("2026-11-21T03:00:00Z", 19) // below k: hidden, and not in the total
	count("2026-11-22T03:00:00Z", 20)
	if err := store.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	o, err := reports(store, now).Overview(t.Context(), project(""), report.Range{From: "2026-11-21", To: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	want := report.Totals{Visitors: 3, Sessions: 5, PageViews: 8, Median: 40_000, P75: 400_000, Bounce: 4_000, Live: 1, Counted: 20}
	if diff := cmp.Diff(want, o.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	before := report.Totals{Visitors: 1, Sessions: 1, PageViews: 1, Median: 10_000, P75: 10_000, Bounce: 10_000, Counted: -1}
	if diff := cmp.Diff(before, o.Before); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	days := []report.Day{
		{Day: "2026-11-21", Visitors: 2, Sessions: 2, PageViews: 4, Counted: -1},
		{Day: "2026-11-22", Visitors: 2, Sessions: 2, PageViews: 3, Counted: 20},
		{Day: "2026-11-23", Visitors: 1, Sessions: 1, PageViews: 1, Counted: -1},
	}
	if diff := cmp.Diff(days, o.Days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	pages := []report.Row{{Label: "https://site.example/0", Count: 5, Visitors: 3}, {Label: "https://site.example/1", Count: 2, Visitors: 2}, {Label: "https://site.example/2", Count: 1, Visitors: 1}}
	if diff := cmp.Diff(pages, o.Pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	list, err := reports(store, now).Sessions(t.Context(), project(""), report.SessionFilter{Range: report.Range{From: "2026-11-21", To: "2026-11-23"}, Live: true})
	if err != nil || list.Total != 1 || len(list.Rows) != 1 || !list.Rows[0].Live || list.Rows[0].Expires != at("2026-12-24T00:00:00Z").UnixMilli() {
		t.Errorf("live list: %+v, %v", list, err)
	}
}

func TestBadFiltersNameTheirField(t *testing.T) {
	r := reports(memory.New(), at("2026-11-23T12:00:00Z"))
	for field, f := range map[string]report.SessionFilter{
		"sort": {Sort: "name; DROP TABLE sessions"}, "limit": {Limit: 201}, "offset": {Offset: -1}, "visitor": {Visitor: "x"},
		"max": {MinDuration: 5, MaxDuration: 4}, "min": {MinDuration: -1}, "from": {Range: report.Range{From: "x"}}, "page": {Page: string(make([]byte, 5_000))},
	} {
		_, err := r.Sessions(t.Context(), project(""), f)
		var invalid *report.Invalid
		if !errors.As(err, &invalid) || invalid.Field != field || invalid.Message == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, id := range []wire.ID{"", "x", ident(1)} {
		if _, err := r.Session(t.Context(), project(""), id); !errors.Is(err, report.ErrNotFound) {
			t.Errorf("session %q: %v", id, err)
		}
	}
}
