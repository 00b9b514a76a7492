package disk

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"footpath/internal/vfs"
	"footpath/journal"
)

// request is one Append waiting for its sync.
type request struct {
	chunks    []journal.Chunk
	positions []journal.Position
	err       error
	done      chan struct{}
}

func (r *request) size() (n int) {
	for i := range r.chunks {
		n += frameHeader + bodyFixed + len(r.chunks[i].Body) + 5*64
	}
	return n
}

// write is the log's one writer.
func (l *Log) write() {
	defer close(l.done)
	tick := time.NewTicker(min(l.cfg.SegmentAge, time.Minute))
	defer tick.Stop()
	for {
		select {
		case r := <-l.requests:
			l.commit(l.gather(r))
		case <-tick.C:
			if s := l.active; s != nil && len(s.entries) > 0 && l.old(s) {
				l.roll()
			}
		case <-l.closing:
			for {
				select {
				case r := <-l.requests:
					l.commit(l.gather(r))
					continue
				default:
				}
				break
			}
			l.finish()
			return
		}
	}
}

// gather takes what is waiting. When the batch before had company it waits up to
// Window for as much again: on a slow disk the sync itself gathers the next batch,
// on a fast one this saves syncs.
func (l *Log) gather(first *request) []*request {
	batch, size := []*request{first}, first.size()
	drain := func() bool {
		for size < l.cfg.BatchBytes {
			select {
			case r := <-l.requests:
				batch, size = append(batch, r), size+r.size()
			default:
				return false
			}
		}
		return true
	}
	if !drain() && l.company > 1 && len(batch) < l.company && l.cfg.Window > 0 {
		timer := time.NewTimer(l.cfg.Window)
		defer timer.Stop()
		for late := false; !late && len(batch) < l.company && size < l.cfg.BatchBytes; {
			select {
			case r := <-l.requests:
				batch, size = append(batch, r), size+r.size()
			case <-timer.C:
				late = true
			}
		}
	}
	l.company = len(batch)
	return batch
}

// commit makes a batch durable and answers it.
func (l *Log) commit(batch []*request) {
	err := l.store(batch)
	for _, r := range batch {
		if err != nil {
			r.positions, r.err = nil, err
		}
		close(r.done)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failure = err
	switch {
	case err == nil:
		l.m.healthy.Set(1)
		return
	case errors.Is(err, journal.ErrFull):
		l.m.full.Inc()
	default:
		l.m.failed.Inc()
	}
	l.m.healthy.Set(0)
}

// store writes a batch behind the active segment and syncs it. Nothing of it is
// visible before the sync has succeeded.
func (l *Log) store(batch []*request) error {
	if err := l.spaceAgain(); err != nil {
		return err
	}
	l.buf = l.buf[:0]
	first := l.next
	var lengths []int64
	for _, r := range batch {
		r.positions = make([]journal.Position, len(r.chunks))
		for i := range r.chunks {
			r.positions[i] = first + journal.Position(len(lengths))
			before := len(l.buf)
			l.buf = appendFrame(l.buf, r.positions[i], first, &r.chunks[i])
			lengths = append(lengths, int64(len(l.buf)-before))
		}
	}
	s, err := l.room(int64(len(l.buf)))
	if err != nil {
		return err
	}
	if _, err := s.f.WriteAt(l.buf, s.end); err != nil {
		return l.writeFailed(s, first+journal.Position(len(lengths)), err)
	}
	start := time.Now()
	if err := s.f.Sync(); err != nil {
		return l.poison(s, first+journal.Position(len(lengths)), err)
	}
	l.m.sync.Observe(time.Since(start).Seconds())
	l.publish(s, batch, lengths)
	if cap(l.buf) > 2*l.cfg.BatchBytes {
		l.buf = nil // one giant batch must not stay in memory
	}
	return nil
}

// publish makes a synced batch visible.
func (l *Log) publish(s *segment, batch []*request, lengths []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, r := range batch {
		for i := range r.chunks {
			c := &r.chunks[i]
			l.add(s, r.positions[i], s.end, lengths[n], keyOf(c.Project, c.Session), c.Session != "")
			s.end += lengths[n]
			n++
		}
	}
	l.next += journal.Position(n)
	l.end = l.next - 1
	close(l.grown)
	l.grown = make(chan struct{})
	l.m.chunks.Add(float64(n))
	l.m.bytes.Add(float64(len(l.buf)))
	l.m.batches.Inc()
	l.m.batch.Observe(float64(n))
	l.gauges()
}

func (l *Log) old(s *segment) bool {
	return l.cfg.Now().Sub(time.UnixMilli(s.made)) >= l.cfg.SegmentAge
}

// room gives a segment with space reserved for n more bytes, rolling to a new one
// when the active one is full, old or gone.
func (l *Log) room(n int64) (*segment, error) {
	if s := l.active; s != nil && len(s.entries) > 0 && (s.end+n > l.cfg.SegmentBytes || l.old(s) || l.unneeded(s)) {
		l.roll()
	}
	if l.used()+n > l.cfg.QuotaBytes {
		return nil, fmt.Errorf("%w: the quota of %d bytes is used up; is sealing stuck?", journal.ErrFull, l.cfg.QuotaBytes)
	}
	if l.active == nil {
		if err := l.begin(); err != nil {
			return nil, err
		}
	}
	s := l.active
	if need := s.end + n; need > s.allocated {
		ahead := max(need, min(need+l.cfg.AllocateBytes, l.cfg.SegmentBytes))
		err := s.f.Allocate(ahead)
		if vfs.NoSpace(err) && ahead > need {
			ahead = need
			err = s.f.Allocate(ahead)
		}
		if err != nil {
			return nil, l.writeFailed(s, l.next, err)
		}
		l.mu.Lock()
		s.allocated = ahead
		l.mu.Unlock()
	}
	return s, nil
}

// unneeded says whether the quota is near and the active segment holds nothing but
// forgotten entries, so that rolling frees its space.
func (l *Log) unneeded(s *segment) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.live == 0 && l.size()+l.cfg.SegmentBytes > l.cfg.QuotaBytes
}

func (l *Log) newest() *segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.segments); n > 0 {
		return l.segments[n-1]
	}
	return nil
}

func (l *Log) used() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size()
}

// roll closes the active segment and begins the next, so that the old one may be
// deleted as soon as it is forgotten.
func (l *Log) roll() {
	l.finish()
	if err := l.begin(); err != nil {
		l.cfg.Logger.Error("begin a journal segment; the next append tries again", slog.Any("error", err))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.sweep(); err != nil {
		l.cfg.Logger.Error("sweep the journal", slog.Any("error", err))
	}
}

// begin starts a segment: the file, its header and its name are durable before
// anything is written to it.
func (l *Log) begin() error {
	s := &segment{
		header: header{first: l.next, through: l.End(), made: l.cfg.Now().UnixMilli()},
		name:   segmentName(l.next), end: headerLen, allocated: headerLen,
	}
	err := func() (err error) {
		if s.f, err = l.cfg.FS.Open(l.path(s.name), true); err != nil {
			return err
		}
		// The name may exist: the empty newest segment of an earlier run, or a
		// leftover of a failed start. The header, within one sector, replaces its.
		if _, err = s.f.WriteAt(s.encode(), 0); err != nil {
			return err
		}
		if err = s.f.Truncate(headerLen); err != nil {
			return err
		}
		if err = s.f.Sync(); err != nil {
			return err
		}
		return l.cfg.FS.SyncDir(l.dir)
	}()
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if n := len(l.segments); n > 0 && l.segments[n-1].name == s.name {
			l.retire(l.segments[n-1])
			l.segments = l.segments[:n-1]
		}
		l.active, l.segments = s, append(l.segments, s)
		return nil
	}
	if s.f != nil {
		_ = s.f.Close() // the first error is the one to tell
		if last := l.newest(); last == nil || last.name != s.name {
			_ = l.cfg.FS.Remove(l.path(s.name))
		}
	}
	if vfs.NoSpace(err) {
		return l.noSpace(err)
	}
	l.next++ // the name may survive on disk: the next try takes another
	return fmt.Errorf("%w: start segment %s: %w", journal.ErrFailed, l.path(s.name), err)
}

// finish closes the active segment for writing: what was reserved and not used is
// given back. Its chunks are on disk already, so a failure here loses nothing.
func (l *Log) finish() {
	s := l.active
	if s == nil {
		return
	}
	err := s.f.Truncate(s.end)
	if err == nil {
		err = s.f.Sync()
	}
	if err != nil {
		l.cfg.Logger.Warn("trim a finished journal segment", slog.String("file", l.path(s.name)), slog.Any("error", err))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.allocated = s.end
	l.active = nil
}

// poison gives a segment up for good: after a failed write or sync nobody knows
// what of it is on disk, and a second sync would lie (fault 36). Positions of the
// failed batch are skipped; the next segment's header tells recovery that they
// were never acknowledged.
func (l *Log) poison(s *segment, next journal.Position, err error) error {
	l.cfg.Logger.Error("journal device failed: the segment is closed, the batch is not acknowledged",
		slog.String("file", l.path(s.name)), slog.Any("error", err))
	l.mu.Lock()
	l.active = nil
	l.mu.Unlock()
	l.next = next
	return fmt.Errorf("%w: %s: %w", journal.ErrFailed, l.path(s.name), err)
}
