// Package events is the port to the analytics tables: events and sessions (Tier
// B) and counts (Tier A, which nothing joins to the others: ruling 3). Stored
// facts are integers, strings and arrays; times are int64 milliseconds since 1970
// UTC; there are no floats, no NULL and no database time zones (storage.md 3.6).
// The engines stand in subfolders; each passes eventstest.
package events

import (
	"context"

	"footpath/journal"
	"footpath/wire"
)

// Event is one row of the table events.
type Event struct {
	Project wire.ProjectKey
	Session wire.ID
	Visitor wire.ID
	Record  wire.ID
	View    int32  // page view within the record
	Seq     int32  // chunk that brought it, and
	Index   int32  // its place in the chunk: (Session, Record, Seq, Index) is unique
	Time    int64  // milliseconds UTC, corrected by the record's clock skew
	Kind    string // page, leave, click, input, submit, custom, error …
	URL     string // of the page, by rule U: origin and path
	Title   string
	// Page: Referrer origin, campaign. Leave: Visible, Active, Depth.
	Referrer                          string
	UTMSource, UTMMedium, UTMCampaign string
	Visible, Active                   int64 // milliseconds
	Depth                             int32 // ten-thousandths
	// Click, input, submit.
	Path, Tag, Text, Role, Name string
	X, Y                        int32 // ten-thousandths of the element
	PageX, PageY                int32 // CSS pixels
	By                          string
	// Custom: Name and PropKeys/PropValues in step; error: Name is the class,
	// Text the message, Path the file, X the line.
	PropKeys, PropValues []string
	// Denormalised from the session, so that no question needs a join.
	Device, Browser, OS, Country, Language, Screen string
	Width, Height                                  int32
}

// Session is one row of the table sessions, replaced whenever it grows.
type Session struct {
	Project  wire.ProjectKey
	Session  wire.ID
	Visitor  wire.ID
	Day      int32 // of birth, yyyymmdd UTC: its keys and recordings
	Start    int64 // first event, milliseconds UTC
	End      int64 // last event
	Duration int64 // End - Start, milliseconds
	Visible  int64 // summed over page views, milliseconds
	Active   int64
	Pages    int32 // page views
	Clicks   int32
	Inputs   int32
	Customs  int32
	Errors   int32
	Records  int32
	Bytes    int64 // of payload as received
	Gaps     int32 // chunks known to be missing
	// Entry, Exit: URLs of the first and the last page view.
	Entry, Exit                       string
	Referrer                          string
	UTMSource, UTMMedium, UTMCampaign string
	// URLs and EventNames: the distinct pages and custom events, at most 200 each
	// (for filters; the rows in events are complete).
	URLs, EventNames                                     []string
	Device, Browser, OS, Country, Language, Screen, Zone string
	Width, Height                                        int32
	New                                                  bool // first session of this visitor id
	Bot                                                  bool
	HasReplay                                            bool
	Consent                                              string // how Tier B was opened: api, cookie, none
	User                                                 string // keyed hash of identify(), or empty
	// Sealed: closed and its recording stored; Last is its newest chunk then.
	Sealed bool
	Last   journal.Position
}

// Count is one row of the table counts: classes only, one row per distinct
// combination and hour, Views added up.
type Count struct {
	Project                               wire.ProjectKey
	Hour                                  int64 // start of the hour, milliseconds UTC
	URL, Referrer                         string
	UTMSource, UTMMedium, UTMCampaign     string
	Device, Browser, OS, Language, Screen string
	Country                               string
	Views                                 int64
}

// Batch is written whole or not at all, with the offset it brings us to.
type Batch struct {
	// Offset: everything in the journal up to here is in the tables once the
	// batch is committed. It never goes back.
	Offset journal.Position
	// Replace names sessions all of whose rows (events and sessions) are removed
	// before the rest of the batch is added: processing again changes no total.
	Replace []SessionKey
	Events  []Event
	// Sessions replace the rows of the same sessions.
	Sessions []Session
	// Counts are added to the rows of the same classes and hour.
	Counts []Count
}

// SessionKey names a session and the time that finds its month.
type SessionKey struct {
	Project wire.ProjectKey
	Session wire.ID
	Start   int64 // Session.Start; decides the month a session's rows all stand in
}

// Removed counts the rows that Expire has removed.
type Removed struct{ Events, Sessions, Counts int64 }

// Add adds more to r.
func (r *Removed) Add(more Removed) {
	r.Events += more.Events
	r.Sessions += more.Sessions
	r.Counts += more.Counts
}

// Writer is the write side of the port: one writer, any number of readers.
type Writer interface {
	// Write commits the batch durably and atomically per month touched; when it
	// returns nil everything is. Writing the same batch twice (a crash between
	// commit and reply) changes nothing: the engine compares Offset.
	//
	// A batch whose Offset is behind the stored one is done already: nothing
	// happens. One whose Offset is equal may only do what can be repeated: Replace,
	// Sessions, and Events of sessions that it replaces (closing an idle session
	// brings no new offset); its Counts and other Events are left out. So Counts
	// and added Events always need a larger Offset than the batch before.
	//
	// Every event's session must be named by Sessions or Replace (ErrBatch). A
	// session whose Start has moved to another month is named in Replace with its
	// old Start.
	Write(ctx context.Context, b Batch) error
	// Offset is the offset of the last committed batch.
	Offset(ctx context.Context) (journal.Position, error)
	// Sealed tells which of these sessions are sealed, and up to which position.
	Sealed(ctx context.Context, keys []SessionKey) (map[SessionKey]journal.Position, error)
	// Erase removes all rows of these sessions; the bytes are gone from the files
	// once Scrub has returned.
	Erase(ctx context.Context, keys []SessionKey) error
	// Expire removes a project's sessions that started before an instant
	// (milliseconds UTC, at most MaxTime) with all their events, and its counts of
	// hours that began before it: retention, and with MaxTime the erasure of a whole
	// project. Again the bytes are gone once Scrub has returned.
	Expire(ctx context.Context, project wire.ProjectKey, before int64) (Removed, error)
	// Scrub rewrites the files in which something was erased.
	Scrub(ctx context.Context) error
}
