package report

import (
	"context"
	"fmt"
	"strings"

	"footpath/store/events"
	"footpath/store/meta"
)

// mostFirst orders groups by their first figure, then by label.
func mostFirst(groups int) []events.Order {
	out := []events.Order{{Output: groups, Desc: true}}
	for i := range groups {
		out = append(out, events.Order{Output: i})
	}
	return out
}

// pages is the list by page views.
func (r *Reports) pages(ctx context.Context, p meta.Project, s span) ([]Row, error) {
	return r.rows(ctx, events.Query{
		Table: events.Events, Project: p.Key, From: s.from(), To: s.to(),
		Where: []events.Filter{events.Is("kind", "page")},
		Group: []events.Group{{Column: "url"}},
	})
}

// top is a list by sessions over one of their columns.
func (r *Reports) top(ctx context.Context, p meta.Project, s span, column string) ([]Row, error) {
	return r.rows(ctx, events.Query{
		Table: events.Sessions, Project: p.Key, From: s.from(), To: s.to(),
		Group: []events.Group{{Column: column}},
	})
}

// rows asks for the top rows with count and visitors.
func (r *Reports) rows(ctx context.Context, q events.Query) ([]Row, error) {
	q.Aggregates = []events.Aggregate{{Func: events.CountRows}, {Func: events.Distinct, Column: "visitor"}}
	q.Order, q.Limit = mostFirst(len(q.Group)), topRows
	answer, err := r.Events.Query(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("top %s: %w", q.Group[0].Column, err)
	}
	out := make([]Row, 0, len(answer.Values))
	for _, row := range answer.Values {
		var parts []string
		for i := range q.Group {
			if part := str(row[i]); part != "" {
				parts = append(parts, part)
			}
		}
		n := len(q.Group)
		out = append(out, Row{Label: strings.Join(parts, " / "), Count: num(row[n]), Visitors: num(row[n+1])})
	}
	return out, nil
}

// campaigns is the list of "source / medium / campaign" of the sessions that name
// any of them.
func (r *Reports) campaigns(ctx context.Context, p meta.Project, s span) ([]Row, error) {
	return r.rows(ctx, events.Query{
		Table: events.Sessions, Project: p.Key, From: s.from(), To: s.to(),
		Where: []events.Filter{events.AnyOf(
			events.NoneOf(events.Is("utm_source", "")), events.NoneOf(events.Is("utm_medium", "")), events.NoneOf(events.Is("utm_campaign", "")),
		)},
		Group: []events.Group{{Column: "utm_source"}, {Column: "utm_medium"}, {Column: "utm_campaign"}},
	})
}

// Facets gives the values that the session filters offer.
func (r *Reports) Facets(ctx context.Context, p meta.Project, within Range) (Facets, error) {
	s, err := spanOf(p, within, r.Now())
	if err != nil {
		return Facets{}, err
	}
	var f Facets
	if f.Pages, err = r.pages(ctx, p, s); err != nil {
		return Facets{}, fmt.Errorf("facets of %s: %w", p.Key, err)
	}
	f.Events, err = r.rows(ctx, events.Query{
		Table: events.Events, Project: p.Key, From: s.from(), To: s.to(),
		Where: []events.Filter{events.Is("kind", "custom")},
		Group: []events.Group{{Column: "name"}},
	})
	if err != nil {
		return Facets{}, fmt.Errorf("facets of %s: %w", p.Key, err)
	}
	for _, list := range []struct {
		column string
		into   *[]Row
	}{{"device", &f.Devices}, {"browser", &f.Browsers}, {"os", &f.Systems}, {"country", &f.Countries}, {"referrer", &f.Referrers}} {
		if *list.into, err = r.top(ctx, p, s, list.column); err != nil {
			return Facets{}, fmt.Errorf("facets of %s: %w", p.Key, err)
		}
	}
	return f, nil
}
