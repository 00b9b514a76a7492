package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"footpath/store/events"
)

// holds says whether every filter holds for the row.
func holds(filters []events.Filter, r row) bool {
	for _, f := range filters {
		if !hold(f, r) {
			return false
		}
	}
	return true
}

func hold(f events.Filter, r row) bool {
	switch f.Op {
	case events.OpAny, events.OpNone:
		found := slices.ContainsFunc(f.Of, func(g events.Filter) bool { return hold(g, r) })
		return found == (f.Op == events.OpAny)
	case events.OpIn:
		if n, ok := r.get(f.Column).(int64); ok {
			return slices.Contains(f.Ints, n)
		}
		return slices.Contains(f.Texts, r.get(f.Column).(string))
	case events.OpRange:
		n := r.get(f.Column).(int64)
		return f.Ints[0] <= n && n < f.Ints[1]
	case events.OpPrefix:
		return strings.HasPrefix(r.get(f.Column).(string), f.Texts[0])
	case events.OpHas:
		return slices.ContainsFunc(r.get(f.Column).([]string), func(s string) bool { return slices.Contains(f.Texts, s) })
	case events.OpHasPrefix:
		return slices.ContainsFunc(r.get(f.Column).([]string), func(s string) bool { return strings.HasPrefix(s, f.Texts[0]) })
	default:
		return false
	}
}

// aggregate groups the rows and works the figures out; the order is left to the
// caller.
func aggregate(q events.Query, rows []row) [][]any {
	groups := map[string][]row{}
	values := map[string][]any{}
	if len(q.Group) == 0 {
		groups[""], values[""] = nil, nil
	}
	for _, r := range rows {
		key, ok := groupOf(q.Group, r)
		if !ok {
			continue
		}
		name := fmt.Sprintf("%#v", key)
		if len(q.Group) == 0 {
			name = ""
		}
		values[name] = key
		groups[name] = append(groups[name], r)
	}
	var out [][]any
	for name, members := range groups {
		line := slices.Clone(values[name])
		for _, a := range q.Aggregates {
			line = append(line, figure(a, members))
		}
		out = append(out, line)
	}
	return out
}

func groupOf(groups []events.Group, r row) ([]any, bool) {
	var key []any
	for _, g := range groups {
		if g.Edges == nil {
			key = append(key, r.get(g.Column))
			continue
		}
		n, found := r.get(g.Column).(int64), false
		for i := range len(g.Edges) - 1 {
			if g.Edges[i] <= n && n < g.Edges[i+1] {
				key, found = append(key, g.Edges[i]), true
			}
		}
		if !found {
			return nil, false
		}
	}
	return key, true
}

// figure is one aggregate over the rows of one group.
func figure(a events.Aggregate, rows []row) int64 {
	seen := map[any]bool{}
	var numbers []int64
	var n, sum int64
	for _, r := range rows {
		if !holds(a.Where, r) {
			continue
		}
		n++
		if a.Func == events.CountRows {
			continue
		}
		seen[r.get(a.Column)] = true
		if v, ok := r.get(a.Column).(int64); ok {
			sum += v
			numbers = append(numbers, v)
		}
	}
	switch {
	case a.Func == events.CountRows:
		return n
	case a.Func == events.Distinct:
		return int64(len(seen))
	case a.Func == events.Sum:
		return sum
	case n == 0:
		return 0
	}
	slices.Sort(numbers)
	switch a.Func {
	case events.Min:
		return numbers[0]
	case events.Max:
		return numbers[n-1]
	default:
		return numbers[(n*int64(a.Q)+9_999)/10_000-1]
	}
}

func compareRows(order []events.Order, a, b []any) int {
	for _, o := range order {
		c := compare(a[o.Output], b[o.Output])
		if o.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case string:
		return strings.Compare(a, b.(string))
	default:
		return slices.Compare(a.([]string), b.([]string))
	}
}
