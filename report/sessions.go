package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"footpath/store/events"
	"footpath/store/meta"
	"footpath/wire"
)

// ErrNotFound: there is no such session in the project.
var ErrNotFound = errors.New("report: not found")

const (
	defaultLimit = 50  // rows of a page
	maxLimit     = 200 // rows of a page at most
	maxOffset    = 100_000
	// maxText bounds a filter's text: addresses are at most wire.MaxString.
	maxText = wire.MaxString
)

// sortColumns are the orders that the list offers.
var sortColumns = map[string]string{
	"start": "start", "duration": "duration", "active": "active", "pages": "pages", "clicks": "clicks", "errors": "errors",
}

// sessionColumns are what a row of the list is made of, in the order in which
// sessionRow reads them.
var sessionColumns = []string{
	"session", "visitor", "start", "end_time", "duration", "active", "pages", "clicks", "customs", "errors", "entry", "exit", "referrer",
	"device", "browser", "os", "country", "language", "screen", "width", "height", "is_new", "bot", "has_replay", "gaps", "consent", "event_names",
}

func (r *Reports) sessionRow(p meta.Project, v []any, now int64) SessionRow {
	n32 := func(i int) int32 { return int32(num(v[i])) }
	names, _ := v[26].([]string)
	row := SessionRow{
		ID: wire.ID(str(v[0])), Visitor: wire.ID(str(v[1])), Start: num(v[2]), End: num(v[3]), Duration: num(v[4]), Active: num(v[5]),
		Pages: n32(6), Clicks: n32(7), Customs: n32(8), Errors: n32(9), Entry: str(v[10]), Exit: str(v[11]), Referrer: str(v[12]),
		Device: str(v[13]), Browser: str(v[14]), OS: str(v[15]), Country: str(v[16]), Language: str(v[17]), Screen: str(v[18]),
		Width: n32(19), Height: n32(20), New: num(v[21]) == 1, Bot: num(v[22]) == 1, HasReplay: num(v[23]) == 1, Gaps: n32(24),
		Consent: str(v[25]), Events: append([]string{}, names...),
	}
	row.Live = row.End >= now-liveFor
	if row.HasReplay {
		row.Expires = expires(p, row.Start)
	}
	return row
}

// expires is when a session's recording is deleted: recordings go by the UTC day
// of the session's birth, once the project's replay days are over.
func expires(p meta.Project, start int64) int64 {
	days := p.ReplayDays
	if days <= 0 {
		days = 30 // the default of a project (ruling 10)
	}
	return start - start%day + int64(days+1)*day
}

// Sessions is the filtered, sorted, paged list.
func (r *Reports) Sessions(ctx context.Context, p meta.Project, f SessionFilter) (SessionList, error) {
	s, err := spanOf(p, f.Range, r.Now())
	if err != nil {
		return SessionList{}, err
	}
	now := r.Now().UnixMilli()
	where, err := f.where(now)
	if err != nil {
		return SessionList{}, err
	}
	order, err := sortOf(f.Sort)
	if err != nil {
		return SessionList{}, err
	}
	q := events.Query{Table: events.Sessions, Project: p.Key, From: s.from(), To: s.to(), Where: where}
	total := q
	total.Aggregates = []events.Aggregate{{Func: events.CountRows}}
	count, err := r.Events.Query(ctx, total)
	if err != nil {
		return SessionList{}, fmt.Errorf("count sessions of %s: %w", p.Key, err)
	}
	q.Select, q.Order, q.Offset, q.Limit = sessionColumns, order, f.Offset, f.Limit
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	rows, err := r.Events.Query(ctx, q)
	if err != nil {
		return SessionList{}, fmt.Errorf("sessions of %s: %w", p.Key, err)
	}
	out := SessionList{Range: s.Range, Total: num(count.Values[0][0]), Rows: make([]SessionRow, 0, len(rows.Values))}
	for _, v := range rows.Values {
		out.Rows = append(out.Rows, r.sessionRow(p, v, now))
	}
	return out, nil
}

// sortOf reads "duration" or "-duration"; newest first without one. The session
// id makes the order total, so that pages do not overlap.
func sortOf(text string) ([]events.Order, error) {
	if text == "" {
		text = "-start"
	}
	name, desc := strings.CutPrefix(text, "-")
	column, ok := sortColumns[name]
	if !ok {
		return nil, &Invalid{"sort", "Sort by start, duration, active, pages, clicks or errors."}
	}
	at := func(c string) int { return slices.Index(sessionColumns, c) }
	return []events.Order{{Output: at(column), Desc: desc}, {Output: at("start"), Desc: true}, {Output: at("session")}}, nil
}

// where checks the filter and puts it in the algebra's words.
func (f SessionFilter) where(now int64) ([]events.Filter, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var out []events.Filter
	add := func(filter events.Filter, on bool) {
		if on {
			out = append(out, filter)
		}
	}
	page, prefix := strings.CutSuffix(f.Page, "*")
	add(events.AnyHasPrefix("urls", page), prefix)
	add(events.Has("urls", page), !prefix && page != "")
	entry, prefix := strings.CutSuffix(f.Entry, "*")
	add(events.HasPrefix("entry", entry), prefix)
	add(events.Is("entry", entry), !prefix && entry != "")
	add(events.Has("event_names", f.Event), f.Event != "")
	add(events.Is("device", f.Device), f.Device != "")
	add(events.AnyOf(events.Is("browser", f.Browser), events.HasPrefix("browser", f.Browser+" ")), f.Browser != "")
	add(events.Is("os", f.OS), f.OS != "")
	add(events.Is("country", f.Country), f.Country != "")
	add(events.Is("referrer", f.Referrer), f.Referrer != "")
	add(events.Is("visitor", string(f.Visitor)), f.Visitor != "")
	longest := f.MaxDuration
	if longest == 0 {
		longest = maxDuration
	}
	add(events.Between("active", f.MinDuration, longest+1), f.MinDuration > 0 || f.MaxDuration > 0)
	add(events.Between("end_time", now-liveFor, events.MaxTime), f.Live)
	add(events.Between("errors", 1, 1<<31), f.Errors)
	return out, nil
}

// maxDuration is more than any session lasts, in milliseconds.
const maxDuration = 100 * day

func (f SessionFilter) check() error {
	for field, text := range map[string]string{
		"page": f.Page, "entry": f.Entry, "event": f.Event, "device": f.Device, "browser": f.Browser,
		"os": f.OS, "country": f.Country, "referrer": f.Referrer,
	} {
		if len(text) > maxText {
			return &Invalid{field, fmt.Sprintf("Filters are at most %d bytes long.", maxText)}
		}
	}
	switch {
	case f.Visitor != "" && !f.Visitor.Valid():
		return &Invalid{"visitor", "That is not a visitor id."}
	case f.MinDuration < 0 || f.MinDuration > maxDuration:
		return &Invalid{"min", "The shortest duration is out of bounds."}
	case f.MaxDuration < 0 || f.MaxDuration > maxDuration:
		return &Invalid{"max", "The longest duration is out of bounds."}
	case f.MaxDuration > 0 && f.MaxDuration < f.MinDuration:
		return &Invalid{"max", "The longest duration is shorter than the shortest."}
	case f.Limit < 0 || f.Limit > maxLimit:
		return &Invalid{"limit", fmt.Sprintf("Ask for at most %d rows.", maxLimit)}
	case f.Offset < 0 || f.Offset > maxOffset:
		return &Invalid{"offset", fmt.Sprintf("Narrow the filters instead of paging past %d.", maxOffset)}
	}
	return nil
}

// Session is one row, wherever in the 13 months that are kept; ErrNotFound.
func (r *Reports) Session(ctx context.Context, p meta.Project, id wire.ID) (SessionRow, error) {
	if !id.Valid() {
		return SessionRow{}, fmt.Errorf("session: %w", ErrNotFound)
	}
	now := r.Now().UnixMilli()
	// Most look-ups are of yesterday and today: ask the newest months first.
	edges := []int64{now + 2*day, now - 14*day, now - 90*day, now - (maxMonths+1)*31*day}
	for i := range len(edges) - 1 {
		rows, err := r.Events.Query(ctx, events.Query{
			Table: events.Sessions, Project: p.Key, From: edges[i+1], To: edges[i],
			Where: []events.Filter{events.Is("session", string(id))}, Select: sessionColumns,
			Order: []events.Order{{Output: 0}}, Limit: 1,
		})
		if err != nil {
			return SessionRow{}, fmt.Errorf("session %s: %w", id, err)
		}
		if len(rows.Values) > 0 {
			return r.sessionRow(p, rows.Values[0], now), nil
		}
	}
	return SessionRow{}, fmt.Errorf("session %s: %w", id, ErrNotFound)
}
