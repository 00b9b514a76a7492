package events

import (
	"errors"
	"fmt"

	"footpath/wire"
)

// ErrBatch: a batch that no engine takes; a fault of the caller.
var ErrBatch = errors.New("events: not a batch")

// MaxTime is the first instant behind all stored times (year 2200): a larger
// Start or Hour is a fault, not a month to make a file for.
const MaxTime = 7_258_118_400_000

// MaxSession bounds how long after its session's Start an event may be, in
// milliseconds: sessions last an hour by default and 24 hours at most, and clocks
// that were set during a session get as much again.
const MaxSession = 48 * 3_600_000

// Starts gives the Start of every session that b names, by which its events find
// their month: that of the session's row, else that of its Replace key. It
// refuses (ErrBatch) events whose session the batch does not name.
func (b *Batch) Starts() (map[SessionID]int64, error) {
	starts := make(map[SessionID]int64, len(b.Sessions)+len(b.Replace))
	for _, k := range b.Replace {
		if err := checkTime("session "+string(k.Session), k.Start); err != nil {
			return nil, err
		}
		starts[SessionID{k.Project, k.Session}] = k.Start
	}
	for i := range b.Sessions {
		s := &b.Sessions[i]
		if err := checkTime("session "+string(s.Session), s.Start); err != nil {
			return nil, err
		}
		starts[SessionID{s.Project, s.Session}] = s.Start
	}
	for i := range b.Events {
		e := &b.Events[i]
		if _, ok := starts[SessionID{e.Project, e.Session}]; !ok {
			return nil, fmt.Errorf("%w: event of session %s, which the batch does not name", ErrBatch, e.Session)
		}
	}
	for i := range b.Counts {
		if err := checkTime("count", b.Counts[i].Hour); err != nil {
			return nil, err
		}
	}
	return starts, nil
}

// SessionID names a session without its month.
type SessionID struct {
	Project wire.ProjectKey
	Session wire.ID
}

func checkTime(what string, ms int64) error {
	if ms < 0 || ms >= MaxTime {
		return fmt.Errorf("%w: %s at %d ms", ErrBatch, what, ms)
	}
	return nil
}
