package report

import (
	"fmt"
	"time"
	_ "time/tzdata" // days must not depend on what the machine has installed

	"footpath/store/meta"
)

const (
	dayLayout = "2006-01-02"
	// maxMonths bounds a range: nothing is kept longer (ruling 10).
	maxMonths = 13
	// day and hour in milliseconds, where no zone is concerned.
	hour = 3_600_000
	day  = 24 * hour
)

// span is a range worked out: its days in the project's zone and their edges.
type span struct {
	Range
	days  []string // each day's name
	edges []int64  // start of each day, and the end of the last, milliseconds UTC
}

func (s span) from() int64 { return s.edges[0] }
func (s span) to() int64   { return s.edges[len(s.edges)-1] }

// zoneOf is the project's zone; UTC when it has none.
func zoneOf(p meta.Project) (*time.Location, error) {
	if p.Zone == "" {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil || p.Zone == "Local" {
		return nil, &Invalid{"zone", fmt.Sprintf("The project's time zone %q is not known.", p.Zone)}
	}
	return zone, nil
}

// spanOf checks a range and works out its days in the project's zone. Empty ends
// mean the last 7 days up to now.
func spanOf(p meta.Project, r Range, now time.Time) (span, error) {
	zone, err := zoneOf(p)
	if err != nil {
		return span{}, err
	}
	y, m, d := now.In(zone).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	to, err := dayIn("to", r.To, today)
	if err != nil {
		return span{}, err
	}
	from, err := dayIn("from", r.From, to.AddDate(0, 0, -6))
	if err != nil {
		return span{}, err
	}
	switch {
	case to.Before(from):
		return span{}, &Invalid{"from", "The first day is after the last one."}
	case !to.Before(from.AddDate(0, maxMonths, 0)):
		return span{}, &Invalid{"from", fmt.Sprintf("Choose at most %d months.", maxMonths)}
	case from.Year() < 2000 || to.Year() > 2199:
		return span{}, &Invalid{"from", "Choose days between 2000 and 2199."}
	}
	return spanBetween(from, to, zone), nil
}

// dayIn reads a day as midnight UTC, which here stands for the calendar day alone.
func dayIn(field, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	t, err := time.Parse(dayLayout, text)
	if err != nil {
		return time.Time{}, &Invalid{field, "Write the day like 2026-11-23."}
	}
	return t, nil
}

func spanBetween(from, to time.Time, zone *time.Location) span {
	s := span{Range: Range{From: from.Format(dayLayout), To: to.Format(dayLayout), Zone: zone.String()}}
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		s.days = append(s.days, d.Format(dayLayout))
		s.edges = append(s.edges, startOfDay(d, zone))
	}
	s.edges = append(s.edges, startOfDay(to.AddDate(0, 0, 1), zone))
	return s
}

// before is the same number of days just before the span.
func (s span) before(zone *time.Location) span {
	first, err := time.Parse(dayLayout, s.From)
	if err != nil {
		return s // a span's own days always parse
	}
	return spanBetween(first.AddDate(0, 0, -len(s.days)), first.AddDate(0, 0, -1), zone)
}

// startOfDay is the instant from which on the zone's calendar shows d or later,
// for good. Where clocks jump over midnight that is the jump; where a day is
// left out altogether (Apia, 30 December 2011) it is an empty day; where clocks
// go back over midnight, the minutes before that belong to the day before.
func startOfDay(d time.Time, zone *time.Location) int64 {
	// Zones are at most 14 hours ahead and 12 behind: look at a day either side,
	// from the last period between two clock changes backwards.
	t := d.Add(24 * time.Hour)
	for {
		start, _ := t.In(zone).ZoneBounds()
		_, offset := t.In(zone).Zone()
		midnight := d.Add(-time.Duration(offset) * time.Second)
		if start.IsZero() || midnight.After(start) {
			return midnight.UnixMilli()
		}
		// The period begins on d or later: the edge is its beginning, unless the
		// period before ends on d or later as well.
		last := start.Add(-time.Nanosecond).In(zone)
		y, m, n := last.Date()
		if time.Date(y, m, n, 0, 0, 0, 0, time.UTC).Before(d) {
			return start.UnixMilli()
		}
		t = start.Add(-time.Nanosecond)
	}
}
