package wire

import "encoding/json"

// Kind names an event in a payload.
type Kind string

const (
	KindPage    Kind = "page"    // Page: a page view, sent at load (or at consent, when later)
	KindTime    Kind = "time"    // Time: running totals of a page view; the last one counts
	KindClick   Kind = "click"   // Click
	KindInput   Kind = "input"   // Input: typing happened, at most one a second and field
	KindSubmit  Kind = "submit"  // Input shape: a form was submitted
	KindCustom  Kind = "custom"  // Custom: track()
	KindProps   Kind = "props"   // Props: properties()
	KindUser    Kind = "user"    // User: identify()
	KindError   Kind = "error"   // Error
	KindConsent Kind = "consent" // Consent: the choice that opened Tier B
	KindLost    Kind = "lost"    // Lost: what the recorder had to drop, by name
	KindDOM     Kind = "dom"     // one rrweb event, masked, as Data (CodecRRWeb)
	KindCount   Kind = "count"   // Count: Tier A only
)

// Event is one line of a payload.
type Event struct {
	Kind Kind `json:"k"`
	// Time is the browser's wall clock in milliseconds since 1970 UTC.
	Time int64           `json:"t"`
	Data json.RawMessage `json:"d"`
}

// Page is a page view. View numbers the page views of a record from 0.
type Page struct {
	View     uint32 `json:"v"`
	URL      string `json:"u"`           // origin, path and allowed query, by rule U
	Title    string `json:"ti"`          // by rule T
	Referrer string `json:"r,omitempty"` // origin only
	Nav      string `json:"n"`           // load, virtual or bfcache
	Width    int    `json:"w"`           // layout viewport, CSS pixels
	Height   int    `json:"h"`
	Screen   string `json:"s"`            // screen class: small, medium, large
	Language string `json:"l,omitempty"`  // primary language tag, e.g. "en"
	Zone     string `json:"tz,omitempty"` // IANA time zone
	Conn     string `json:"c,omitempty"`  // effective connection type
	UTM      UTM    `json:"utm,omitzero"` // campaign parameters
	// Texts is the version of the public text set whose indexes this page uses.
	Texts string `json:"tv,omitempty"`
	// First: the visitor id was made for this session, so it is the first one of
	// this visitor id. Only the browser that makes the id can know it.
	First bool `json:"f,omitempty"`
}

// UTM holds the campaign parameters, the only query values that are kept.
type UTM struct {
	Source   string `json:"s,omitempty"`
	Medium   string `json:"m,omitempty"`
	Campaign string `json:"c,omitempty"`
}

// Time is the running total of one page view; each replaces the one before.
type Time struct {
	View    uint32 `json:"v"`
	Visible int64  `json:"vis"` // milliseconds the page was visible
	Active  int64  `json:"act"` // milliseconds with activity in the last 5 s
	Depth   int    `json:"dep"` // furthest scroll in ten-thousandths of the page
}

// Element describes an element without naming what it says.
type Element struct {
	// Path goes from html to the element, steps joined by " > ", each step
	// tag#id.class.class:nth-of-type(n)[data-testid="x"]; ">>>" crosses into a
	// shadow root. Ids and classes that look personal are left out.
	Path string `json:"p"`
	Tag  string `json:"t"`
	Text string `json:"x,omitempty"` // by rule T, at most 128 characters
	Role string `json:"r,omitempty"`
	Name string `json:"a,omitempty"` // accessible name, by rule T
}

// Click is a click, a tap, or an activation by key.
type Click struct {
	View    uint32  `json:"v"`
	Element Element `json:"e"`
	X       int     `json:"x"`  // ten-thousandths of the element's width
	Y       int     `json:"y"`  // ten-thousandths of its height
	PageX   int     `json:"px"` // CSS pixels from the page's left edge
	PageY   int     `json:"py"` // CSS pixels from the page's top
	By      string  `json:"by"` // mouse, touch, pen or key
}

// Input says that typing happened in a field; never what, how much or how fast.
type Input struct {
	View    uint32  `json:"v"`
	Element Element `json:"e"`
}

// Custom is a track() call.
type Custom struct {
	View  uint32                     `json:"v"`
	Name  string                     `json:"n"`
	Props map[string]json.RawMessage `json:"p,omitempty"` // strings, numbers, booleans
}

// Props is a properties() call: facts about the visit.
type Props struct {
	Props map[string]json.RawMessage `json:"p"`
}

// User is an identify() call; the server keeps a keyed hash, and only where the
// project's switch allows it.
type User struct {
	UID string `json:"u"`
}

// Error is a JavaScript error: class, place and a message by rule T.
type Error struct {
	View    uint32 `json:"v"`
	Class   string `json:"c"`
	File    string `json:"f,omitempty"`
	Line    int    `json:"l,omitempty"`
	Message string `json:"m,omitempty"`
}

// Consent records the choice that opened Tier B, without identity.
type Consent struct {
	Choice string `json:"c"`           // granted or denied
	Via    string `json:"via"`         // api, cookie, none (mode opt-out or none)
	Text   string `json:"h,omitempty"` // hash of the text that was shown, 16 hex
}

// Lost counts what a recorder dropped to stay within its limits, by reason.
type Lost struct {
	What map[string]int `json:"w"`
}

// Count is a page view of Tier A: classes only, nothing that could tell one
// visitor from another.
type Count struct {
	URL      string `json:"u"`           // by rule U
	Referrer string `json:"r,omitempty"` // origin only
	Screen   string `json:"s"`
	Language string `json:"l,omitempty"`
	UTM      UTM    `json:"utm,omitzero"`
}
