package disk

import (
	"fmt"
	"log/slog"
	"time"

	"footpath/internal/vfs"
	"footpath/journal"
)

// ballastName is the file that is given up when the disk is full.
const ballastName = "ballast"

// spaceEvery is how often a full disk is looked at again: often enough that a
// recorder's retry (10 s) finds it open, too seldom to cost anything.
const spaceEvery = 500 * time.Millisecond

// writeFailed deals with a write that did not go through. For want of space the
// torn end is cut off first, so that nothing is ever written behind it; any other
// error poisons the segment.
func (l *Log) writeFailed(s *segment, next journal.Position, err error) error {
	if !vfs.NoSpace(err) {
		return l.poison(s, next, err)
	}
	if cut := s.f.Truncate(s.end); cut != nil {
		return l.poison(s, next, fmt.Errorf("%w; then cutting the torn end: %w", err, cut))
	}
	l.mu.Lock()
	s.allocated = s.end
	l.mu.Unlock()
	return l.noSpace(err)
}

// noSpace notes that the disk is full and gives the ballast up.
func (l *Log) noSpace(err error) error {
	if !l.full {
		l.cfg.Logger.Error("disk full: chunks are refused until there is space again",
			slog.String("dir", l.dir), slog.Any("error", err))
	}
	l.full, l.checked = true, l.cfg.Now()
	if l.ballast {
		if err := l.cfg.FS.Remove(l.path(ballastName)); err != nil {
			l.cfg.Logger.Error("give up the ballast file", slog.Any("error", err))
		} else {
			l.ballast = false
		}
	}
	return fmt.Errorf("%w: %w", journal.ErrFull, err)
}

// spaceAgain says whether a full disk still is: appending goes on when there is
// room for the ballast and for a stretch of writing beside it.
func (l *Log) spaceAgain() error {
	if !l.full {
		return nil
	}
	if now := l.cfg.Now(); now.Sub(l.checked) < spaceEvery {
		return fmt.Errorf("%w: waiting for space", journal.ErrFull)
	} else {
		l.checked = now
	}
	free, err := l.cfg.FS.Free(l.dir)
	if err != nil {
		return fmt.Errorf("%w: %w", journal.ErrFull, err)
	}
	if need := max(l.cfg.BallastBytes, 0) + l.cfg.AllocateBytes; free < need {
		return fmt.Errorf("%w: %d bytes free, %d needed to go on", journal.ErrFull, free, need)
	}
	l.full = false
	l.takeBallast()
	l.cfg.Logger.Info("there is space again: chunks are accepted", slog.String("dir", l.dir))
	return nil
}

// takeBallast reserves the ballast file; doing without it is worth a warning only.
func (l *Log) takeBallast() {
	if l.cfg.BallastBytes <= 0 {
		return
	}
	f, err := l.cfg.FS.Open(l.path(ballastName), true)
	if err == nil {
		err = f.Allocate(l.cfg.BallastBytes)
		_ = f.Close() // nothing was written
	}
	if err != nil {
		l.cfg.Logger.Warn("no ballast file: a full disk will leave no room for erasure",
			slog.String("dir", l.dir), slog.Any("error", err))
		_ = l.cfg.FS.Remove(l.path(ballastName))
		return
	}
	l.ballast = true
}
