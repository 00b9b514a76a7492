package duckdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"footpath/store/events"
)

// statement is a Query in DuckDB's SQL. Every value is a parameter or an integer
// made by strconv; every name comes from events.Columns (Query.Check has seen to
// that), so no text of a caller becomes part of the language.
type statement struct {
	text strings.Builder
	args []any
}

// emit writes q over the catalogs of the months concerned.
func emit(q events.Query, catalogs []string) (string, []any) {
	var s statement
	s.text.WriteString("SELECT ")
	s.outputs(q)
	s.text.WriteString(" FROM (")
	s.source(q, catalogs)
	s.text.WriteString(") AS t")
	if n := len(q.Group); n > 0 {
		s.text.WriteString(" GROUP BY ")
		for i := range n {
			s.comma(i)
			s.text.WriteString(strconv.Itoa(i + 1))
		}
	}
	for i, o := range q.FullOrder() {
		if i == 0 {
			s.text.WriteString(" ORDER BY ")
		}
		s.comma(i)
		s.text.WriteString(strconv.Itoa(o.Output + 1))
		if o.Desc {
			s.text.WriteString(" DESC")
		}
	}
	if q.Limit > 0 {
		s.text.WriteString(" LIMIT " + strconv.Itoa(q.Limit))
	}
	if q.Offset > 0 {
		s.text.WriteString(" OFFSET " + strconv.Itoa(q.Offset))
	}
	return s.text.String(), s.args
}

func (s *statement) comma(i int) {
	if i > 0 {
		s.text.WriteString(", ")
	}
}

// param adds a value and gives its place holder.
func (s *statement) param(v any) string {
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

func (s *statement) outputs(q events.Query) {
	for i, name := range q.Select {
		s.comma(i)
		s.text.WriteString(identifier(name))
	}
	for i, g := range q.Group {
		s.comma(i)
		if g.Edges == nil {
			s.text.WriteString(identifier(g.Column))
		} else {
			s.text.WriteString(bucket(identifier(g.Column), g.Edges))
		}
	}
	for i, a := range q.Aggregates {
		s.comma(len(q.Group) + i)
		s.figure(a)
	}
}

// figure writes one aggregate. Sums are made in 128 bits and cast back, which
// fails loudly rather than wrapping.
func (s *statement) figure(a events.Aggregate) {
	column := identifier(a.Column)
	call := ""
	switch a.Func {
	case events.CountRows:
		call = "count(*)"
	case events.Distinct:
		call = "count(DISTINCT " + column + ")"
	case events.Sum:
		call = "sum(" + column + ")"
	case events.Min:
		call = "min(" + column + ")"
	case events.Max:
		call = "max(" + column + ")"
	case events.Quantile:
		// With a decimal literal DuckDB works the rank out in integers.
		call = fmt.Sprintf("quantile_disc(%s, %d.%04d)", column, a.Q/10_000, a.Q%10_000)
	}
	if len(a.Where) > 0 {
		call += " FILTER (WHERE " + s.all(a.Where) + ")"
	}
	s.text.WriteString("CAST(coalesce(" + call + ", 0) AS BIGINT)")
}

// source writes the rows the question is about: each month filtered on its own,
// so that the engine can skip what its zone maps rule out.
func (s *statement) source(q events.Query, catalogs []string) {
	where := s.conditions(q)
	names := s.needed(q)
	for i, catalog := range catalogs {
		if i > 0 {
			s.text.WriteString(" UNION ALL ")
		}
		s.text.WriteString("SELECT " + names + " FROM " + catalog + "." + string(q.Table) + " WHERE " + where)
	}
}

// conditions writes project, time, filters and the bounds of the buckets.
func (s *statement) conditions(q events.Query) string {
	t := identifier(events.TimeColumn(q.Table))
	parts := []string{
		`"project" = ` + s.param(string(q.Project)),
		t + " >= " + s.param(q.From),
		t + " < " + s.param(q.To),
	}
	if len(q.Where) > 0 {
		parts = append(parts, s.all(q.Where))
	}
	for _, g := range q.Group {
		if g.Edges != nil {
			c := identifier(g.Column)
			parts = append(parts, c+" >= "+s.param(g.Edges[0]), c+" < "+s.param(g.Edges[len(g.Edges)-1]))
		}
	}
	return strings.Join(parts, " AND ")
}

// needed lists the columns that the outer part reads.
func (s *statement) needed(q events.Query) string {
	names := slices.Clone(q.Select)
	for _, g := range q.Group {
		names = append(names, g.Column)
	}
	for _, a := range q.Aggregates {
		if a.Func != events.CountRows {
			names = append(names, a.Column)
		}
		names = appendColumns(names, a.Where)
	}
	if len(names) == 0 {
		names = []string{events.TimeColumn(q.Table)}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for i := range names {
		names[i] = identifier(names[i])
	}
	return strings.Join(names, ", ")
}

func appendColumns(names []string, filters []events.Filter) []string {
	for _, f := range filters {
		if len(f.Of) > 0 {
			names = appendColumns(names, f.Of)
		} else if f.Column != "" {
			names = append(names, f.Column)
		}
	}
	return names
}
