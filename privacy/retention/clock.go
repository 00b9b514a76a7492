package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"footpath/store/meta"
)

// Retention destroys by the clock, so a clock that is wrong must not move it
// (fault 48). Three things are compared:
//
//   - the high-water mark: the newest time that was believed, kept in metadata and
//     moved at every look while the program runs. A clock that is behind the mark,
//     or more than maxAway ahead of it, is not believed;
//   - the time that has passed since the last look by a clock that nobody sets
//     (monotonic). A wall clock that has moved by more than maxDrift otherwise was
//     set, and is not believed;
//   - a second observation. A clock that was not believed is, once confirmAfter has
//     passed on the monotonic clock and the wall clock has moved by just as much:
//     by then a machine that started with a wrong clock has been set right, which
//     would show as one more step and begin the waiting anew.
//
// A machine that was off for more than two days therefore deletes an hour after
// its start; one whose clock was set deletes an hour after that. What no program
// can notice is a clock that was set ahead by less than two days while it was off.
const (
	maxAway      = 48 * time.Hour
	maxDrift     = 5 * time.Minute
	confirmAfter = time.Hour
)

// markName is the fact in metadata that keeps the high-water mark.
const markName = "retention/mark"

// mark is what is kept: milliseconds UTC.
type mark struct {
	High int64 `json:"high"` // the newest wall clock that was believed
	Ran  int64 `json:"ran"`  // the last complete run
}

// watch judges the wall clock. The zero value has seen nothing yet.
type watch struct {
	seen       bool
	wall, mono time.Duration // at the last look; wall since 1970

	held               bool
	heldWall, heldMono time.Duration // when the doubt began
	why                string
}

// believe looks at the clocks and says whether the wall clock may be acted upon.
// high is the mark in milliseconds, 0 for none.
func (w *watch) believe(wall time.Time, mono time.Duration, high int64) bool {
	now := time.Duration(wall.UnixMilli()) * time.Millisecond
	why := ""
	if w.seen {
		if drift := (now - w.wall) - (mono - w.mono); drift > maxDrift || drift < -maxDrift {
			why = fmt.Sprintf("the clock was set by %s", drift.Round(time.Second))
		}
	}
	w.seen, w.wall, w.mono = true, now, mono
	if why == "" && !w.held {
		away := now - time.Duration(high)*time.Millisecond
		switch {
		case high == 0:
			why = "the clock has not been seen before"
		case away < -maxDrift:
			why = fmt.Sprintf("the clock is %s behind the last time that was believed", (-away).Round(time.Second))
		case away > maxAway:
			why = fmt.Sprintf("the clock is %s ahead of the last time that was believed", away.Round(time.Second))
		default:
			return true
		}
	}
	if why != "" {
		w.held, w.heldWall, w.heldMono, w.why = true, now, mono, why
		return false
	}
	if mono-w.heldMono < confirmAfter {
		return false
	}
	w.held, w.why = false, ""
	return true
}

func (r *Retention) readMark(ctx context.Context) (mark, error) {
	var m mark
	text, err := r.deps.Meta.Value(ctx, markName)
	if errors.Is(err, meta.ErrNotFound) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &m)
	}
	if err != nil {
		return m, fmt.Errorf("retention: read the mark: %w", err)
	}
	return m, nil
}

func (r *Retention) writeMark(ctx context.Context, m mark) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("retention: write the mark: %w", err)
	}
	if err := r.deps.Meta.SetValue(ctx, markName, string(text)); err != nil {
		return fmt.Errorf("retention: write the mark: %w", err)
	}
	return nil
}
