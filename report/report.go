// Package report answers the dashboard's questions: one file per question. It
// speaks to the analytics tables through store/events, reads recordings through
// their ports, and knows no engine. Its types are the API's JSON.
package report

import "footpath/wire"

// Range is a stretch of time in a project's zone: whole days, both ends included.
// From and To are "2006-01-02".
type Range struct {
	From string `json:"from"`
	To   string `json:"to"`
	Zone string `json:"zone"` // IANA name
}

// Row is one line of a top list.
type Row struct {
	Label    string `json:"label"`
	Count    int64  `json:"count"`              // page views or sessions, see the list
	Visitors int64  `json:"visitors,omitempty"` // distinct visitor ids
}

// Day is one point of the series by day.
type Day struct {
	Day       string `json:"day"` // 2006-01-02 in the range's zone
	Visitors  int64  `json:"visitors"`
	Sessions  int64  `json:"sessions"`
	PageViews int64  `json:"pageViews"`
	// Counted is Tier A: page views counted without consent, never joined to the
	// others; shown only from k = 20 on (ruling 14), else -1.
	Counted int64 `json:"counted"`
}

// Totals of a range. Durations in milliseconds.
type Totals struct {
	Visitors  int64 `json:"visitors"`
	Sessions  int64 `json:"sessions"`
	PageViews int64 `json:"pageViews"`
	Median    int64 `json:"median"` // session duration
	P75       int64 `json:"p75"`
	// Bounce: sessions of one page view and no click, in ten-thousandths.
	Bounce  int64 `json:"bounce"`
	Live    int64 `json:"live"`    // sessions with an event in the last 5 minutes
	Counted int64 `json:"counted"` // Tier A page views, -1 below k
}

// Overview is the first screen. Every list is Tier B unless its name says counted.
type Overview struct {
	Range     Range  `json:"range"`
	Totals    Totals `json:"totals"`
	Before    Totals `json:"before"` // the same number of days before the range
	Days      []Day  `json:"days"`
	Pages     []Row  `json:"pages"`     // by page views
	Entries   []Row  `json:"entries"`   // by sessions
	Referrers []Row  `json:"referrers"` // by sessions; "" is direct
	Campaigns []Row  `json:"campaigns"`
	Devices   []Row  `json:"devices"`
	Browsers  []Row  `json:"browsers"`
	Systems   []Row  `json:"systems"`
	Countries []Row  `json:"countries"`
	Languages []Row  `json:"languages"`
}

// SessionFilter narrows the list; empty fields do not. Text filters match a
// whole value, Page and Entry also a prefix when they end in "*".
type SessionFilter struct {
	Range       Range
	Page        string
	Entry       string
	Event       string // custom event name
	Device      string
	Browser     string // family ("Chrome") or family and version
	OS          string
	Country     string
	Referrer    string
	Visitor     wire.ID
	MinDuration int64 // milliseconds, active time
	MaxDuration int64
	Live        bool   // only sessions with an event in the last 5 minutes
	Errors      bool   // only sessions with a JavaScript error
	Sort        string // start (default), duration, active, pages, clicks, errors; "-" before it: descending
	Offset      int
	Limit       int // 50 by default, 200 at most
}

// SessionRow is one line of the sessions list.
type SessionRow struct {
	ID        wire.ID  `json:"id"`
	Visitor   wire.ID  `json:"visitor"`
	Start     int64    `json:"start"` // milliseconds UTC
	End       int64    `json:"end"`
	Duration  int64    `json:"duration"`
	Active    int64    `json:"active"`
	Pages     int32    `json:"pages"`
	Clicks    int32    `json:"clicks"`
	Customs   int32    `json:"customs"`
	Errors    int32    `json:"errors"`
	Entry     string   `json:"entry"`
	Exit      string   `json:"exit"`
	Referrer  string   `json:"referrer"`
	Device    string   `json:"device"`
	Browser   string   `json:"browser"`
	OS        string   `json:"os"`
	Country   string   `json:"country"`
	Language  string   `json:"language"`
	Screen    string   `json:"screen"`
	Width     int32    `json:"width"`
	Height    int32    `json:"height"`
	New       bool     `json:"new"`
	Bot       bool     `json:"bot"`
	Live      bool     `json:"live"`
	HasReplay bool     `json:"hasReplay"`
	Gaps      int32    `json:"gaps"`
	Consent   string   `json:"consent"`
	Expires   int64    `json:"expires"` // when the replay is deleted, milliseconds UTC
	Events    []string `json:"events"`
}

// SessionList is a page of the list. Total counts all that match.
type SessionList struct {
	Range Range        `json:"range"`
	Total int64        `json:"total"`
	Rows  []SessionRow `json:"rows"`
}

// Facets are the values that the filters offer, most frequent first.
type Facets struct {
	Pages     []Row `json:"pages"`
	Events    []Row `json:"events"`
	Devices   []Row `json:"devices"`
	Browsers  []Row `json:"browsers"`
	Systems   []Row `json:"systems"`
	Countries []Row `json:"countries"`
	Referrers []Row `json:"referrers"`
}

// Step is one thing that happened in a session, for the player's event list and
// transcript.
type Step struct {
	Time   int64             `json:"t"`    // milliseconds UTC
	Kind   string            `json:"kind"` // page, click, input, submit, custom, error, leave
	Record wire.ID           `json:"record"`
	View   int32             `json:"view"`
	URL    string            `json:"url"`
	Label  string            `json:"label"`            // title, element name or text, event name, message
	Detail string            `json:"detail,omitempty"` // element path, file and line
	Props  map[string]string `json:"props,omitempty"`
	X      int32             `json:"x,omitempty"`
	Y      int32             `json:"y,omitempty"`
}

// Record is one page load of a session, as the player plays it.
type Record struct {
	ID       wire.ID `json:"id"`
	Start    int64   `json:"start"` // first and last DOM event, milliseconds UTC, skew-corrected
	End      int64   `json:"end"`
	URL      string  `json:"url"`
	Title    string  `json:"title"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Events   int     `json:"events"`   // DOM events
	Snapshot bool    `json:"snapshot"` // false: no full snapshot, cannot be played
	Gaps     []Gap   `json:"gaps,omitempty"`
}

// Gap names chunks that never arrived.
type Gap struct {
	FromSeq uint32 `json:"fromSeq"`
	ToSeq   uint32 `json:"toSeq"`
	From    int64  `json:"from"` // milliseconds UTC of the events around it
	To      int64  `json:"to"`
}

// SessionDetail is what the player page shows beside the stage.
type SessionDetail struct {
	Session SessionRow `json:"session"`
	Records []Record   `json:"records"`
	Steps   []Step     `json:"steps"`
}
