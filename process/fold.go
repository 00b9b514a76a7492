package process

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"footpath/journal"
	"footpath/replay"
	"footpath/store/events"
	"footpath/wire"
)

// chunk is an entry of the journal, opened and decoded, or a piece of a recording.
type chunk struct {
	position journal.Position
	key      key
	visitor  wire.ID
	record   wire.ID
	seq      uint32
	flags    wire.Flags
	day      int32
	arrived  int64
	sent     int64
	client   journal.Client
	set      *settings
	size     int64 // payload as received, bytes
	inflated int
	items    []item
	lines    int  // events in the payload
	snapshot bool // it holds a full snapshot
	gone     bool // its key was destroyed, or its project is gone
}

// item is one analytics event, cleaned; value is one of wire's payload types.
type item struct {
	idx   int32
	time  int64
	value any
}

func (c *chunk) skew() int64 { return replay.Skew(c.arrived, c.sent) }

func (c *chunk) correct(t, skew int64) int64 { return replay.Correct(t, skew, c.arrived) }

// folded says what became of a chunk.
type folded uint8

const (
	foldDone   folded = iota
	foldLate          // noted; rows follow from a rebuild
	foldRepeat        // had it already
	foldOver          // the session is over its bounds
)

// fold adds a chunk to the session and gives the rows that follow. Within a
// record chunks are folded in the order of their numbers; one that comes after
// its successor marks the session to be derived again (faults 3, 6).
func (s *session) fold(c *chunk) ([]row, folded) {
	if s.overFor != 0 {
		return nil, foldOver
	}
	r := s.record(c.record)
	if r == nil {
		s.overFor = c.arrived
		return nil, foldOver
	}
	if !r.seen.add(c.seq) {
		return nil, foldRepeat
	}
	s.last, s.lastArrived, s.set = max(s.last, c.position), max(s.lastArrived, c.arrived), c.set
	if c.seq < r.next {
		s.rebuild = true
		if s.start == 0 {
			s.see(c.arrived)
		}
		return nil, foldLate
	}
	r.next = c.seq + 1
	r.clock.Chunk(c.arrived, c.sent)
	s.bytes += c.size
	s.inflated += int64(c.inflated)
	s.bot = s.bot || c.client.Bot || c.flags&wire.FlagAutomation != 0
	s.replay = s.replay || c.snapshot
	var rows []row
	for _, it := range c.items {
		rows = s.item(rows, r, c, it)
	}
	if s.start == 0 {
		s.see(c.correct(c.sent, r.clock.Skew))
	}
	r.left = c.flags&wire.FlagLast != 0
	rows = s.leave(rows, r, r.left)
	if s.inflated > s.cfg.MaxBytes || s.end-s.start > s.cfg.MaxAge.Milliseconds() {
		s.overFor = c.arrived
	}
	return rows, foldDone
}

// see widens the session by an instant.
func (s *session) see(t int64) {
	if s.start == 0 || t < s.start {
		if s.written {
			// Rows stand under the start as written; a new one means moving them.
			s.rebuild = true
		}
		s.start = max(t, 1)
	}
	s.end = max(s.end, t, s.start)
}

// item adds one event.
func (s *session) item(rows []row, r *record, c *chunk, it item) []row {
	t := c.correct(it.time, r.clock.Skew)
	at := place{c: c, idx: it.idx, time: t}
	switch v := it.value.(type) {
	case wire.Page:
		s.see(t)
		return s.page(rows, r, at, v)
	case wire.Time:
		s.see(t)
		s.total(r, at, v)
	case wire.Click:
		s.see(t)
		s.clicks++
		e := s.event(r, at, "click", v.View)
		e.element(v.Element)
		e.X, e.Y, e.PageX, e.PageY, e.By = int32(v.X), int32(v.Y), int32(v.PageX), int32(v.PageY), v.By
		return s.add(rows, e)
	case typed:
		s.see(t)
		s.inputs++
		e := s.event(r, at, string(v.kind), v.View)
		e.element(v.Element)
		return s.add(rows, e)
	case wire.Error:
		s.see(t)
		s.errors++
		e := s.event(r, at, "error", v.View)
		e.Name, e.Text, e.Path, e.X = v.Class, v.Message, v.File, int32(v.Line)
		return s.add(rows, e)
	case wire.Custom:
		s.see(t)
		s.customs++
		s.names = addName(s.names, v.Name)
		e := s.event(r, at, "custom", v.View)
		e.Name = v.Name
		e.props(v.Props)
		return s.add(rows, e)
	case wire.Props:
		s.see(t)
		e := s.event(r, at, "props", r.view())
		e.props(v.Props)
		return s.add(rows, e)
	case wire.User:
		s.user = v.UID
	case wire.Consent:
		if v.Choice == "granted" && s.consent == "" {
			s.consent = v.Via
		}
		e := s.event(r, at, "consent", r.view())
		e.Name, e.By = v.Choice, v.Via
		return s.add(rows, e)
	case wire.Lost:
		e := s.event(r, at, "lost", r.view())
		for _, name := range slices.Sorted(maps.Keys(v.What)) {
			e.PropKeys, e.PropValues = append(e.PropKeys, name), append(e.PropValues, strconv.Itoa(v.What[name]))
		}
		return s.add(rows, e)
	}
	return rows
}

// place is where an event stands.
type place struct {
	c    *chunk
	idx  int32
	time int64
}

func (r *record) view() uint32 {
	if r.current == nil {
		return 0
	}
	return r.current.page.View
}

// page begins a page view, and ends the one before it in the same record.
func (s *session) page(rows []row, r *record, at place, p wire.Page) []row {
	v := s.viewOf(r, p.View)
	if v == nil || v.known {
		s.lost++ // too many, or a number twice
		return rows
	}
	v.page, v.url, v.record, v.known = p, p.URL, r.id, true
	v.seq, v.idx, v.time = at.c.seq, at.idx, at.time
	rows = s.leave(rows, r, true)
	r.current = v
	s.pages++
	s.first = s.first || p.First
	s.urls = addName(s.urls, p.URL)
	s.zone = cmp.Or(s.zone, p.Zone)
	if s.entry == nil || before(v, s.entry) {
		s.entry = v
	}
	if s.exit == nil || before(s.exit, v) {
		s.exit = v
	}
	e := s.event(r, at, "page", p.View)
	e.Referrer, e.By = p.Referrer, p.Nav
	e.UTMSource, e.UTMMedium, e.UTMCampaign = p.UTM.Source, p.UTM.Medium, p.UTM.Campaign
	return s.add(rows, e)
}

// before orders page views of all tabs, the same however their chunks arrived.
func before(a, b *view) bool {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.record, b.record), cmp.Compare(a.seq, b.seq), cmp.Compare(a.idx, b.idx)) < 0
}

func (s *session) viewOf(r *record, n uint32) *view {
	v := r.views[n]
	if v == nil && s.views < maxViews {
		v = &view{}
		r.views[n] = v
		s.views++
	}
	return v
}

// total takes the running totals of a page view.
func (s *session) total(r *record, at place, t wire.Time) {
	v := s.viewOf(r, t.View)
	if v == nil {
		return
	}
	s.visible += t.Visible - v.visible
	s.active += t.Active - v.active
	v.visible, v.active, v.depth = t.Visible, t.Active, max(v.depth, int32(t.Depth))
	v.timed, v.timeSeq, v.timeIdx, v.timeAt = true, at.c.seq, at.idx, at.time
	if v.left && (v.leftVisible != v.visible || v.leftActive != v.active || v.leftDepth != v.depth) {
		s.stale = true
	}
}

// leave gives the leave row of the record's current view when that has ended: the
// next one begins, or the page was left.
func (s *session) leave(rows []row, r *record, ended bool) []row {
	if ended && !s.deferred && r.current != nil && !r.current.left {
		return s.leaveRow(rows, r, r.current)
	}
	return rows
}

func (s *session) leaveRow(rows []row, r *record, v *view) []row {
	v.left, v.leftVisible, v.leftActive, v.leftDepth = true, v.visible, v.active, v.depth
	at := place{c: &chunk{key: s.key, seq: v.seq}, idx: -1 - v.idx, time: v.time}
	if v.timed {
		at.c.seq, at.idx, at.time = v.timeSeq, v.timeIdx, v.timeAt
	}
	e := s.event(r, at, "leave", v.page.View)
	e.Visible, e.Active, e.Depth = v.visible, v.active, v.depth
	return s.add(rows, e)
}

// leaveEnded gives the leave rows of a session that was derived from all its
// chunks: of every page view that has ended, and at the session's end of all.
func (s *session) leaveEnded(rows []row, all bool) []row {
	s.deferred = false
	for _, r := range s.order {
		for _, n := range slices.Sorted(maps.Keys(r.views)) {
			v := r.views[n]
			if v.known && !v.left && (all || r.left || v != r.current) {
				rows = s.leaveRow(rows, r, v)
			}
		}
	}
	return rows
}

// add keeps a row within the session's bound.
func (s *session) add(rows []row, e row) []row {
	if s.rows >= maxRows {
		s.lost++
		return rows
	}
	s.rows++
	return append(rows, e)
}

// event makes a row with everything that is denormalised.
func (s *session) event(r *record, at place, kind string, n uint32) row {
	e := row{Event: events.Event{
		Project: s.key.project, Session: s.key.session, Visitor: s.visitor, Record: r.id,
		View: int32(n), Seq: int32(at.c.seq), Index: at.idx, Time: at.time, Kind: kind,
		Device: s.client.Device, Browser: s.client.Browser, OS: s.client.OS, Country: s.client.Country,
	}}
	if v := r.views[n]; v != nil && v.known {
		e.URL, e.Title, e.texts = v.url, v.page.Title, v.page.Texts
		e.Language, e.Screen, e.Width, e.Height = v.page.Language, v.page.Screen, int32(v.page.Width), int32(v.page.Height)
	}
	return e
}

func (e *row) element(el wire.Element) {
	e.Path, e.Tag, e.Text, e.Role, e.Name = el.Path, el.Tag, el.Text, el.Role, el.Name
}
