package process

import (
	"slices"
	"time"

	"footpath/journal"
	"footpath/replay"
	"footpath/store/events"
	"footpath/wire"
)

// Bounds of what one session may hold in memory and in the tables.
const (
	maxNames   = 200 // distinct pages and event names in a session's row (store/events)
	maxViews   = 2_000
	maxRecords = 1_000
	// maxRows: two clicks a second for 24 hours; a person makes a few hundred.
	maxRows = 200_000
)

// session is an open session: what its row says, and what is needed to go on.
type session struct {
	key     key
	visitor wire.ID
	day     int32
	client  journal.Client
	set     *settings
	cfg     Config

	records map[wire.ID]*record
	order   []*record
	// start and end are the first and last event, milliseconds UTC; start is 0
	// before the first.
	start, end         int64
	visible, active    int64
	pages, clicks      int32
	inputs, customs    int32
	errors             int32
	bytes, inflated    int64
	views, rows        int
	urls, names        []string
	entry, exit        *view
	zone               string
	first, bot, replay bool // replay: it holds a full snapshot
	consent, user      string

	last        journal.Position
	lastArrived int64
	overFor     int64 // when the session went over its bounds, 0: it did not
	lost        int   // rows left out for the bounds, since the last takeLost

	// What the core remembers beside it.
	written      bool
	writtenStart int64
	rebuild      bool // rows must be derived from all chunks again
	stale        bool // a leave row no longer says the last totals
	deferred     bool // leave rows are given out at the end (leaveEnded)
	building     bool
	closing      bool // its recording is stored; the next write says so
	rebuilds     int
	failures     int
	notBefore    int64
}

// record is one page load in one tab.
type record struct {
	id      wire.ID
	clock   replay.Clock
	next    uint32 // behind the highest sequence number seen
	seen    spans
	views   map[uint32]*view
	current *view
	left    bool // the last chunk was sent while the page was hidden
}

// view is one page view.
type view struct {
	page            wire.Page
	url             string
	record          wire.ID
	seq             uint32
	idx             int32
	time            int64
	visible, active int64
	depth           int32
	timeSeq         uint32 // the chunk and place of the totals above
	timeIdx         int32
	timeAt          int64
	timed, known    bool
	left            bool // its leave row was given out, with
	leftVisible     int64
	leftActive      int64
	leftDepth       int32
}

func newSession(c *chunk, cfg Config) *session {
	return &session{
		key: c.key, visitor: c.visitor, day: c.day, client: c.client, set: c.set, cfg: cfg,
		records: map[wire.ID]*record{}, lastArrived: c.arrived,
	}
}

func (s *session) record(id wire.ID) *record {
	r := s.records[id]
	if r == nil && len(s.records) < maxRecords {
		r = &record{id: id, views: map[uint32]*view{}}
		s.records[id] = r
		s.order = append(s.order, r)
	}
	return r
}

// gaps counts the chunks that are known to be missing (fault 4).
func (s *session) gaps() int32 {
	n := int64(0)
	for _, r := range s.order {
		n += int64(r.next) - r.seen.count()
	}
	return int32(min(n, 1<<30))
}

// ended says whether a session is over: idle, too long, too big, or every page
// was left and none came back.
func (s *session) ended(now int64, cfg Config) bool {
	quiet := now - s.lastArrived
	if s.overFor != 0 {
		return true
	}
	if quiet >= s.set.idle || s.start > 0 && now-s.start >= s.set.longest+cfg.Farewell.Milliseconds() && quiet >= cfg.Quiet.Milliseconds() {
		return true
	}
	for _, r := range s.order {
		if !r.left {
			return false
		}
	}
	return len(s.order) > 0 && quiet >= cfg.Farewell.Milliseconds()
}

// allLeft says whether every page view has given out a leave row that still holds.
func (s *session) allLeft() bool {
	for _, r := range s.order {
		for _, v := range r.views {
			if v.known && (!v.left || v.leftVisible != v.visible || v.leftActive != v.active || v.leftDepth != v.depth) {
				return false
			}
		}
	}
	return true
}

// wait puts the next try of a build off, longer each time.
func (s *session) wait(now int64, cfg Config) {
	s.failures++
	s.notBefore = now + cfg.Retry.Milliseconds()<<min(s.failures-1, 6)
}

// inherit takes over what the core remembers of the session that s replaces. Each
// rebuild is followed by a longer pause, so that a client that sends everything in
// the wrong order costs a bounded number of them (fault 51).
func (s *session) inherit(old *session) {
	s.written, s.writtenStart, s.rebuilds = old.written, old.writtenStart, old.rebuilds
	s.lastArrived = max(s.lastArrived, old.lastArrived)
	s.overFor = old.overFor
	s.notBefore = 0
	if old.rebuilds > 0 {
		s.notBefore = s.lastArrived + 1_000<<min(old.rebuilds, 8)
	}
}

func (s *session) takeLost() int {
	n := s.lost
	s.lost = 0
	return n
}

// row is the session's row as things stand.
func (s *session) row() events.Session {
	r := events.Session{
		Project: s.key.project, Session: s.key.session, Visitor: s.visitor, Day: s.day,
		Start: s.start, End: s.end, Duration: s.end - s.start, Visible: s.visible, Active: s.active,
		Pages: s.pages, Clicks: s.clicks, Inputs: s.inputs, Customs: s.customs, Errors: s.errors,
		Records: int32(len(s.order)), Bytes: s.bytes, Gaps: s.gaps(),
		URLs: sorted(s.urls), EventNames: sorted(s.names),
		Device: s.client.Device, Browser: s.client.Browser, OS: s.client.OS, Country: s.client.Country,
		Zone: s.zone, New: s.first, Bot: s.bot, HasReplay: s.replay, Consent: s.consent, User: s.user,
		Sealed: s.closing, Last: s.last,
	}
	if v := s.entry; v != nil {
		r.Entry, r.Exit = v.url, s.exit.url
		r.UTMSource, r.UTMMedium, r.UTMCampaign = v.page.UTM.Source, v.page.UTM.Medium, v.page.UTM.Campaign
		r.Language, r.Screen = v.page.Language, v.page.Screen
		r.Width, r.Height = int32(v.page.Width), int32(v.page.Height)
		// A page of the same site is where the visitor came from only when the
		// session before timed out; it says nothing about how they found the site.
		if v.page.Referrer != replay.Origin(v.url) {
			r.Referrer = v.page.Referrer
		}
	}
	return r
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}

func addName(list []string, name string) []string {
	if name == "" || len(list) >= maxNames || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// spans are the sequence numbers seen, as ranges; memory grows with the gaps only.
type spans []span

type span struct{ from, to uint32 } // both included

// add notes n and says whether it was new.
func (s *spans) add(n uint32) bool {
	i, found := slices.BinarySearchFunc(*s, n, func(sp span, n uint32) int {
		switch {
		case sp.to < n:
			return -1
		case sp.from > n:
			return 1
		}
		return 0
	})
	if found {
		return false
	}
	before := i > 0 && (*s)[i-1].to+1 == n
	after := i < len(*s) && (*s)[i].from == n+1
	switch {
	case before && after:
		(*s)[i-1].to = (*s)[i].to
		*s = slices.Delete(*s, i, i+1)
	case before:
		(*s)[i-1].to = n
	case after:
		(*s)[i].from = n
	default:
		*s = slices.Insert(*s, i, span{n, n})
	}
	return true
}

func (s spans) count() int64 {
	n := int64(0)
	for _, sp := range s {
		n += int64(sp.to) - int64(sp.from) + 1
	}
	return n
}

func monthOf(ms int64) int64 {
	t := time.UnixMilli(ms).UTC()
	return int64(t.Year())*12 + int64(t.Month())
}

// dayMs is the noon of a day written yyyymmdd.
func dayMs(day int32) int64 {
	return time.Date(int(day/10_000), time.Month(day/100%100), int(day%100), 12, 0, 0, 0, time.UTC).UnixMilli()
}
