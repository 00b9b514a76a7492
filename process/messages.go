package process

import (
	"footpath/journal"
	"footpath/store/events"
	"footpath/wire"
)

// input is one thing that happened to the core.
type input interface{ input() }

type (
	// arrived is an entry read from the journal, opened and decoded.
	arrived struct{ chunk *chunk }
	// tick is time passing.
	tick struct{}
	// found answers lookup.
	found struct{ sessions map[key]status }
	// built answers build.
	built struct {
		key     key
		upto    journal.Position
		seal    bool
		outcome outcome
		session *session
		rows    []row
		// positions are the journal's entries that the recording now holds.
		positions []journal.Position
	}
	// wrote says that the batch of the last write is durable.
	wrote struct{}
	// erased says that a session's key was destroyed.
	erased struct{ key key }
)

func (arrived) input() {}
func (tick) input()    {}
func (found) input()   {}
func (built) input()   {}
func (wrote) input()   {}
func (erased) input()  {}

// outcome of a build.
type outcome uint8

const (
	buildDone   outcome = iota
	buildFailed         // to be tried again
	buildGone           // erased, or nothing left of it
)

// status is what the stores know of a session that the core does not.
type status struct {
	// sealed is the newest entry of a sealed session, 0 when it is not sealed.
	sealed journal.Position
	// recorded: there are segments of it, so its rows need more than the journal.
	recorded bool
}

// effect is one thing that the core asks for. The caller carries effects out in
// order, and feeds the answers back before the next arrival.
type effect interface{ effect() }

type (
	// lookup asks what the stores know of sessions that are new to the core.
	lookup struct{ sessions map[key]int32 } // with their day of birth
	// build asks for a session's rows from all its chunks up to a position; with
	// seal also for its recording. May be answered later.
	build struct {
		key  key
		day  int32
		upto journal.Position
		seal bool
	}
	// write commits a batch; wrote must follow before anything else.
	write struct {
		offset   journal.Position
		replace  []events.SessionKey
		rows     []row
		sessions []events.Session
		counts   []events.Count
		values   []wire.ProjectKey // projects whose property values grew
	}
	// forget releases journal entries.
	forget struct{ positions []journal.Position }
	// forgetSession releases all that the journal holds of a session.
	forgetSession struct{ key key }
	// note counts something that was left out.
	note struct {
		what noteKind
		n    int
	}
)

func (lookup) effect() {}
func (build) effect()  {}
func (write) effect()  {}
func (forget) effect() {}
func (note) effect()   {}

func (forgetSession) effect() {}

// row is an event row and the version of the public texts its words refer to.
type row struct {
	events.Event
	texts string
	// words tells which property values are strings, which are bounded.
	words []bool
}
