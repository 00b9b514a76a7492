package memory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"footpath/store/events"
	"footpath/store/events/eventstest"
	"footpath/store/events/memory"
	"footpath/wire"
)

// The reference itself, by hand: other engines are only as right as it is.
func TestByHand(t *testing.T) {
	s := memory.New()
	p := eventstest.Project(0)
	b := events.Batch{Offset: 1}
	for i, pages := range []int32{7, 1, 3, 1, 5} {
		b.Sessions = append(b.Sessions, events.Session{
			Project: p, Session: wire.ID(rune('a' + i)), Visitor: wire.ID(rune('x' + i%2)), Start: int64(i) * 10, Pages: pages, URLs: []string{"/a", "/" + string(rune('a'+i))},
		})
	}
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	ask := func(q events.Query) [][]any {
		t.Helper()
		q.Table, q.Project = events.Sessions, p
		if q.To == 0 {
			q.To = 1_000
		}
		rows, err := s.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return rows.Values
	}
	f := func(name string, got [][]any, want ...[]any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	one := func(a ...events.Aggregate) [][]any { return ask(events.Query{Aggregates: a}) }
	quantile := func(q int) events.Aggregate {
		return events.Aggregate{Func: events.Quantile, Column: "pages", Q: q}
	}
	n := func(v ...int64) []any {
		var out []any
		for _, v := range v {
			out = append(out, v)
		}
		return out
	}
	// Sorted: 1 1 3 5 7. Ranks: ceil(5 × 0.4) = 2, ceil(5 × 0.4001) = 3, ceil(5 × 0.5) = 3, ceil(5 × 0.75) = 4.
	f("quantiles", one(quantile(1), quantile(4_000), quantile(4_001), quantile(5_000), quantile(7_500), quantile(10_000)), n(1, 1, 3, 3, 5, 7))
	f("figures", one(
		events.Aggregate{Func: events.CountRows}, events.Aggregate{Func: events.Sum, Column: "pages"}, events.Aggregate{Func: events.Distinct, Column: "visitor"},
		events.Aggregate{Func: events.Min, Column: "pages"}, events.Aggregate{Func: events.Max, Column: "pages"},
		events.Aggregate{Func: events.CountRows, Where: []events.Filter{events.In("pages", 1)}},
	), n(5, 17, 2, 1, 7, 2))
	f("over nothing", ask(events.Query{From: 500, Aggregates: []events.Aggregate{quantile(5_000), {Func: events.CountRows}, {Func: events.Min, Column: "pages"}}}), n(0, 0, 0))
	f("half open", ask(events.Query{From: 10, To: 30, Select: []string{"start"}}), n(10), n(20))
	f("buckets", ask(events.Query{
		Group: []events.Group{{Column: "start", Edges: []int64{5, 10, 30, 30, 40}}}, Aggregates: []events.Aggregate{{Func: events.Sum, Column: "pages"}},
	}), n(10, 4), n(30, 1))
	f("order, ties by the other columns", ask(events.Query{Select: []string{"pages", "session"}, Order: []events.Order{{Output: 0, Desc: true}}, Offset: 2, Limit: 3}),
		[]any{int64(3), "c"}, []any{int64(1), "b"}, []any{int64(1), "d"})
	f("lists", ask(events.Query{Select: []string{"session"}, Where: []events.Filter{events.Has("urls", "/c", "/d")}}), []any{"c"}, []any{"d"})
	f("any, none", ask(events.Query{Select: []string{"session"}, Where: []events.Filter{
		events.AnyOf(events.In("pages", 7), events.In("pages", 1)), events.NoneOf(events.Is("session", "b"), events.HasPrefix("session", "zz")),
	}}), []any{"a"}, []any{"d"})
	f("empty any holds never", ask(events.Query{Select: []string{"session"}, Where: []events.Filter{events.AnyOf()}}))
	f("empty none holds always", ask(events.Query{Where: []events.Filter{events.NoneOf()}, Aggregates: []events.Aggregate{{Func: events.CountRows}}}), n(5))
}
