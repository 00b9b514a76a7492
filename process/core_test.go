package process

import (
	"testing"

	"footpath/wire"
)

// A chunk that comes late between a session's rebuild and the write of it is not
// forgotten: the session is derived once more.
func TestLateDuringRebuild(t *testing.T) {
	cfg := Config{}
	cfg.defaults()
	set := &settings{idle: 900_000, longest: 3_600_000}
	k := key{projectKey, session1}
	now := noon.UnixMilli()
	s := newState(cfg, 0, newValueSets())
	next := func(seq uint32) *chunk {
		return &chunk{
			key: k, record: record1, seq: seq, day: 20261123, arrived: now, sent: now, set: set,
			position: s.seen + 1, items: []item{{0, now, wire.Click{}}},
		}
	}
	give := func(in input) []effect {
		now += 800
		return step(s, in, now)
	}
	for _, seq := range []uint32{0, 5, 3} {
		give(arrived{next(seq)})
	}
	give(tick{})
	asked := builds(give(found{map[key]status{k: {}}}))
	give(wrote{})
	if len(asked) != 1 {
		t.Fatalf("%d builds, want 1", len(asked))
	}
	whole := newSession(next(0), cfg)
	whole.last = asked[0].upto
	give(built{key: k, upto: asked[0].upto, session: whole})
	late := next(2)
	give(arrived{late})
	var again []build
	for range 20 {
		for _, e := range give(tick{}) {
			switch e := e.(type) {
			case build:
				again = append(again, e)
			case write:
				give(wrote{})
			}
		}
	}
	if len(again) != 1 || again[0].upto != late.position {
		t.Errorf("after a late chunk: %v, want one build up to %d", again, late.position)
	}
}

func builds(effects []effect) []build {
	var out []build
	for _, e := range effects {
		if b, ok := e.(build); ok {
			out = append(out, b)
		}
	}
	return out
}
