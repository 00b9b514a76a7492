// Package replay understands the stream of DOM events of a recording. Pure: no
// I/O, no clock. Its first version reads rrweb 2.x events (wire.CodecRRWeb) and
// holds the server's own masking over them: Checker rewrites every event by allow
// lists, so that a forged or old recorder can neither store what it should have
// masked nor make a player run or fetch anything (faults H03, H13, S1 to S16).
// The same check runs when a recording is sealed and again when it is served.
package replay

import "errors"

// Types of rrweb events.
const (
	TypeDOMContentLoaded = 0
	TypeLoad             = 1
	TypeFullSnapshot     = 2
	TypeIncremental      = 3
	TypeMeta             = 4
	TypeCustom           = 5
)

// Sources of incremental rrweb events.
const (
	sourceMutation         = 0
	sourceMouseMove        = 1
	sourceMouseInteraction = 2
	sourceScroll           = 3
	sourceViewport         = 4
	sourceTouchMove        = 6
	sourceMedia            = 7
	sourceStyleRule        = 8
	sourceDrag             = 12
	sourceStyleDeclaration = 13
	sourceAdopted          = 15
	sourceCustomElement    = 16
)

// Kinds of nodes in a snapshot.
const (
	nodeDocument = 0
	nodeDoctype  = 1
	nodeElement  = 2
	nodeText     = 3
	nodeCDATA    = 4
	nodeComment  = 5
)

// Limits of one event (fault H17, S14): four times the nodes of the largest page
// that the recorder is measured with (recorder-core.md), and about twice the
// depth at which browsers stop nesting (512).
const (
	MaxNodes = 200_000
	MaxDepth = 1_000
)

// Profile says how much text may stand in clear (ruling 4).
type Profile uint8

const (
	// Strict: every text is in the masked form or a public text mark.
	Strict Profile = iota
	// Smartlook: text in clear but e-mail addresses and digits.
	Smartlook
)

// Errors of a check. The event is worthless then.
var (
	ErrMalformed = errors.New("replay: not an event of this format")
	ErrTooLarge  = errors.New("replay: too many or too deeply nested nodes")
)

// What was removed or emptied; each is a label of a counter.
const (
	RemovedEvent     = iota // an event of a kind that is never kept (typed values, selections, console)
	RemovedElement          // an element that runs or fetches something
	RemovedField            // a form field as an element of its own
	RemovedAttribute        // not in the allow list, or a value out of its pattern
	RemovedText             // text that was not masked
	RemovedCSS              // strings, addresses and imports in style sheets
	RemovedPersonal         // e-mail, card, phone, insurance or bank number in a name or path
	removedKinds
)

var removedNames = [removedKinds]string{"event", "element", "field", "attribute", "text", "css", "personal"}

// Counts says how often what was removed.
type Counts [removedKinds]int

// Each calls fn with the name and the number of everything that was removed.
func (c Counts) Each(fn func(name string, n int)) {
	for i, n := range c {
		if n > 0 {
			fn(removedNames[i], n)
		}
	}
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	for i, n := range o {
		c[i] += n
	}
}

// Total is the number of all removals.
func (c Counts) Total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}
