package process

import (
	"footpath/store/events"
	"footpath/wire"
)

// lookEvery is how often sessions are looked over for idleness, milliseconds.
const lookEvery = 1_000

// settle says what follows from the state: first the questions that must be
// answered before a write, then the write when it is due.
func (s *state) settle(now int64, in input) {
	_, ticked := in.(tick)
	_, answered := in.(found)
	full := len(s.rows) >= s.cfg.FlushRows || s.unknownBytes >= s.cfg.UnknownBytes
	due := s.since != 0 && (now-s.since >= s.cfg.FlushEvery.Milliseconds() || now < s.since)
	if !ticked && !answered && !full {
		return
	}
	if len(s.unknown) > 0 && (due || full) {
		ask := lookup{sessions: make(map[key]int32, len(s.unknown))}
		for k, chunks := range s.unknown {
			ask.sessions[k] = chunks[0].day
		}
		s.emit(ask)
		return // found comes next, and brings us here again
	}
	s.builds(now)
	if s.since != 0 && (due || full || answered) {
		s.flush()
	}
}

// builds asks for the sessions that must be derived anew.
func (s *state) builds(now int64) {
	for k := range s.wanted {
		open := s.sessions[k]
		if open == nil || !open.rebuild {
			delete(s.wanted, k)
			continue
		}
		if !open.building && now >= open.notBefore {
			open.building = true
			s.emit(build{key: k, day: open.day, upto: open.last})
		}
	}
}

// expire asks for the sealing of sessions that have ended.
func (s *state) expire(now int64) {
	if now < s.next && s.next-now <= lookEvery {
		return
	}
	s.next = now + lookEvery
	for k, open := range s.sessions {
		if open.building || open.closing || now < open.notBefore || !open.ended(now, s.cfg) {
			continue
		}
		open.building = true
		s.emit(build{key: k, day: open.day, upto: open.last, seal: true})
	}
}

// flush emits the batch of everything that waits.
func (s *state) flush() {
	w := write{offset: max(s.seen, s.written), rows: s.rows, values: s.values.grown()}
	for k := range s.dirty {
		open := s.sessions[k]
		if open == nil {
			continue
		}
		w.replace = append(w.replace, s.replace[k]...)
		r := open.row()
		if open.written && len(s.replace[k]) == 0 {
			r.Start = open.writtenStart // its rows stand there until they are replaced
		}
		w.sessions = append(w.sessions, r)
	}
	for class, views := range s.counts {
		class.Views = views
		w.counts = append(w.counts, class)
	}
	s.emit(w)
}

// committed clears what the last write carried.
func (s *state) committed() {
	s.written = max(s.written, s.seen)
	s.rows, s.since = nil, 0
	for k := range s.dirty {
		open := s.sessions[k]
		if open == nil {
			continue
		}
		if !open.written || len(s.replace[k]) > 0 {
			open.writtenStart, open.written = open.start, true
		}
		if open.closing {
			s.release = append(s.release, s.closing[k]...)
			delete(s.closing, k)
			delete(s.sessions, k)
			if open.overFor != 0 {
				s.over.seen(overKey(k))
			}
			s.note(noteSealed, 1)
		}
	}
	clear(s.dirty)
	clear(s.replace)
	clear(s.counts)
	if len(s.release) > 0 {
		s.emit(forget{s.release})
		s.release = nil
	}
}

// count adds a Tier A chunk to the counts: classes and the hour, nothing else. A
// repeat that the journal let through is known by its record.
func (s *state) count(c *chunk) {
	if s.recent.seen(recentKey{string(c.record), c.seq}) {
		s.note(noteRepeat, 1)
		return
	}
	if c.position <= s.written {
		return
	}
	for _, it := range c.items {
		v, ok := it.value.(wire.Count)
		if !ok {
			continue
		}
		at := max(c.correct(it.time, c.skew()), 0)
		s.counts[events.Count{
			Project: c.key.project, Hour: at - at%3_600_000, URL: v.URL, Referrer: v.Referrer,
			UTMSource: v.UTM.Source, UTMMedium: v.UTM.Medium, UTMCampaign: v.UTM.Campaign,
			Device: c.client.Device, Browser: c.client.Browser, OS: c.client.OS, Country: c.client.Country,
			Language: v.Language, Screen: v.Screen,
		}]++
	}
}

// recentSet remembers the newest keys it was asked about, so many that what they
// guard against has passed, and no more, so that memory stays bounded.
type recentSet struct {
	at   map[recentKey]struct{}
	ring []recentKey
	next int
}

type recentKey struct {
	name string
	seq  uint32
}

// overKey names a session in a recentSet.
func overKey(k key) recentKey { return recentKey{name: string(k.project) + string(k.session)} }

// recentSize: a record repeats a chunk within minutes; this many arrive in
// several minutes at 200 a second.
const recentSize = 65_536

func (r *recentSet) has(k recentKey) bool {
	_, ok := r.at[k]
	return ok
}

// seen notes k and says whether it was there.
func (r *recentSet) seen(k recentKey) bool {
	if r.has(k) {
		return true
	}
	if r.at == nil {
		r.at = map[recentKey]struct{}{}
	}
	if len(r.ring) < recentSize {
		r.ring = append(r.ring, k)
	} else {
		delete(r.at, r.ring[r.next])
		r.ring[r.next] = k
		r.next = (r.next + 1) % recentSize
	}
	r.at[k] = struct{}{}
	return false
}

// replaceKeys names the session in every month in which its rows may stand: a
// late chunk may move its start over a month's edge, and after a restart what was
// written is known only by the day of birth.
func (s *session) replaceKeys() []events.SessionKey {
	starts := []int64{s.start, dayMs(s.day), dayMs(s.day) - 86_400_000}
	if s.written {
		starts = append(starts, s.writtenStart)
	}
	return sessionKeys(s.key, starts)
}

func sessionKeys(k key, starts []int64) []events.SessionKey {
	months := map[int64]bool{}
	var keys []events.SessionKey
	for _, start := range starts {
		start = max(start, 0)
		if m := monthOf(start); !months[m] {
			months[m] = true
			keys = append(keys, events.SessionKey{Project: k.project, Session: k.session, Start: start})
		}
	}
	return keys
}

// newest is when the newest chunk of an open session arrived, milliseconds UTC.
func (s *state) newest() int64 {
	newest := int64(0)
	for _, open := range s.sessions {
		newest = max(newest, open.lastArrived)
	}
	return newest
}
