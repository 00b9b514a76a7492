package report

import (
	"context"
	"fmt"

	"footpath/store/events"
	"footpath/store/meta"
)

const (
	// topRows bounds each list of the overview: more than a screen, less than a table.
	topRows = 50
	// minCounted is k for Tier A: fewer views are not shown (ruling 14: 20).
	minCounted = 20
	// liveFor is how long after its last event a session counts as live, in
	// milliseconds; shorter than the 15 minutes after which it ends.
	liveFor = 5 * 60_000
)

// Overview answers the first screen for a range of days in the project's zone.
func (r *Reports) Overview(ctx context.Context, p meta.Project, within Range) (Overview, error) {
	now := r.Now()
	s, err := spanOf(p, within, now)
	if err != nil {
		return Overview{}, err
	}
	zone, err := zoneOf(p)
	if err != nil {
		return Overview{}, err
	}
	o := Overview{Range: s.Range}
	if o.Totals, o.Days, err = r.totals(ctx, p, s); err != nil {
		return Overview{}, fmt.Errorf("overview of %s: %w", p.Key, err)
	}
	if o.Before, _, err = r.totals(ctx, p, s.before(zone)); err != nil {
		return Overview{}, fmt.Errorf("overview of %s, period before: %w", p.Key, err)
	}
	if o.Totals.Live, err = r.live(ctx, p, now.UnixMilli()); err != nil {
		return Overview{}, fmt.Errorf("overview of %s, live: %w", p.Key, err)
	}
	if err := r.lists(ctx, p, s, &o); err != nil {
		return Overview{}, fmt.Errorf("overview of %s: %w", p.Key, err)
	}
	return o, nil
}

// lists fills in the top lists.
func (r *Reports) lists(ctx context.Context, p meta.Project, s span, o *Overview) (err error) {
	if o.Pages, err = r.pages(ctx, p, s); err != nil {
		return err
	}
	for _, list := range []struct {
		column string
		into   *[]Row
	}{
		{"entry", &o.Entries},
		{"referrer", &o.Referrers},
		{"device", &o.Devices},
		{"browser", &o.Browsers},
		{"os", &o.Systems},
		{"country", &o.Countries},
		{"language", &o.Languages},
	} {
		if *list.into, err = r.top(ctx, p, s, list.column); err != nil {
			return err
		}
	}
	o.Campaigns, err = r.campaigns(ctx, p, s)
	return err
}

// totals works out the figures of a span and its days. Sessions and visitors
// belong to the day on which the session started, page views to the day on which
// they happened.
func (r *Reports) totals(ctx context.Context, p meta.Project, s span) (Totals, []Day, error) {
	bounced := []events.Filter{events.In("pages", 1), events.In("clicks", 0)}
	all, err := r.Events.Query(ctx, events.Query{
		Table: events.Sessions, Project: p.Key, From: s.from(), To: s.to(),
		Aggregates: []events.Aggregate{
			{Func: events.CountRows},
			{Func: events.Distinct, Column: "visitor"},
			{Func: events.Quantile, Column: "duration", Q: 5_000},
			{Func: events.Quantile, Column: "duration", Q: 7_500},
			{Func: events.CountRows, Where: bounced},
		},
	})
	if err != nil {
		return Totals{}, nil, fmt.Errorf("totals: %w", err)
	}
	f := all.Values[0]
	t := Totals{Sessions: num(f[0]), Visitors: num(f[1]), Median: num(f[2]), P75: num(f[3])}
	t.Bounce = share(num(f[4]), t.Sessions)
	days, err := r.days(ctx, p, s)
	if err != nil {
		return Totals{}, nil, err
	}
	for _, d := range days {
		t.PageViews += d.PageViews
		t.Counted += max(d.Counted, 0)
	}
	// The sum of the days that are shown: never a figure that, with the days
	// taken off, tells a hidden one.
	if t.Counted < minCounted {
		t.Counted = -1
	}
	return t, days, nil
}

// share is part of whole in ten-thousandths, rounded half up.
func share(part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return (part*20_000 + whole) / (2 * whole)
}

func num(v any) int64 {
	n, _ := v.(int64) // figures are int64 by the algebra's contract
	return n
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// days is the series by day.
func (r *Reports) days(ctx context.Context, p meta.Project, s span) ([]Day, error) {
	days := make([]Day, len(s.days))
	at := make(map[int64]int, len(s.days))
	for i, name := range s.days {
		days[i] = Day{Day: name}
		at[s.edges[i]] = i // of days that are left out by the calendar, the one that is not
	}
	ask := func(table events.Table, where []events.Filter, figures []events.Aggregate, fill func(*Day, []any)) error {
		rows, err := r.Events.Query(ctx, events.Query{
			Table: table, Project: p.Key, From: s.from(), To: s.to(), Where: where,
			Group: []events.Group{{Column: events.TimeColumn(table), Edges: s.edges}}, Aggregates: figures,
		})
		if err != nil {
			return fmt.Errorf("%s by day: %w", table, err)
		}
		for _, row := range rows.Values {
			fill(&days[at[num(row[0])]], row[1:])
		}
		return nil
	}
	err := ask(events.Sessions, nil, []events.Aggregate{{Func: events.CountRows}, {Func: events.Distinct, Column: "visitor"}},
		func(d *Day, f []any) { d.Sessions, d.Visitors = num(f[0]), num(f[1]) })
	if err != nil {
		return nil, err
	}
	err = ask(events.Events, []events.Filter{events.Is("kind", "page")}, []events.Aggregate{{Func: events.CountRows}},
		func(d *Day, f []any) { d.PageViews = num(f[0]) })
	if err != nil {
		return nil, err
	}
	err = ask(events.Counts, nil, []events.Aggregate{{Func: events.Sum, Column: "views"}},
		func(d *Day, f []any) { d.Counted = num(f[0]) })
	if err != nil {
		return nil, err
	}
	for i := range days {
		if days[i].Counted < minCounted {
			days[i].Counted = -1
		}
	}
	return days, nil
}

// live counts sessions whose last event is younger than liveFor.
func (r *Reports) live(ctx context.Context, p meta.Project, now int64) (int64, error) {
	rows, err := r.Events.Query(ctx, events.Query{
		Table: events.Sessions, Project: p.Key, From: now - day, To: now + day,
		Where:      []events.Filter{events.Between("end_time", now-liveFor, now+day)},
		Aggregates: []events.Aggregate{{Func: events.CountRows}},
	})
	if err != nil {
		return 0, err
	}
	return num(rows.Values[0][0]), nil
}
