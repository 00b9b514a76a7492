package collect

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"footpath/store/meta"
	"footpath/wire"
)

// simulation drives the core through random requests, outcomes, delays, lost
// clients and restarts, and keeps a simple model beside it: what was stored.
type simulation struct {
	t     *testing.T
	r     *rand.Rand
	cfg   Config
	core  *state
	now   int64
	id    uint64
	made  map[chunkID]uint32 // durable: checksum
	log   []restored
	owner map[sessionID]wire.ID // visitor a session was bound to
	token map[sessionID]string
	open  map[uint64]*simRequest
	doing []uint64 // store effects not ended yet
}

type simRequest struct {
	head    wire.Header
	size    int64
	day     int32
	replied bool
	storing bool
	sent    bool
}

// TestCoreSimulation: 400 seeds, each some 600 steps. Every rule it checks is one
// that the documentation promises; the seed is in every message.
func TestCoreSimulation(t *testing.T) {
	for seed := range uint64(400) {
		cfg := Config{
			InFlightBytes: 3 << 20, NewPerSecond: 5, NewBurst: 20, NetPerSecond: 50, NetBurst: 200,
			SessionPerSecond: 5, SessionBurst: 30, SessionRefusals: 20, Sessions: 100, Remember: time.Hour,
		}
		cfg.defaults()
		s := &simulation{
			t: t, r: rand.New(rand.NewPCG(seed, 99)), cfg: cfg, core: newState(cfg, []byte("0123456789abcdef")), now: 1795456800000,
			made: map[chunkID]uint32{}, owner: map[sessionID]wire.ID{}, token: map[sessionID]string{}, open: map[uint64]*simRequest{},
		}
		for range 600 {
			s.random()
			s.bounds()
		}
		s.drain()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (s *simulation) random() {
	switch n := s.r.IntN(100); {
	case n < 45:
		s.request()
	case n < 75:
		s.settle()
	case n < 85:
		s.giveUp()
	case n < 97:
		s.now += s.r.Int64N(3000)
	case n < 98:
		s.now += s.r.Int64N(200_000)
		s.step(ticked{})
	case n < 99:
		s.now -= s.r.Int64N(5000) // the clock steps back (fault 48)
	default:
		s.restart()
	}
}

// request opens one, and mostly lets its body arrive.
func (s *simulation) request() {
	s.id++
	size := int64(1000 + s.r.IntN(200_000))
	h := header(s.r.IntN(8), s.r.IntN(4), uint32(s.r.IntN(5)))
	h.Sum = uint32(s.r.IntN(10) / 9) // one in ten has another body
	if s.r.IntN(12) == 0 {           // a stranger
		h.Visitor = header(77, 0, 0).Visitor
	}
	if s.r.IntN(3) > 0 {
		h.Token = s.token[sessionOf(h)]
	}
	if s.r.IntN(40) == 0 {
		h.Token = "forged"
	}
	if s.r.IntN(10) == 0 {
		h.Flags, h.Session, h.Visitor, h.Token = wire.FlagConsent, "", "", ""
	}
	req := &simRequest{head: h, size: size}
	s.open[s.id] = req
	s.step(opened{id: s.id, bytes: size, net: netKey{byte(s.r.IntN(3))}})
	if req.replied || s.r.IntN(20) == 0 {
		return // refused, or its body never comes
	}
	p := &meta.Project{Key: testKey, Consent: meta.OptIn, Sampling: 10_000}
	s.step(arrived{id: s.id, head: h, size: int(size), project: p, origin: true})
	req.sent = true
}

// settle ends a store, well or badly.
func (s *simulation) settle() {
	if len(s.doing) == 0 {
		return
	}
	i := s.r.IntN(len(s.doing))
	id := s.doing[i]
	s.doing = append(s.doing[:i], s.doing[i+1:]...)
	req := s.open[id]
	req.storing = false
	switch s.r.IntN(8) {
	case 0:
		s.step(failed{id, 503, wire.ReasonDiskFull})
	case 1:
		s.step(failed{id, 400, wire.ReasonMalformed})
	default:
		key := keyOfChunk(req.head)
		if _, twice := s.made[key]; twice {
			s.t.Errorf("chunk %v stored twice", key)
		}
		s.made[key] = req.head.Sum
		s.log = append(s.log, restored{head: req.head, at: s.now, day: req.day, size: int(req.size)})
		owner, bound := s.owner[sessionOf(req.head)]
		if bound && owner != req.head.Visitor {
			s.t.Errorf("session of %s took a chunk of %s", owner, req.head.Visitor)
		}
		s.owner[sessionOf(req.head)] = req.head.Visitor
		s.step(stored{id})
	}
	if !req.replied {
		s.t.Errorf("request %d: no answer after its store", id)
	}
}

func keyOfChunk(h wire.Header) chunkID {
	return chunkID{h.Project, sessionOf(h).id, h.Record, h.Seq}
}

// giveUp ends a request that is answered, or whose client has gone; one whose
// chunk is being stored is finished first, as the shell does.
func (s *simulation) giveUp() {
	for id, req := range s.open {
		if !req.storing {
			s.step(ended{id})
			delete(s.open, id)
			return
		}
	}
}

// restart loses all memory and takes up what is in the log.
func (s *simulation) restart() {
	s.core = newState(s.cfg, []byte("0123456789abcdef"))
	s.open, s.doing = map[uint64]*simRequest{}, nil
	for _, ev := range s.log {
		s.step(ev)
	}
}

// step runs the core and checks each effect against the model.
func (s *simulation) step(ev any) {
	for _, e := range s.core.step(ev, s.now) {
		switch e := e.(type) {
		case read:
		case store:
			req := s.open[e.id]
			if req == nil || req.replied || req.storing {
				s.t.Errorf("store for request %d, which is not waiting for one", e.id)
				continue
			}
			req.storing, req.day = true, e.day
			s.doing = append(s.doing, e.id)
		case reply:
			s.answered(e)
		default:
			s.t.Errorf("unknown effect %T", e)
		}
	}
}

func (s *simulation) answered(e reply) {
	req := s.open[e.id]
	if req == nil {
		return // its client has gone
	}
	if req.replied {
		s.t.Errorf("request %d answered twice", e.id)
	}
	req.replied = true
	a := e.answer
	if a.status == 429 && a.retry == 0 || a.status == 503 && a.retry == 0 {
		s.t.Errorf("%d without a time to try again", a.status)
	}
	if a.status != 202 {
		return
	}
	sum, durable := s.made[keyOfChunk(req.head)]
	switch {
	case !durable:
		s.t.Errorf("acknowledged %v, which is not stored", keyOfChunk(req.head))
	case a.outcome == conflict != (sum != req.head.Sum):
		s.t.Errorf("outcome %s for sums %d and %d", a.outcome, sum, req.head.Sum)
	}
	if req.head.TierB() {
		s.token[sessionOf(req.head)] = a.token
		if a.token == "" {
			s.t.Error("no token")
		}
	}
}

// bounds holds after every step.
func (s *simulation) bounds() {
	held := int64(0)
	for _, r := range s.core.requests {
		held += r.bytes
	}
	if held != s.core.inFlight || held > s.cfg.InFlightBytes {
		s.t.Fatalf("%d bytes in flight by the requests, %d by the count, %d allowed", held, s.core.inFlight, s.cfg.InFlightBytes)
	}
	if n := len(s.core.sessions); n > s.cfg.Sessions+len(s.core.pending) || n != s.core.idle.Len() {
		s.t.Fatalf("%d sessions, %d in the list", n, s.core.idle.Len())
	}
	if len(s.core.pending) != len(s.doing) {
		s.t.Fatalf("%d pending, %d being stored", len(s.core.pending), len(s.doing))
	}
}

// drain ends everything and looks for leftovers.
func (s *simulation) drain() {
	for len(s.doing) > 0 {
		s.settle()
	}
	for id, req := range s.open {
		if req.sent && !req.replied {
			s.t.Errorf("request %d was never answered", id)
		}
		s.step(ended{id})
	}
	if s.core.inFlight != 0 || len(s.core.requests) != 0 {
		s.t.Errorf("%d bytes and %d requests left", s.core.inFlight, len(s.core.requests))
	}
	for _, p := range s.core.projects {
		if p.inFlight != 0 {
			s.t.Errorf("%d bytes left with a project", p.inFlight)
		}
	}
	s.now += 10 * time.Hour.Milliseconds()
	s.step(ticked{})
	if len(s.core.sessions) != 0 || len(s.core.nets) != 0 {
		s.t.Errorf("%d sessions and %d networks remembered for ever", len(s.core.sessions), len(s.core.nets))
	}
}

// TestIDSpray covers fault 53: a million new ids cost no more than the bucket and
// the cap allow.
func TestIDSpray(t *testing.T) {
	cfg := Config{Sessions: 500, NewPerSecond: 10, NewBurst: 100}
	cfg.defaults()
	s := newState(cfg, []byte("0123456789abcdef"))
	p := &meta.Project{Key: testKey, Consent: meta.OptIn, Sampling: 10_000}
	stores := 0
	for i := range 1_000_000 {
		id, now := uint64(i), 1795456800000+int64(i)*60/1000 // a million a minute
		s.step(opened{id: id, bytes: 1000, net: netKey{byte(i), byte(i >> 8), byte(i >> 16)}}, now)
		h := header(1, 1, 0)
		h.Session = wire.ID(fmt.Sprintf("S%020d", i))
		for _, e := range s.step(arrived{id: id, head: h, size: 1000, project: p, origin: true}, now) {
			if _, ok := e.(store); ok {
				stores++
				s.step(stored{id}, now)
			}
		}
		s.step(ended{id}, now)
	}
	if len(s.sessions) > cfg.Sessions || len(s.nets) > maxNets || stores > 100+10*61 {
		t.Errorf("%d sessions, %d networks, %d stores", len(s.sessions), len(s.nets), stores)
	}
}

// TestFairness covers fault 52: one project cannot take all the room.
func TestFairness(t *testing.T) {
	cfg := Config{InFlightBytes: 4 << 20}
	cfg.defaults()
	s := newState(cfg, []byte("0123456789abcdef"))
	arrive := func(id uint64, key wire.ProjectKey) []any {
		s.step(opened{id: id, bytes: 1 << 20}, 0)
		h := header(int(id), 1, 0)
		h.Project = key
		return s.step(arrived{id: id, head: h, size: 1 << 20, project: &meta.Project{Key: key, Consent: meta.None, Sampling: 1}, origin: true}, 0)
	}
	for i := range uint64(3) {
		if _, ok := arrive(i, testKey)[0].(store); !ok {
			t.Fatalf("request %d of the large project refused", i)
		}
	}
	if r, ok := arrive(3, testKey)[0].(reply); !ok || r.answer.reason != wire.ReasonOverload {
		t.Error("the large project took the last quarter")
	}
	s.step(ended{3}, 0)
	if _, ok := arrive(4, "ffffffffffffffffffffffffffffffffffffffff")[0].(store); !ok {
		t.Error("the small project was refused")
	}
}
