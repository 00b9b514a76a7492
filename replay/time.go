package replay

// minSkew is the difference between the browser's clock and ours below which
// times are left alone: it is made of the network's delay as much as of the clock.
const minSkew = 2_000

// Bounds of a corrected time around its chunk's arrival, in milliseconds: the
// recorder keeps what it could not send for 60 minutes at most (ruling 8), and a
// day leaves room for machines that slept; nothing happens after it arrived.
const (
	oldest = 25 * 3_600_000
	newest = minSkew
)

// Skew is what is added to the times of a record, from its first chunk: our clock
// on arrival minus the browser's on sending, both in milliseconds (fault 47).
func Skew(arrived, sent int64) int64 {
	d := arrived - sent
	if d > -minSkew && d < minSkew {
		return 0
	}
	return d
}

// Correct brings a client time to our clock and within what its chunk's arrival
// allows, so that a wild clock moves no event out of its session (fault 47, S15).
func Correct(t, skew, arrived int64) int64 {
	t = min(max(t, 0), maxTime) + min(max(skew, -maxTime), maxTime)
	return min(max(t, arrived-oldest), arrived+newest)
}

// clockSet is how far the skew of a chunk may be from its record's before the
// clock is taken to have been set: no request takes five minutes to arrive.
const clockSet = 5 * 60_000

// Clock follows the skew of one record, whose chunks are given to it in order: the
// first one fixes it, and it changes only when the browser's clock was set while
// the page was open (fault 47).
type Clock struct {
	Skew    int64
	started bool
}

// Chunk takes the times of the next chunk in and gives the skew that holds for it.
func (c *Clock) Chunk(arrived, sent int64) int64 {
	skew := Skew(arrived, sent)
	if !c.started || max(skew-c.Skew, c.Skew-skew) > clockSet {
		c.Skew, c.started = skew, true
	}
	return c.Skew
}
