package report

import (
	"time"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/store/recordings"
)

// Deps is what the reports read from. Log and Keys serve sessions that are not
// sealed yet.
type Deps struct {
	Events     events.Reader
	Recordings recordings.Store
	Log        journal.Log
	Keys       keys.Store
	Meta       meta.Store
	Now        func() time.Time
}

// Reports answers the dashboard's questions. Safe for concurrent use.
type Reports struct {
	Deps
}

// New makes the reports over their stores; a nil Now is the wall clock.
func New(d Deps) *Reports {
	if d.Now == nil {
		d.Now = time.Now
	}
	return &Reports{Deps: d}
}

// Invalid says which part of a question cannot be answered, and why, in words
// for the person who asked.
type Invalid struct {
	Field   string
	Message string
}

func (e *Invalid) Error() string { return "report: " + e.Field + ": " + e.Message }
