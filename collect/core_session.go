package collect

import (
	"container/list"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"footpath/wire"
)

// sessionID names what tokens and repeats are remembered by: a session, or in
// Tier A a record.
type sessionID struct {
	project wire.ProjectKey
	id      wire.ID
	tierA   bool
}

// session is what the core remembers of one.
type session struct {
	id       sessionID
	visitor  wire.ID
	bound    int64 // first chunk accepted, ms UTC
	last     int64
	day      int32 // of its data key; 0: from an earlier run, unknown
	closed   bool
	chunks   bucket
	refused  int
	bytes    int64
	pending  int
	records  map[wire.ID]map[uint32]uint32 // checksum by sequence number: what is durable
	position *list.Element
}

// maxRecords bounds the records (page loads) of a session: one every 14 s for an hour.
const maxRecords = 256

func sessionOf(h wire.Header) sessionID {
	if h.TierB() {
		return sessionID{project: h.Project, id: h.Session}
	}
	return sessionID{project: h.Project, id: h.Record, tierA: true}
}

// token binds a session to its project and visitor.
func (s *state) token(project wire.ProjectKey, session, visitor wire.ID) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(string(project) + "|" + string(session) + "|" + string(visitor)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:32]
}

// tokenOf is what an accepted chunk's answer carries.
func (s *state) tokenOf(b *session) string {
	if b.id.tierA {
		return ""
	}
	return s.token(b.id.project, b.id.id, b.visitor)
}

// dayOf is the UTC day of a time, as yyyymmdd.
func dayOf(ms int64) int32 {
	y, m, d := time.UnixMilli(ms).UTC().Date()
	return int32(y*10_000 + int(m)*100 + d)
}

// enter finds or binds the chunk's session, and stores the chunk, or acknowledges
// a repeat, or lets a repeat wait for the first.
func (s *state) enter(ev arrived, r *request, now int64) []any {
	h := ev.head
	b := s.sessions[sessionOf(h)]
	if b == nil {
		var no []any
		if b, no = s.bind(ev, now); no != nil {
			return no
		}
	} else if no := s.belongs(b, ev, now); no != nil {
		return no
	}
	s.touch(b, now)
	id := chunkID{h.Project, b.id.id, h.Record, h.Seq}
	if sum, known := b.records[h.Record][h.Seq]; known {
		return []any{s.acknowledge(ev.id, b, h.Seq, sum == h.Sum)}
	}
	if p := s.pending[id]; p != nil {
		p.waiting = append(p.waiting, waiter{ev.id, h.Sum})
		return nil
	}
	if len(b.records) >= maxRecords && b.records[h.Record] == nil {
		return refuse(ev.id, http.StatusUnprocessableEntity, wire.ReasonInvalid, 0)
	}
	s.pending[id] = &pending{sum: h.Sum}
	b.pending++
	r.chunk, r.session = id, b
	return []any{store{ev.id, b.day}}
}

// bind begins a session, or takes up one that an earlier run bound (its token
// proves that). No entry is made before the project's bucket has allowed it, so
// that a spray of ids costs no memory (fault 53).
func (s *state) bind(ev arrived, now int64) (*session, []any) {
	h := ev.head
	day := dayOf(now)
	if h.Token != "" {
		if !hmac.Equal([]byte(h.Token), []byte(s.token(h.Project, h.Session, h.Visitor))) {
			return nil, refuse(ev.id, http.StatusConflict, wire.ReasonToken, 0)
		}
		day = 0
	} else if !s.project(h.Project).fresh.take(now, s.cfg.NewPerSecond, s.cfg.NewBurst) {
		return nil, refuse(ev.id, http.StatusTooManyRequests, wire.ReasonRate, retryFull)
	}
	return s.remember(sessionOf(h), h.Visitor, now, day), nil
}

func (s *state) remember(id sessionID, visitor wire.ID, now int64, day int32) *session {
	for len(s.sessions) >= s.cfg.Sessions {
		if !s.forgetOldest() {
			break
		}
	}
	b := &session{id: id, visitor: visitor, bound: now, last: now, day: day, records: map[wire.ID]map[uint32]uint32{}}
	b.position = s.idle.PushBack(b)
	s.sessions[id] = b
	return b
}

func (s *state) touch(b *session, now int64) {
	b.last = max(b.last, now)
	s.idle.MoveToBack(b.position)
}

// forgetOldest drops the session longest unused, unless all have chunks under way.
func (s *state) forgetOldest() bool {
	for e := s.idle.Front(); e != nil; e = e.Next() {
		if b := e.Value.(*session); b.pending == 0 {
			s.forget(b)
			return true
		}
	}
	return false
}

func (s *state) forget(b *session) {
	s.idle.Remove(b.position)
	delete(s.sessions, b.id)
}

// belongs says whether a chunk may go into a session that is bound already: it has
// the session's token or, within the grace time, the same visitor (S21).
func (s *state) belongs(b *session, ev arrived, now int64) []any {
	h := ev.head
	if b.closed {
		return refuse(ev.id, http.StatusConflict, wire.ReasonClosed, 0)
	}
	if !b.id.tierA && !s.proves(b, h, now) {
		return refuse(ev.id, http.StatusConflict, wire.ReasonToken, 0)
	}
	if !b.chunks.take(now, s.cfg.SessionPerSecond, s.cfg.SessionBurst) {
		if b.refused++; b.refused >= s.cfg.SessionRefusals {
			b.closed = true
			return refuse(ev.id, http.StatusConflict, wire.ReasonClosed, 0)
		}
		return refuse(ev.id, http.StatusTooManyRequests, wire.ReasonRate, retryFull)
	}
	if b.bytes+int64(ev.size) > s.cfg.SessionBytes {
		b.closed = true
		return refuse(ev.id, http.StatusConflict, wire.ReasonClosed, 0)
	}
	return nil
}

func (s *state) proves(b *session, h wire.Header, now int64) bool {
	if h.Visitor != b.visitor {
		return false
	}
	if h.Token != "" {
		return hmac.Equal([]byte(h.Token), []byte(s.tokenOf(b)))
	}
	if now-b.bound <= s.cfg.Grace.Milliseconds() {
		return true
	}
	// The answer to this very chunk was lost, and the repeat comes late.
	sum, known := b.records[h.Record][h.Seq]
	return known && sum == h.Sum
}

func (s *state) acknowledge(id uint64, b *session, seq uint32, same bool) reply {
	a := answer{status: http.StatusAccepted, durable: []uint32{seq}, token: s.tokenOf(b), outcome: repeated}
	if !same {
		a.outcome = conflict
	}
	return reply{id, a}
}

// keep acknowledges a chunk that is durable, and the repeats that waited for it.
func (s *state) keep(id uint64, now int64) []any {
	r, b, p := s.settle(id)
	if p == nil {
		return nil
	}
	record := b.records[r.chunk.record]
	if record == nil {
		record = map[uint32]uint32{}
		b.records[r.chunk.record] = record
	}
	record[r.chunk.seq] = p.sum
	b.bytes += r.size
	s.touch(b, now)
	first := s.acknowledge(id, b, r.chunk.seq, true)
	first.answer.outcome = accepted
	effects := []any{first}
	for _, w := range p.waiting {
		effects = append(effects, s.acknowledge(w.id, b, r.chunk.seq, w.sum == p.sum))
	}
	return effects
}

// fail refuses a chunk that could not be stored. Repeats that waited are told to
// try again: theirs may be the sound one.
func (s *state) fail(ev failed) []any {
	_, b, p := s.settle(ev.id)
	if p == nil {
		return nil
	}
	if ev.reason == wire.ReasonClosed {
		b.closed = true
	}
	if len(b.records) == 0 && b.pending == 0 && !b.closed {
		s.forget(b) // nothing of it was ever stored
	}
	retry := 0
	switch {
	case ev.reason == wire.ReasonDiskFull:
		retry = retryFull
	case ev.status == http.StatusServiceUnavailable:
		retry = retrySoon
	}
	effects := refuse(ev.id, ev.status, ev.reason, retry)
	for _, w := range p.waiting {
		effects = append(effects, refuse(w.id, http.StatusServiceUnavailable, wire.ReasonUnavailable, retrySoon)...)
	}
	return effects
}

// settle ends a store: the chunk is no longer pending.
func (s *state) settle(id uint64) (*request, *session, *pending) {
	r := s.requests[id]
	if r == nil || r.session == nil {
		return nil, nil, nil
	}
	b, p := r.session, s.pending[r.chunk]
	delete(s.pending, r.chunk)
	b.pending--
	r.session = nil
	return r, b, p
}

// restore takes up what the journal holds from an earlier run, so that a repeat
// after a crash is still one, and a session keeps its visitor and its key's day.
func (s *state) restore(ev restored) {
	id := sessionOf(ev.head)
	b := s.sessions[id]
	if b == nil {
		b = s.remember(id, ev.head.Visitor, ev.at, ev.day)
	}
	record := b.records[ev.head.Record]
	if record == nil {
		record = map[uint32]uint32{}
		b.records[ev.head.Record] = record
	}
	if _, known := record[ev.head.Seq]; !known {
		record[ev.head.Seq] = ev.head.Sum
		b.bytes += int64(ev.size)
	}
	s.touch(b, ev.at)
}

// tick forgets what has been idle.
func (s *state) tick(now int64) {
	for e := s.idle.Front(); e != nil; {
		b := e.Value.(*session)
		e = e.Next()
		if now-b.last < s.cfg.Remember.Milliseconds() {
			break
		}
		if b.pending == 0 {
			s.forget(b)
		}
	}
	for key, net := range s.nets {
		if net.full(now, s.cfg.NetPerSecond, s.cfg.NetBurst) {
			delete(s.nets, key)
		}
	}
}
