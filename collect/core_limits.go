package collect

// netKey stands for a network in the limits: a keyed hash of its /24 or /48, with
// a key that lives in memory only. The address itself is gone by then.
type netKey [8]byte

// maxNets bounds the networks watched one by one; the rest share a bucket.
const maxNets = 100_000

// bucket is a token bucket: it fills at a rate up to a burst. The zero value is full.
type bucket struct {
	used float64 // tokens taken and not yet refilled
	at   int64   // ms
}

// take takes a token if there is one.
func (b *bucket) take(now int64, perSecond, burst float64) bool {
	b.refill(now, perSecond)
	if b.used+1 > burst {
		return false
	}
	b.used++
	return true
}

// refill lets time pass; a clock that steps back adds nothing (fault 48).
func (b *bucket) refill(now int64, perSecond float64) {
	if passed := now - b.at; passed > 0 {
		b.used = max(0, b.used-float64(passed)/1000*perSecond)
	}
	b.at = now
}

// full says whether the bucket is as good as new.
func (b *bucket) full(now int64, perSecond, _ float64) bool {
	b.refill(now, perSecond)
	return b.used == 0
}

func (s *state) net(key netKey) *bucket {
	if b := s.nets[key]; b != nil {
		return b
	}
	if len(s.nets) >= maxNets {
		return &s.spill
	}
	b := &bucket{}
	s.nets[key] = b
	return b
}
