package wire

// Version is the envelope's version byte. The history stands in
// docs/format/envelope.md.
const Version = 1

// Codec says how the payload's DOM events are written.
type Codec uint8

// CodecRRWeb: the payload is gzip over newline-delimited JSON events (Event), and
// the events of kind KindDOM hold rrweb 2.x events after our masking.
const CodecRRWeb Codec = 1

// Flags of a chunk.
type Flags uint8

const (
	// FlagTierB marks a chunk of a session (consent, identifiers). Without it the
	// chunk is Tier A: it holds only KindCount events and no session or visitor id.
	FlagTierB Flags = 1 << iota
	// FlagLast marks a chunk sent while the page was being hidden: the record may
	// end here, or go on if the page comes back.
	FlagLast
	// FlagAutomation: navigator.webdriver was true.
	FlagAutomation
	// FlagConsent: the recorder's gate saw consent granted by the visitor. In
	// opt-in projects a Tier B chunk without it is refused (204, reason "consent").
	FlagConsent
)

// Limits of an envelope. Past any of them the collector answers 413 or 422 and
// the recorder splits or drops (faults-and-attacks.md 8–14).
const (
	// HeaderLen is the length of the fixed part of the header, before the token.
	HeaderLen = 108
	// MaxToken bounds the session token in bytes (its length is one byte).
	MaxToken = 255
	// MaxBody bounds a whole request body: the recorder never has more than 1 MB
	// waiting (recorder.md, Transport).
	MaxBody = 1<<20 + HeaderLen + MaxToken
	// MaxInflated bounds the payload after gunzip: a 50,000-node snapshot is about
	// 7 MB of rrweb JSON (recorder-core.md 4), so 16 MiB leaves twice that.
	MaxInflated = 16 << 20
	// MaxEvents bounds the events of one chunk: 10 s at 2,000 events a second.
	MaxEvents = 20_000
	// MaxDepth bounds JSON nesting: a DOM of 1,000 levels is nested twice as deep
	// in rrweb's tree (object and childNodes array), plus the event around it.
	MaxDepth = 2_100
	// MaxString bounds one string inside an analytics event (an address, a name);
	// DOM events are bounded by MaxInflated alone.
	MaxString = 2_048
)

// Header is the uncompressed part of an envelope: enough to admit, deduplicate
// and store a chunk without unpacking it.
type Header struct {
	Codec   Codec
	Flags   Flags
	Project ProjectKey
	// Session and Visitor are empty in Tier A.
	Session ID
	Visitor ID
	// Record is one page load in one tab; in Tier A it serves to recognise a
	// repeat and is dropped before anything is stored in the counts table.
	Record ID
	// Seq counts the chunks of a record from 0. (Project, Session, Record, Seq) is
	// the key of a chunk: a repeat is acknowledged and stored once.
	Seq uint32
	// Events is how many events the payload holds.
	Events uint32
	// SentMs is the browser's wall clock when the chunk was sent, in milliseconds
	// since 1970 UTC; the collector's clock minus it is the skew.
	SentMs int64
	// Sum is the CRC-32 (IEEE) of the payload bytes as sent.
	Sum uint32
	// Token is the session token that the collector issued in its first answer;
	// empty until then.
	Token string
}
