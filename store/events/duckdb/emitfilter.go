package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"footpath/store/events"
)

// all writes filters that must all hold.
func (s *statement) all(filters []events.Filter) string {
	parts := make([]string, len(filters))
	for i, f := range filters {
		parts[i] = s.filter(f)
	}
	return strings.Join(parts, " AND ")
}

func (s *statement) filter(f events.Filter) string {
	column := identifier(f.Column)
	switch f.Op {
	case events.OpIn:
		return s.in(column, f)
	case events.OpRange:
		return column + " >= " + s.param(f.Ints[0]) + " AND " + column + " < " + s.param(f.Ints[1])
	case events.OpPrefix:
		return "starts_with(" + column + ", CAST(" + s.param(f.Texts[0]) + " AS VARCHAR))"
	case events.OpHas:
		return "list_has_any(" + column + ", " + s.texts(f.Texts) + ")"
	case events.OpHasPrefix:
		return "len(list_filter(" + column + ", lambda x: starts_with(x, CAST(" + s.param(f.Texts[0]) + " AS VARCHAR)))) > 0"
	default: // OpAny, OpNone: Query.Check lets no other through
		return s.any(f)
	}
}

func (s *statement) in(column string, f events.Filter) string {
	holders := make([]string, 0, len(f.Ints)+len(f.Texts))
	for _, n := range f.Ints {
		holders = append(holders, s.param(n))
	}
	for _, t := range f.Texts {
		holders = append(holders, s.param(t))
	}
	if len(holders) == 0 {
		return "false"
	}
	return column + " IN (" + strings.Join(holders, ", ") + ")"
}

// texts writes a list of text parameters.
func (s *statement) texts(values []string) string {
	holders := make([]string, len(values))
	for i, v := range values {
		holders[i] = s.param(v)
	}
	return "CAST([" + strings.Join(holders, ", ") + "] AS VARCHAR[])"
}

func (s *statement) any(f events.Filter) string {
	parts := make([]string, len(f.Of))
	for i, g := range f.Of {
		parts[i] = "(" + s.filter(g) + ")"
	}
	out := "(" + strings.Join(parts, " OR ") + ")"
	if len(parts) == 0 {
		out = "false"
	}
	if f.Op == events.OpNone {
		return "NOT " + out
	}
	return out
}

// bucket writes the lower edge of the bucket that column falls into. Days are
// equally long but for two a year, so that the edges are a few runs of equal
// steps, each one division.
func bucket(column string, edges []int64) string {
	edges = slices.Compact(slices.Clone(edges))
	if len(edges) < 2 {
		return "CAST(0 AS BIGINT)" // no bucket holds anything: the bounds leave no row
	}
	var b strings.Builder
	b.WriteString("CAST(CASE")
	for i := 0; i < len(edges)-1; {
		step := edges[i+1] - edges[i]
		j := i + 1
		for j < len(edges)-1 && edges[j+1]-edges[j] == step {
			j++
		}
		fmt.Fprintf(&b, " WHEN %s < %d THEN %d + ((%s - %d) // %d) * %d", column, edges[j], edges[i], column, edges[i], step, step)
		i = j
	}
	b.WriteString(" END AS BIGINT)")
	return b.String()
}
