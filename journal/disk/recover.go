package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"footpath/internal/vfs"
	"footpath/journal"
)

// spot is one whole frame found in a segment.
type spot struct {
	at, batch journal.Position
	off, n    int64
	key       sessionKey
	session   bool
}

// survey is what a walk through a segment's bytes found.
type survey struct {
	spots []spot
	bad   int64 // offset of the first bytes that are neither frame nor empty end; -1: none
	after int   // index of the first spot behind bad
	end   int64 // behind the last whole frame before bad
}

// recover reads the segments that an earlier run left, oldest first. Nothing is
// ever appended to them: the first append starts a new segment, so recovery may
// itself be cut short and run again (fault 32).
func (l *Log) recover() error {
	names, err := l.cfg.FS.List(l.dir)
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	for _, name := range names {
		if first, ok := segmentFirst(name); ok {
			s, err := l.openSegment(name, first)
			if err != nil {
				return err
			}
			if s != nil {
				l.segments = append(l.segments, s)
			}
			continue
		}
		l.unknown(name)
	}
	for i, s := range l.segments {
		var next *segment
		if i+1 < len(l.segments) {
			next = l.segments[i+1]
		}
		if err := l.restore(s, next); err != nil {
			return fmt.Errorf("recover %s: %w", l.path(s.name), err)
		}
		if n := len(s.entries); n > 0 {
			l.end = max(l.end, s.last())
		}
		l.next = max(l.next, s.last()+1, s.first, s.through+1)
	}
	return l.deleteEmpty()
}

// unknown deals with a file that is no segment: damaged segments are deleted when
// their time is over, foreign files are left alone and named (fault 46).
func (l *Log) unknown(name string) {
	if until, ok := damagedUntil(name); ok {
		if l.cfg.Now().UnixMilli() > until {
			if err := l.cfg.FS.Remove(l.path(name)); err != nil {
				l.cfg.Logger.Error("delete an old damaged segment", slog.String("file", l.path(name)), slog.Any("error", err))
			}
		}
		return
	}
	if name != ballastName {
		l.cfg.Logger.Warn("a file that does not belong to the journal is left alone", slog.String("file", l.path(name)))
	}
}

func (l *Log) path(name string) string { return filepath.Join(l.dir, name) }

func segmentFirst(name string) (journal.Position, bool) {
	base, ok := strings.CutSuffix(name, ".seg")
	if !ok || len(base) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(base, 16, 64)
	return journal.Position(n), err == nil && n > 0
}

// damagedName is what a damaged segment is called once all that could be read of
// it is sealed: its own name and the time until which it is kept.
func damagedName(name string, until time.Time) string {
	return fmt.Sprintf("%s.%d.damaged", strings.TrimSuffix(name, ".seg"), until.UnixMilli())
}

func damagedUntil(name string) (int64, bool) {
	base, ok := strings.CutSuffix(name, ".damaged")
	if !ok {
		return 0, false
	}
	_, until, _ := strings.Cut(base, ".")
	n, err := strconv.ParseInt(until, 10, 64)
	return n, err == nil
}

// openSegment opens a file; nil when a crash left it before its header was synced.
func (l *Log) openSegment(name string, first journal.Position) (*segment, error) {
	f, err := l.cfg.FS.Open(l.path(name), false)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", l.path(name), err)
	}
	size, err := f.Size()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", l.path(name), err)
	}
	s := &segment{name: name, f: f, end: headerLen, allocated: size}
	head := make([]byte, min(headerLen, size))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", l.path(name), err)
	}
	var ok bool
	if s.header, ok = decodeHeader(head); ok && s.first == first {
		return s, nil
	}
	if size < headerLen || len(bytes.Trim(head, "\x00")) == 0 {
		_ = f.Close() // it is deleted next
		return nil, l.cfg.FS.Remove(l.path(name))
	}
	// The header is damaged, the frames may not be: the name says where they start.
	s.header, s.headless = header{first: first, made: l.cfg.Now().UnixMilli()}, true
	l.damage(s, "header")
	return s, nil
}

// damage reports a segment with lost entries; never silent, never the end of the
// log (fault 35).
func (l *Log) damage(s *segment, what string, attrs ...any) {
	s.damaged = true
	l.m.damaged.Inc()
	l.cfg.Logger.Error("journal segment is damaged: what can be read of it is served, the file is kept for inspection",
		append([]any{slog.String("file", l.path(s.name)), slog.String("what", what)}, attrs...)...)
}

// restore brings one segment's entries back.
func (l *Log) restore(s, next *segment) error {
	sv, err := survey1(s.f, s.allocated)
	if err != nil {
		l.damage(s, "read", slog.Any("error", err))
	}
	through := journal.Position(1<<64 - 1)
	told := next != nil && !next.headless
	if told {
		// The next segment's header says how far this one was acknowledged: frames
		// beyond it are leftovers of a write that failed.
		through = next.through
	} else if sv.bad >= 0 && !sv.proven() && next == nil {
		if err := l.cutTail(s, &sv); err != nil {
			return err
		}
	}
	s.end = sv.end
	if sv.bad < 0 && s.end < s.allocated && s.f.Truncate(s.end) == nil {
		s.allocated = s.end // what was reserved and not used is given back
	}
	missing := uint64(0)
	for _, p := range sv.spots {
		if p.at > through || p.at < s.first || p.at <= s.last() {
			continue
		}
		missing += uint64(p.at - s.last() - 1)
		l.add(s, p.at, p.off, p.n, p.key, p.session)
	}
	if told {
		if expect := min(through, next.first-1); expect > s.last() {
			missing += uint64(expect - s.last())
		}
	} else if sv.bad >= 0 && sv.after == len(sv.spots) && next != nil {
		missing++ // an unreadable end of unknown length
	}
	if missing > 0 {
		l.damage(s, "entries", slog.Uint64("lost", missing))
	}
	return nil
}

// cutTail removes a torn write from the end of the newest segment (fault 34).
// None of it was acknowledged.
func (l *Log) cutTail(s *segment, sv *survey) error {
	l.m.torn.Inc()
	l.cfg.Logger.Warn("torn write at the end of the journal cut off; it had not been acknowledged",
		slog.String("file", l.path(s.name)), slog.Int64("at", sv.bad), slog.Int64("bytes", s.allocated-sv.bad))
	sv.spots = sv.spots[:sv.after]
	if err := s.f.Truncate(sv.bad); err != nil {
		return fmt.Errorf("cut the torn end: %w", err)
	}
	s.allocated = sv.bad
	return s.f.Sync()
}

// proven says whether the first bad spot must have been on disk once: a batch is
// written only after the one before it was synced, so a frame of a batch that
// began behind the first missing position proves it. Otherwise the bad spot is in
// the last batch, whose write may have been cut short.
func (sv *survey) proven() bool {
	var missing journal.Position
	if sv.after > 0 {
		missing = sv.spots[sv.after-1].at + 1
	}
	for _, p := range sv.spots[sv.after:] {
		if p.batch > missing {
			return true
		}
	}
	return false
}

// deleteEmpty removes recovered segments that hold nothing. The newest stays: its
// name is what keeps positions from being used again.
func (l *Log) deleteEmpty() error {
	kept := l.segments[:0]
	for i, s := range l.segments {
		if s.live > 0 || s.damaged || i == len(l.segments)-1 {
			kept = append(kept, s)
			continue
		}
		_ = s.f.Close() // it is deleted next
		if err := l.cfg.FS.Remove(l.path(s.name)); err != nil {
			return fmt.Errorf("delete %s: %w", l.path(s.name), err)
		}
	}
	l.segments = kept
	return nil
}

// survey1 walks a segment's bytes through a window that holds the largest frame.
func survey1(f vfs.File, size int64) (survey, error) {
	sv := survey{bad: -1, end: headerLen}
	w := window{f: f, size: size}
	magic := binary.BigEndian.AppendUint32(nil, frameMagic)
	empty := true // the bad spot so far is nothing but zeros
	for off := int64(headerLen); off < size; {
		b, err := w.from(off)
		if err != nil {
			return sv, err
		}
		if f, n, ok := readFrame(b); ok {
			key, session := bodyKey(f.body)
			sv.spots = append(sv.spots, spot{at: f.at, batch: f.batch, off: off, n: int64(n), key: key, session: session})
			off += int64(n)
			if sv.bad < 0 {
				sv.end, sv.after = off, len(sv.spots)
			}
			continue
		}
		if sv.bad < 0 {
			sv.bad = off
		}
		skip := int64(len(b))
		if i := bytes.Index(b[1:], magic); i >= 0 {
			skip = int64(i) + 1
		} else if off+skip < size {
			skip = max(1, skip-int64(len(magic))+1)
		}
		empty = empty && len(bytes.Trim(b[:skip], "\x00")) == 0
		off += skip
	}
	if empty && sv.after == len(sv.spots) {
		sv.bad = -1
	}
	return sv, nil
}

// window reads a file forward, with at least one largest frame in view.
type window struct {
	f    vfs.File
	size int64
	at   int64
	buf  []byte
}

// windowLen is twice the largest frame, so that most frames need no move.
const windowLen = 2 * maxFrame

func (w *window) from(off int64) ([]byte, error) {
	have := w.at + int64(len(w.buf)) - off
	if have >= maxFrame || w.at+int64(len(w.buf)) == w.size && have > 0 {
		return w.buf[off-w.at:], nil
	}
	if w.buf == nil {
		w.buf = make([]byte, 0, windowLen)
	}
	rest := copy(w.buf[:cap(w.buf)], w.buf[len(w.buf)-int(max(have, 0)):])
	w.buf, w.at = w.buf[:min(int64(cap(w.buf)), w.size-off)], off
	if _, err := w.f.ReadAt(w.buf[rest:], off+int64(rest)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return w.buf, nil
}
