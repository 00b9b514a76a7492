package collect

import (
	"container/list"
	"net/http"

	"footpath/store/meta"
	"footpath/wire"
)

// The core decides about every chunk: step takes the state, what happened and the
// time, and says what to do. It does no I/O, reads no clock and no randomness, and
// runs on one goroutine at a time, so that a seeded simulation can drive it through
// any order of events. The shell (http.go, chunks.go) does what it says and tells
// it how that went.

// What happens.
type (
	// opened: a request with a body of that size (or the largest, when it is not
	// said) has come from a network.
	opened struct {
		id    uint64
		bytes int64
		net   netKey
	}
	// arrived: its body has been read and decoded.
	arrived struct {
		id      uint64
		head    wire.Header
		size    int
		project *meta.Project // nil: unknown key
		origin  bool          // the origin is one of the project's
		refuses bool          // the browser says Sec-GPC
		dnt     bool          // the browser says DNT
		bot     bool          // the user agent is a known bot
	}
	// stored: a store effect's chunk is durable.
	stored struct{ id uint64 }
	// failed: it is not, and why.
	failed struct {
		id     uint64
		status int
		reason wire.Reason
	}
	// ended: the request is over, its body's memory is free again.
	ended struct{ id uint64 }
	// restored: a chunk that the journal holds from an earlier run.
	restored struct {
		head wire.Header
		at   int64
		day  int32
		size int
	}
	// ticked: time has passed.
	ticked struct{}
)

// What to do.
type (
	// read the body.
	read struct{ id uint64 }
	// store the chunk: check it, seal it, append it; then tell stored or failed. Day
	// 0: the session was bound in an earlier run, its key's day must be looked for.
	store struct {
		id  uint64
		day int32
	}
	// reply to the request.
	reply struct {
		id     uint64
		answer answer
	}
)

// answer is what a request is told.
type answer struct {
	status  int
	reason  wire.Reason
	retry   int // seconds; 0: no Retry-After
	durable []uint32
	token   string
	outcome string // for the counter: accepted, repeated, conflict, or the reason
}

// Outcomes of a 202.
const (
	accepted = "accepted"
	repeated = "repeated" // fault 1
	conflict = "conflict" // fault 15: the same number with another body
)

// Seconds after which the recorder may try again (it adds jitter of its own).
const (
	retrySoon = 2  // for what passes by itself: overload, a failed write
	retryFull = 10 // for a full disk and for rates
)

type state struct {
	cfg      Config
	secret   []byte
	inFlight int64
	requests map[uint64]*request
	sessions map[sessionID]*session
	idle     *list.List // sessions, the one longest unused first
	pending  map[chunkID]*pending
	projects map[wire.ProjectKey]*projectState
	nets     map[netKey]*bucket
	spill    bucket // for networks beyond maxNets
}

// request is one that was opened and has not ended.
type request struct {
	bytes   int64
	size    int64 // counted against its project
	project *projectState
	chunk   chunkID
	session *session
}

type projectState struct {
	fresh    bucket // sessions begun
	inFlight int64
}

// chunkID is the key of a chunk; a repeat has the same (architecture, Identity).
type chunkID struct {
	project         wire.ProjectKey
	session, record wire.ID
	seq             uint32
}

// pending is a chunk being stored; repeats of it wait for how that ends.
type pending struct {
	sum     uint32
	waiting []waiter
}

type waiter struct {
	id  uint64
	sum uint32
}

func newState(cfg Config, secret []byte) *state {
	return &state{
		cfg: cfg, secret: secret, requests: map[uint64]*request{}, sessions: map[sessionID]*session{}, idle: list.New(),
		pending: map[chunkID]*pending{}, projects: map[wire.ProjectKey]*projectState{}, nets: map[netKey]*bucket{},
	}
}

// step takes one event at a time in milliseconds UTC.
func (s *state) step(ev any, now int64) []any {
	switch ev := ev.(type) {
	case opened:
		return s.open(ev, now)
	case arrived:
		return s.arrive(ev, now)
	case stored:
		return s.keep(ev.id, now)
	case failed:
		return s.fail(ev)
	case ended:
		s.end(ev.id)
	case restored:
		s.restore(ev)
	case ticked:
		s.tick(now)
	}
	return nil
}

func refuse(id uint64, status int, reason wire.Reason, retry int) []any {
	return []any{reply{id, answer{status: status, reason: reason, retry: retry, outcome: string(reason)}}}
}

// open admits a request by the bytes it will hold, before any of them is read.
func (s *state) open(ev opened, now int64) []any {
	if !s.net(ev.net).take(now, s.cfg.NetPerSecond, s.cfg.NetBurst) {
		return refuse(ev.id, http.StatusTooManyRequests, wire.ReasonRate, retryFull)
	}
	if s.inFlight+ev.bytes > s.cfg.InFlightBytes {
		return refuse(ev.id, http.StatusServiceUnavailable, wire.ReasonOverload, retrySoon)
	}
	s.inFlight += ev.bytes
	s.requests[ev.id] = &request{bytes: ev.bytes}
	return []any{read{ev.id}}
}

func (s *state) end(id uint64) {
	r := s.requests[id]
	if r == nil {
		return
	}
	s.inFlight -= r.bytes
	if r.project != nil {
		r.project.inFlight -= r.size
	}
	delete(s.requests, id)
}

// arrive decides about a decoded chunk.
func (s *state) arrive(ev arrived, now int64) []any {
	if a, no := policy(ev); no {
		return []any{reply{ev.id, a}}
	}
	r := s.requests[ev.id]
	if r == nil {
		return refuse(ev.id, http.StatusServiceUnavailable, wire.ReasonUnavailable, retrySoon)
	}
	p := s.project(ev.head.Project)
	// No project may hold more than three quarters of the room, so that one under a
	// burst leaves the others theirs (fault 52).
	if p.inFlight+int64(ev.size) > s.cfg.InFlightBytes*3/4 {
		return refuse(ev.id, http.StatusServiceUnavailable, wire.ReasonOverload, retrySoon)
	}
	p.inFlight += int64(ev.size)
	r.project, r.size = p, int64(ev.size)
	return s.enter(ev, r, now)
}

// policy answers what the project's settings and the visitor's refusal decide,
// before anything is remembered of the request.
func policy(ev arrived) (answer, bool) {
	no := func(status int, reason wire.Reason) (answer, bool) {
		return answer{status: status, reason: reason, outcome: string(reason)}, true
	}
	p := ev.project
	switch {
	case p == nil || p.Revoked:
		return no(http.StatusUnauthorized, wire.ReasonUnknownKey)
	case !ev.origin:
		return no(http.StatusForbidden, wire.ReasonOrigin)
	case ev.refuses && p.GPC || ev.dnt && p.DNT:
		return no(http.StatusNoContent, wire.ReasonOptOut)
	case !p.Bots && (ev.bot || ev.head.Flags&wire.FlagAutomation != 0):
		return no(http.StatusNoContent, wire.ReasonBot)
	}
	granted := ev.head.Flags&wire.FlagConsent != 0 || p.Consent == meta.OptOut || p.Consent == meta.None
	switch {
	case !granted && (ev.head.TierB() || !p.CountFirst):
		return no(http.StatusNoContent, wire.ReasonConsent)
	case ev.head.TierB() && p.Sampling <= 0:
		return no(http.StatusNoContent, wire.ReasonSampling)
	}
	return answer{}, false
}

func (s *state) project(key wire.ProjectKey) *projectState {
	p := s.projects[key]
	if p == nil { // known keys only: policy has refused all others
		p = &projectState{}
		s.projects[key] = p
	}
	return p
}
