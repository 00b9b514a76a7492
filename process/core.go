package process

import (
	"slices"

	"footpath/journal"
	"footpath/store/events"
	"footpath/wire"
)

// The core is a function: step(state, input, now) → effects. It does no I/O and
// reads no clock, so that the same inputs always give the same rows (fault 62).

// key names a session; project first, so that two sites that use one session id
// stay apart (fault 17).
type key struct {
	project wire.ProjectKey
	session wire.ID
}

// state is everything the core remembers.
type state struct {
	cfg Config
	// written is the offset of the tables, seen the newest entry taken in.
	written, seen journal.Position

	sessions map[key]*session
	// unknown holds chunks of sessions that the stores have not been asked about.
	unknown      map[key][]*chunk
	unknownBytes int

	rows    []row
	replace map[key][]events.SessionKey
	dirty   map[key]bool
	counts  map[events.Count]int64
	release []journal.Position // to forget after the next write
	since   int64              // when the oldest of these came, 0 when there are none
	closing map[key][]journal.Position
	wanted  map[key]bool // sessions to be derived anew
	values  *valueSets
	recent  recentSet
	over    recentSet // sessions that were closed for their size
	next    int64     // when sessions are looked over for idleness again
	effects []effect
}

func newState(cfg Config, written journal.Position, values *valueSets) *state {
	return &state{
		cfg: cfg, written: written, values: values,
		sessions: map[key]*session{}, unknown: map[key][]*chunk{}, replace: map[key][]events.SessionKey{},
		dirty: map[key]bool{}, counts: map[events.Count]int64{}, closing: map[key][]journal.Position{}, wanted: map[key]bool{},
	}
}

// step takes one input in and says what is to be done. now is milliseconds UTC.
func step(s *state, in input, now int64) []effect {
	s.effects = nil
	switch in := in.(type) {
	case arrived:
		s.arrive(in.chunk, now)
	case tick:
		s.expire(now)
	case found:
		s.resolve(in.sessions, now)
	case built:
		s.take(in, now)
	case wrote:
		s.committed()
	case erased:
		s.drop(in.key)
	}
	s.settle(now, in)
	return s.effects
}

func (s *state) emit(e effect) { s.effects = append(s.effects, e) }

func (s *state) note(what noteKind, n int) {
	if n > 0 {
		s.emit(note{what, n})
	}
}

// pending notes that something waits for the next write.
func (s *state) pending(now int64) {
	if s.since == 0 {
		s.since = max(now, 1)
	}
}

// arrive takes a chunk in: Tier A is counted at once, a chunk of a known session
// is folded in, and one of an unknown session waits for the stores' answer.
func (s *state) arrive(c *chunk, now int64) {
	s.seen = max(s.seen, c.position)
	s.pending(now)
	switch {
	case c.key.session == "":
		s.count(c)
		s.release = append(s.release, c.position)
	case c.gone:
		s.release = append(s.release, c.position)
		s.drop(c.key)
	case s.over.has(overKey(c.key)):
		s.note(noteOverLimit, 1)
		s.release = append(s.release, c.position)
	default:
		if open := s.sessions[c.key]; open != nil {
			s.fold(open, c, now)
			return
		}
		s.unknown[c.key] = append(s.unknown[c.key], c)
		s.unknownBytes += c.inflated
	}
}

// fold adds a chunk to an open session.
func (s *state) fold(open *session, c *chunk, now int64) {
	delete(s.closing, c.key) // it goes on
	open.closing = false
	rows, did := open.fold(c)
	switch did {
	case foldRepeat:
		s.note(noteRepeat, 1)
		s.release = append(s.release, c.position)
		return
	case foldOver:
		s.note(noteOverLimit, 1)
		s.release = append(s.release, c.position)
		return
	}
	s.note(noteRows, open.takeLost())
	if open.rebuild {
		s.wanted[c.key] = true
	}
	if c.position <= s.written {
		// Read again after a restart: its rows stand in the tables.
		open.written, open.writtenStart = true, open.start
	} else {
		for _, r := range rows {
			s.admit(&r)
			s.rows = append(s.rows, r)
		}
		s.dirty[c.key] = true
		s.pending(now)
	}
}

// admit applies the bound on the distinct values of a property (ruling 15).
func (s *state) admit(r *row) {
	if len(r.words) > 0 {
		s.note(noteOther, s.values.admit(r))
	}
}

// resolve begins the sessions that were unknown.
func (s *state) resolve(answers map[key]status, now int64) {
	for k, st := range answers {
		chunks := s.unknown[k]
		delete(s.unknown, k)
		var late []*chunk
		for _, c := range chunks {
			s.unknownBytes -= c.inflated
			if st.sealed >= c.position {
				// What a crash left behind between sealing and forgetting.
				s.release = append(s.release, c.position)
				continue
			}
			late = append(late, c)
		}
		if len(late) == 0 {
			continue
		}
		open := newSession(late[0], s.cfg)
		s.sessions[k] = open
		for _, c := range late {
			s.fold(open, c, now)
		}
		if st.sealed > 0 || st.recorded {
			// Late for a session that is sealed (fault 6): its rows come from the
			// recording and the journal together, and replace what is there.
			s.note(noteLate, len(late))
			open.rebuild = true
			s.wanted[k] = true
			s.withdraw(k)
		}
	}
}

// withdraw takes back the rows of a session that wait for the next write.
func (s *state) withdraw(k key) {
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool { return r.Project == k.project && r.Session == k.session })
	delete(s.dirty, k)
}

// take replaces a session by what was built from all its chunks.
func (s *state) take(b built, now int64) {
	open := s.sessions[b.key]
	if open == nil {
		return
	}
	open.building = false
	switch {
	case b.outcome == buildGone:
		s.release = append(s.release, b.positions...)
		s.drop(b.key)
		s.pending(now)
		return
	case b.outcome == buildFailed:
		open.wait(now, s.cfg)
		return
	case open.last != b.upto:
		// More has come meanwhile; what was built is no longer the whole.
		return
	}
	fresh := b.session
	fresh.inherit(open)
	s.sessions[b.key] = fresh
	if open.rebuild || open.stale || b.seal && !open.allLeft() {
		s.withdraw(b.key)
		for i := range b.rows {
			s.admit(&b.rows[i])
		}
		s.rows = append(s.rows, b.rows...)
		s.replace[b.key] = fresh.replaceKeys()
		fresh.rebuilds++
		s.note(noteRebuilt, 1)
	}
	s.note(noteRows, fresh.takeLost())
	if b.seal {
		fresh.closing = true
		s.closing[b.key] = b.positions
	}
	s.dirty[b.key] = true
	s.pending(now)
}

// drop forgets a session whose key is gone.
func (s *state) drop(k key) {
	for _, c := range s.unknown[k] {
		s.release = append(s.release, c.position)
		s.unknownBytes -= c.inflated
	}
	delete(s.unknown, k)
	if open := s.sessions[k]; open != nil {
		s.withdraw(k)
		delete(s.replace, k)
		delete(s.closing, k)
		delete(s.sessions, k)
		s.emit(forgetSession{k})
	}
}
