package eventstest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"footpath/store/events"
	"footpath/store/events/memory"
)

// differential asks random questions of the engine and of the reference.
func (e Engine) differential(t *testing.T) {
	s, ref := e.both(t, Batches(Data{Seed: 11, Projects: 3, Sessions: 400, From: from, To: to, Batch: 50}))
	answered := 0
	for seed := range uint64(400) {
		q := randomQuery(rand.New(rand.NewPCG(seed, 2)))
		want, err := ref.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("question %d: reference: %v", seed, err)
		}
		got, err := s.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("question %d %+v: %v", seed, q, err)
		}
		if len(want.Values) > 0 {
			answered++
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("question %d %+v differs (-want +got):\n%.4000s", seed, q, diff)
		}
	}
	if answered < 180 {
		t.Fatalf("only %d of 400 questions had an answer", answered)
	}
}

// edges asks with bounds that lie exactly on rows, and for events in the month
// after the one in which their session started.
func (e Engine) edges(t *testing.T) {
	november := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	b := Batches(Data{Seed: 13, Projects: 1, Sessions: 40, From: november - 60_000, To: november - 40_000})[0]
	for i := range b.Sessions {
		b.Sessions[i].Start = november + int64(i-20)*1_000
		b.Sessions[i].Pages = int32(i % 4)
		b.Replace[i].Start = b.Sessions[i].Start
	}
	s, ref := e.open(t, t.TempDir()), memory.New()
	write(t, s, b)
	write(t, ref, b)
	agree := func(q events.Query) {
		t.Helper()
		q.Project = Project(0)
		want, err := ref.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(want.Values) == 0 {
			t.Fatalf("nothing to compare: %+v", q)
		}
		same(t, got, want)
	}
	var every []int64
	for i := int64(-30); i <= 30; i += 3 {
		every = append(every, november+i*1_000)
	}
	for i := int64(-5); i <= 5; i++ {
		from := november + i*1_000
		count := []events.Aggregate{{Func: events.CountRows}, {Func: events.Sum, Column: "time"}}
		agree(events.Query{Table: events.Events, From: from, To: from + 10_000, Aggregates: count})
		agree(events.Query{Table: events.Sessions, From: from, To: from + 10_000, Select: []string{"start"}})
		agree(events.Query{
			Table: events.Sessions, From: 0, To: events.MaxTime, Select: []string{"start", "pages"},
			Where: []events.Filter{events.Between("pages", 1, 3), events.Between("start", from, from+8_000)},
		})
		agree(events.Query{
			Table: events.Sessions, From: from - 10_000, To: from + 10_000,
			Group: []events.Group{{Column: "start", Edges: every}}, Aggregates: []events.Aggregate{{Func: events.CountRows}},
		})
	}
	agree(events.Query{
		Table: events.Sessions, From: 0, To: events.MaxTime, Group: []events.Group{{Column: "start", Edges: []int64{
			november - 20_000, november - 18_000, november - 16_000, november - 11_000, november, november, november + 7_000, november + 8_000,
		}}},
		Aggregates: []events.Aggregate{{Func: events.CountRows}},
	})
}

// randomQuery makes any question of the algebra.
func randomQuery(r *rand.Rand) events.Query {
	tables := []events.Table{events.Events, events.Sessions, events.Counts}
	q := events.Query{Table: tables[r.IntN(3)], Project: Project(r.IntN(3)), From: from, To: to}
	if r.IntN(2) == 0 {
		q.From += r.Int64N((to - from) / 2)
		q.To = q.From + r.Int64N(40*86_400_000)
	}
	for range max(r.IntN(4)-1, 0) {
		q.Where = append(q.Where, randomFilter(r, q.Table, 0))
	}
	if r.IntN(3) == 0 {
		for range 1 + r.IntN(4) {
			q.Select = append(q.Select, column(r, q.Table, events.Int, events.Text, events.List))
		}
		q.Limit = 50
	} else {
		randomGroups(r, &q)
	}
	for range r.IntN(3) {
		q.Order = append(q.Order, events.Order{Output: r.IntN(q.Width()), Desc: r.IntN(2) == 0})
	}
	if r.IntN(3) == 0 {
		q.Limit, q.Offset = 1+r.IntN(20), r.IntN(5)
	}
	return q
}

func randomGroups(r *rand.Rand, q *events.Query) {
	for range r.IntN(3) {
		q.Group = append(q.Group, events.Group{Column: column(r, q.Table, events.Int, events.Text)})
	}
	if r.IntN(3) == 0 {
		q.Group = append(q.Group, events.Group{Column: events.TimeColumn(q.Table), Edges: randomEdges(r)})
	}
	for range 1 + r.IntN(3) {
		a := events.Aggregate{Func: events.Func(1 + r.IntN(6))}
		switch a.Func {
		case events.CountRows:
		case events.Distinct:
			a.Column = column(r, q.Table, events.Int, events.Text)
		default:
			a.Column = column(r, q.Table, events.Int)
		}
		if a.Func == events.Quantile {
			a.Q = 1 + r.IntN(10_000)
		}
		if r.IntN(3) == 0 {
			a.Where = []events.Filter{randomFilter(r, q.Table, 0)}
		}
		q.Aggregates = append(q.Aggregates, a)
	}
}

// randomEdges are days of a zone with a clock change in it, hours, months, or
// anything, with empty buckets now and then.
func randomEdges(r *rand.Rand) []int64 {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // the test's own zone
	}
	var out []int64
	switch r.IntN(4) {
	case 0:
		for d := range 2 + r.IntN(60) {
			out = append(out, time.Date(2026, 10, 15+d, 0, 0, 0, 0, zone).UnixMilli())
		}
	case 1:
		for m := range 2 + r.IntN(5) {
			out = append(out, time.Date(2026, time.Month(9+m), 1, 0, 0, 0, 0, zone).UnixMilli())
		}
	case 2:
		for h := range int64(2 + r.IntN(200)) {
			out = append(out, from+h*3_600_000)
		}
	default:
		for range 2 + r.IntN(10) {
			out = append(out, from+r.Int64N(to-from))
		}
		out = append(out, out[0])
		slices.Sort(out)
	}
	return out
}

// column picks a column of one of these types.
func column(r *rand.Rand, table events.Table, types ...events.Type) string {
	all := events.Columns(table)
	for {
		if c := all[r.IntN(len(all))]; slices.Contains(types, c.Type) {
			return c.Name
		}
	}
}

func randomFilter(r *rand.Rand, table events.Table, depth int) events.Filter {
	if depth < 2 && r.IntN(4) == 0 {
		var of []events.Filter
		for range r.IntN(3) {
			of = append(of, randomFilter(r, table, depth+1))
		}
		if r.IntN(2) == 0 {
			return events.AnyOf(of...)
		}
		return events.NoneOf(of...)
	}
	name := column(r, table, events.Int, events.Text, events.List)
	all := events.Columns(table)
	c := all[slices.IndexFunc(all, func(c events.Column) bool { return c.Name == name })]
	words := slices.Concat(devices, browsers, systems, customs, []string{"page", "click", "https://site.example/", "https://site.example/help", "", "nothing"})
	word := words[r.IntN(len(words))]
	switch {
	case c.Type == events.Int && r.IntN(2) == 0:
		return events.In(name, int64(r.IntN(4)), int64(r.IntN(4)))
	case c.Type == events.Int:
		return events.Between(name, int64(r.IntN(3)), int64(1)<<r.IntN(45))
	case c.Type == events.Text && r.IntN(2) == 0:
		return events.Is(name, word, words[r.IntN(len(words))])
	case c.Type == events.Text:
		return events.HasPrefix(name, word[:len(word)/2])
	case r.IntN(2) == 0:
		return events.Has(name, word, "postcode")
	default:
		return events.AnyHasPrefix(name, word)
	}
}

// hostile writes and asks for texts that would hurt an engine that pastes them.
func (e Engine) hostile(t *testing.T) {
	s := e.open(t, t.TempDir())
	texts := []string{
		`'; DROP TABLE events; --`, `" OR 1=1`, `$1`, `\`, "line\nbreak", `%_`, "日本", "a\x00b", "bad\xff\xfeutf", "ATTACH 'x'", "{{.}}",
	}
	stored := map[string]string{"a\x00b": "a\uFFFDb", "bad\xff\xfeutf": "bad\uFFFDutf"}
	b := Batches(Data{Seed: 12, Sessions: 1, From: from, To: from + 1})[0]
	b.Events = b.Events[:1]
	e0 := b.Events[0]
	b.Events = nil
	for i, text := range texts {
		e0.Index, e0.URL, e0.PropKeys = int32(i), text, []string{text}
		b.Events = append(b.Events, e0)
	}
	write(t, s, b)
	for i, text := range texts {
		if want, ok := stored[text]; ok {
			text = want
		}
		for _, f := range []events.Filter{events.Is("url", text), events.HasPrefix("url", text), events.Has("prop_keys", text), events.AnyHasPrefix("prop_keys", text)} {
			rows, err := s.Query(t.Context(), events.Query{
				Table: events.Events, Project: e0.Project, From: from, To: to, Where: []events.Filter{f}, Select: []string{"idx", "url"},
			})
			if err != nil || len(rows.Values) != 1 || rows.Values[0][0] != int64(i) || rows.Values[0][1] != text {
				t.Errorf("%q with filter %d: %v, %v", text, f.Op, rows.Values, err)
			}
		}
	}
}

// wrong asks what is not of the algebra; nothing of it may reach the engine.
func (e Engine) wrong(t *testing.T) {
	s := e.open(t, t.TempDir())
	ok := events.Query{Table: events.Events, Project: Project(0), From: from, To: to, Select: []string{"url"}}
	cases := map[string]func(*events.Query){
		"table":   func(q *events.Query) { q.Table = "events; DROP TABLE events" },
		"project": func(q *events.Query) { q.Project = "' OR 1=1" },
		"column":  func(q *events.Query) { q.Select = []string{`url" FROM x --`} },
		"filter":  func(q *events.Query) { q.Where = []events.Filter{events.Is("1=1 OR url", "x")} },
		"nested":  func(q *events.Query) { q.Where = []events.Filter{events.AnyOf(events.Is("nope", "x"))} },
		"types":   func(q *events.Query) { q.Where = []events.Filter{events.In("url", 1)} },
		"range":   func(q *events.Query) { q.Where = []events.Filter{{Column: "time", Op: events.OpRange}} },
		"op":      func(q *events.Query) { q.Where = []events.Filter{{Column: "time"}} },
		"order":   func(q *events.Query) { q.Order = []events.Order{{Output: 1}} },
		"both":    func(q *events.Query) { q.Group = []events.Group{{Column: "url"}} },
		"nothing": func(q *events.Query) { q.Select = nil },
		"limit":   func(q *events.Query) { q.Limit = -1 },
		"quantile": func(q *events.Query) {
			q.Select, q.Aggregates = nil, []events.Aggregate{{Func: events.Quantile, Column: "time"}}
		},
		"edges": func(q *events.Query) { q.Select, q.Group = nil, []events.Group{{Column: "time", Edges: []int64{2, 1}}} },
		"list":  func(q *events.Query) { q.Select, q.Group = nil, []events.Group{{Column: "prop_keys"}} },
	}
	for name, change := range cases {
		q := ok
		change(&q)
		if _, err := s.Query(t.Context(), q); !errors.Is(err, events.ErrQuery) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Query(t.Context(), ok); err != nil {
		t.Error(fmt.Errorf("a right question: %w", err))
	}
}
