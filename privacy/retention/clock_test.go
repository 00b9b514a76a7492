package retention

import (
	"testing"
	"time"
)

// Fault 48: what a clock must do before it is acted upon. Each line is one look: how
// far the wall clock and the monotonic clock stand from the mark and the start.
func TestAClockIsBelievedOnlyWhenItHolds(t *testing.T) {
	mark := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	type look struct {
		wall, mono time.Duration
		want       bool
	}
	f := func(name string, high int64, looks ...look) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			var w watch
			for i, l := range looks {
				if got := w.believe(mark.Add(l.wall), l.mono, high); got != l.want {
					t.Fatalf("look %d at mark %+v, %s after the start: believed %v, want %v (%s)", i, l.wall, l.mono, got, l.want, w.why)
				}
				if l.want {
					high = mark.Add(l.wall).UnixMilli()
				}
			}
		})
	}
	const minute, hour, day = time.Minute, time.Hour, 24 * time.Hour
	at := mark.UnixMilli()
	f("a restart", at, look{10 * minute, 0, true}, look{20 * minute, 10 * minute, true})
	f("the very first start waits an hour", 0, look{0, 0, false}, look{30 * minute, 30 * minute, false}, look{hour, hour, true})
	f("forward 30 days at a start", at, look{30 * day, 0, false}, look{30*day + hour - minute, hour - minute, false}, look{30*day + hour, hour, true})
	f("forward a day while running", at, look{0, 0, true}, look{day + 10*minute, 10 * minute, false}, look{day + 20*minute, 20 * minute, false}, look{day + 70*minute, 70 * minute, true})
	f("back an hour", at, look{0, 0, true}, look{-50 * minute, 10 * minute, false})
	f("set right again begins the waiting anew", at,
		look{400 * day, 0, false}, look{400*day + 50*minute, 50 * minute, false}, look{hour, hour, false}, look{hour + 30*minute, hour + 30*minute, false}, look{2 * hour, 2 * hour, true})
	f("behind the mark at a start", at, look{-3 * day, 0, false}, look{-3*day + hour, hour, true})
}
