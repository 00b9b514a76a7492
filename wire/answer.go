package wire

// Answer is the body of a 202: what is durable, and the token to send from now
// on. Media type application/json.
type Answer struct {
	// Durable lists the sequence numbers of this record that are on disk; the
	// recorder forgets only those.
	Durable []uint32 `json:"durable"`
	// Token binds the session to its project; sent again with every chunk.
	Token string `json:"token,omitempty"`
}

// ReasonHeader is the response header that says why a chunk was not kept (204,
// 4xx, 5xx); its values are the Reason constants.
const ReasonHeader = "Footpath-Reason"

// Reason says why a chunk was refused or dropped. Each is a counter label.
type Reason string

const (
	ReasonOptOut      Reason = "opt-out"     // 204: recorder stops and wipes
	ReasonConsent     Reason = "consent"     // 204: the project asks for consent and there is none
	ReasonSampling    Reason = "sampling"    // 204
	ReasonBot         Reason = "bot"         // 204: automation, dropped by default
	ReasonReplayOff   Reason = "replay-off"  // 204: project has no purpose or basis yet
	ReasonMalformed   Reason = "malformed"   // 400
	ReasonUnknownKey  Reason = "unknown-key" // 401
	ReasonOrigin      Reason = "origin"      // 403
	ReasonToken       Reason = "token"       // 409: not this session's token
	ReasonClosed      Reason = "closed"      // 409: session erased or closed
	ReasonTooLarge    Reason = "too-large"   // 413
	ReasonEncoding    Reason = "encoding"    // 415
	ReasonInvalid     Reason = "invalid"     // 422: well-formed but out of bounds
	ReasonRate        Reason = "rate"        // 429
	ReasonOverload    Reason = "overload"    // 503: too many bytes in flight
	ReasonDiskFull    Reason = "disk-full"   // 503
	ReasonUnavailable Reason = "unavailable" // 503
)

// Config is what GET /v1/config/<key> answers: static, cacheable, the same for
// every visitor. If it cannot be had, the recorder records nothing.
type Config struct {
	Version    int    `json:"v"`                  // 1
	Enabled    bool   `json:"on"`                 // false: the recorder stops
	Consent    string `json:"consent"`            // opt-in, opt-out or none
	CountFirst bool   `json:"count"`              // Tier A page counts may be sent before a choice
	Replay     bool   `json:"replay"`             // DOM recording allowed
	Profile    string `json:"profile"`            // strict or smartlook
	Sampling   int    `json:"sampling"`           // sessions recorded, in ten-thousandths
	IdleMs     int64  `json:"idle"`               // session ends after this without activity (15 min)
	LongestMs  int64  `json:"longest"`            // and after this in any case (60 min)
	LifeMs     int64  `json:"life"`               // visitor id's absolute life (395 days)
	GPC        bool   `json:"gpc"`                // Global Privacy Control counts as refusal
	DNT        bool   `json:"dnt"`                // Do Not Track counts as refusal
	Cookie     string `json:"cookie,omitempty"`   // name of a site cookie that says granted/denied
	Storage    string `json:"storage"`            // cookie, local or none
	HostOnly   bool   `json:"hostOnly,omitempty"` // never widen the cookie beyond the host
	Bots       bool   `json:"bots,omitempty"`     // record automation too (tests, demo)
	Identify   bool   `json:"identify,omitempty"` // identify() is allowed
	Texts      string `json:"texts,omitempty"`    // version of the public text set: GET /v1/texts/<key>/<version>
	Core       string `json:"core"`               // path of the DOM recorder, immutable: /recorder-core.<hash>.js
	CoreSRI    string `json:"sri"`                // its integrity attribute
}

// Texts is what GET /v1/texts/<key>/<version> answers, immutable: 32-bit hashes
// of the public texts, in the order of their indexes. A text whose hash is in the
// list is sent as its index between TextMark and TextEnd; a false match therefore
// shows a wrong public text and never gives a private one away.
type Texts struct {
	Version string `json:"v"`
	Hashes  string `json:"h"` // base64 of little-endian uint32, FNV-1a over UTF-16 code units of the normalised text
}

// TextMark and TextEnd enclose the decimal index of a public text wherever a
// masked text may stand: private-use characters that no page can send, since the
// masking replaces every private-use character.
const (
	TextMark = '\uE000'
	TextEnd  = '\uE001'
)
