package events

import "fmt"

// Check says whether q is a question of the algebra, naming what is not
// (ErrQuery). Engines call it before anything else, so that no column name but
// those of Columns ever reaches an engine's language.
func (q Query) Check() error {
	cols := Columns(q.Table)
	switch {
	case cols == nil:
		return fmt.Errorf("%w: table %q", ErrQuery, q.Table)
	case !q.Project.Valid():
		return fmt.Errorf("%w: project %q", ErrQuery, q.Project)
	case len(q.Select) > 0 && len(q.Group)+len(q.Aggregates) > 0:
		return fmt.Errorf("%w: both a selection and an aggregation", ErrQuery)
	case len(q.Select)+len(q.Group)+len(q.Aggregates) == 0:
		return fmt.Errorf("%w: no columns", ErrQuery)
	case q.Limit < 0 || q.Offset < 0:
		return fmt.Errorf("%w: limit %d offset %d", ErrQuery, q.Limit, q.Offset)
	}
	for _, name := range q.Select {
		if _, err := columnOf(q.Table, name); err != nil {
			return err
		}
	}
	if err := checkGroups(q); err != nil {
		return err
	}
	for _, o := range q.Order {
		if o.Output < 0 || o.Output >= q.Width() {
			return fmt.Errorf("%w: order by output %d of %d", ErrQuery, o.Output, q.Width())
		}
	}
	return checkFilters(q.Table, q.Where)
}

// Width is how many columns the answer has.
func (q Query) Width() int { return len(q.Select) + len(q.Group) + len(q.Aggregates) }

func checkGroups(q Query) error {
	for _, g := range q.Group {
		c, err := columnOf(q.Table, g.Column)
		if err != nil {
			return err
		}
		if c.Type == List || g.Edges != nil && c.Type != Int {
			return fmt.Errorf("%w: group by %s", ErrQuery, g.Column)
		}
		if g.Edges != nil && len(g.Edges) < 2 {
			return fmt.Errorf("%w: %d edges for %s", ErrQuery, len(g.Edges), g.Column)
		}
		for i := 1; i < len(g.Edges); i++ {
			if g.Edges[i] < g.Edges[i-1] {
				return fmt.Errorf("%w: edges of %s do not ascend", ErrQuery, g.Column)
			}
		}
	}
	for _, a := range q.Aggregates {
		if err := checkAggregate(q.Table, a); err != nil {
			return err
		}
	}
	return nil
}

func checkAggregate(t Table, a Aggregate) error {
	if a.Func < CountRows || a.Func > Quantile {
		return fmt.Errorf("%w: aggregate %d", ErrQuery, a.Func)
	}
	if a.Func != CountRows {
		c, err := columnOf(t, a.Column)
		if err != nil {
			return err
		}
		if c.Type == List || c.Type == Text && a.Func != Distinct {
			return fmt.Errorf("%w: aggregate %d of %s", ErrQuery, a.Func, a.Column)
		}
	}
	if a.Func == Quantile && (a.Q < 1 || a.Q > 10_000) {
		return fmt.Errorf("%w: quantile %d", ErrQuery, a.Q)
	}
	return checkFilters(t, a.Where)
}

func checkFilters(t Table, filters []Filter) error {
	for _, f := range filters {
		if f.Op == OpAny || f.Op == OpNone {
			if err := checkFilters(t, f.Of); err != nil {
				return err
			}
			continue
		}
		c, err := columnOf(t, f.Column)
		if err != nil {
			return err
		}
		if !f.fits(c.Type) {
			return fmt.Errorf("%w: filter %d on %s", ErrQuery, f.Op, f.Column)
		}
	}
	return nil
}

// fits says whether a filter's operands suit the type of its column.
func (f Filter) fits(t Type) bool {
	switch f.Op {
	case OpIn:
		return t == Int && len(f.Texts) == 0 || t == Text && len(f.Ints) == 0
	case OpRange:
		return t == Int && len(f.Ints) == 2
	case OpPrefix:
		return t == Text && len(f.Texts) == 1
	case OpHas:
		return t == List && len(f.Ints) == 0
	case OpHasPrefix:
		return t == List && len(f.Texts) == 1
	default:
		return false
	}
}

// FullOrder is Order made total: the columns that it leaves out follow, unless
// those it has already tell every row apart. Engines sort by it.
func (q Query) FullOrder() []Order {
	out := append([]Order(nil), q.Order...)
	have := make([]bool, q.Width())
	for _, o := range out {
		have[o.Output] = true
	}
	for i := range q.Width() {
		if q.told(have) {
			break
		}
		if !have[i] {
			out = append(out, Order{Output: i})
			have[i] = true
		}
	}
	return out
}

// told says whether the outputs in have make every row of the answer different.
func (q Query) told(have []bool) bool {
	if len(q.Select) == 0 {
		for i := range q.Group {
			if !have[i] {
				return false
			}
		}
		return true
	}
	var left map[string]bool
	switch q.Table {
	case Events:
		left = map[string]bool{"session": true, "record": true, "seq": true, "idx": true}
	case Sessions:
		left = map[string]bool{"session": true}
	default:
		return false
	}
	for i, name := range q.Select {
		if have[i] {
			delete(left, name)
		}
	}
	return len(left) == 0
}

// Names gives the answer's column names: columns and groups by their own name,
// figures as f0, f1 …
func (q Query) Names() []string {
	out := append([]string(nil), q.Select...)
	for _, g := range q.Group {
		out = append(out, g.Column)
	}
	for i := range q.Aggregates {
		out = append(out, fmt.Sprintf("f%d", i))
	}
	return out
}
