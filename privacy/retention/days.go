package retention

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // cut-offs must not depend on what the machine has installed

	"footpath/store/meta"
)

// Bounds where a project's row says nothing or too much (ruling 10).
const (
	defaultReplayDays = 30
	maxReplayDays     = 90
	maxEventMonths    = 13
)

func replayDays(p meta.Project) int {
	if p.ReplayDays <= 0 {
		return defaultReplayDays
	}
	return min(p.ReplayDays, maxReplayDays)
}

func eventMonths(p meta.Project) int {
	if p.EventMonths <= 0 {
		return maxEventMonths
	}
	return min(p.EventMonths, maxEventMonths)
}

// classDays reads a retention class, "30d" (process/settings.go). One that cannot
// be read is kept for the longest time that there is, and no longer.
func classDays(class string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(class, "d"))
	if err != nil || n <= 0 || n > maxReplayDays {
		return maxReplayDays
	}
	return n
}

// startOfDay is midnight UTC of a day written yyyymmdd.
func startOfDay(day int32) time.Time {
	return time.Date(int(day/10_000), time.Month(day/100%100), int(day%100), 0, 0, 0, 0, time.UTC)
}

// ends is when the replays of a day are due: so many days after the end of the
// day. The dashboard shows the same (report: expires).
func ends(day int32, days int) time.Time { return startOfDay(day).AddDate(0, 0, days+1) }

// cutOff is the instant before which a project's rows go: the beginning, in its
// zone, of the first day that is not older than so many calendar months. A day is
// older once the same day of a later month has passed; where that month is
// shorter, its last day counts. So of 28 February nothing is left a month later on
// 29 March, and of 31 January nothing on 1 March (fault 50).
func cutOff(now time.Time, zone *time.Location, months int) time.Time {
	y, m, d := now.In(zone).Date()
	// A day that the earlier month does not have becomes one of the next month:
	// that is what the rule above asks for.
	y, m, d = time.Date(y, m-time.Month(months), d, 0, 0, 0, 0, time.UTC).Date()
	// Midnight may not exist, or come twice. The first instant whose calendar day is
	// this one or later is found from the day before on.
	first := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	low, high := first.Add(-36*time.Hour), first.Add(36*time.Hour)
	for high.Sub(low) > time.Millisecond {
		middle := low.Add(high.Sub(low) / 2)
		if calendar(middle, zone).Before(first) {
			low = middle
		} else {
			high = middle
		}
	}
	return high.Truncate(time.Millisecond).UTC()
}

// calendar is the day that a zone shows at an instant, as midnight UTC.
func calendar(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// zoneOf is a project's zone; UTC when it is not known, which differs by hours
// where rows are kept for months.
func zoneOf(p meta.Project) *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil && p.Zone != "Local" {
		return zone
	}
	return time.UTC
}
