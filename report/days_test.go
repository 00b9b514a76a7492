package report

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"footpath/store/meta"
)

// Zones with every oddity: clocks that jump or go back over midnight, half hours,
// a day left out, both ends of the scale.
var zones = []string{
	"UTC", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "Asia/Beirut", "Asia/Tehran",
	"Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Kwajalein", "Etc/GMT+12", "Asia/Kathmandu", "Africa/Cairo", "America/Asuncion",
}

// dateAt is the calendar day that a zone shows, as a number that grows.
func dateAt(ms int64, zone *time.Location) int {
	y, m, d := time.UnixMilli(ms).In(zone).Date()
	return y*10_000 + int(m)*100 + d
}

// Fault 49: days in reports begin and end where the zone's calendar does.
func TestDaysFollowTheZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		first := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 12_000).Draw(t, "day"))
		s := spanBetween(first, first.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days")), zone)
		if len(s.edges) != len(s.days)+1 {
			t.Fatalf("%d edges of %d days", len(s.edges), len(s.days))
		}
		// A day's edge is the first instant from which on the calendar shows that
		// day or later, for good.
		for i, name := range s.days {
			want, from := toNumber(t, name), s.edges[i]
			if s.edges[i+1] < from || s.edges[i+1] > from+26*hour {
				t.Fatalf("%s in %s lasts %d ms", name, zone, s.edges[i+1]-from)
			}
			if got := dateAt(from-1, zone); got >= want {
				t.Fatalf("%s in %s: %d just before its edge", name, zone, got)
			}
			for ms := from; ms < from+26*hour; ms += hour / 4 {
				if got := dateAt(ms, zone); got < want {
					t.Fatalf("%s in %s: %d, %d ms after its edge", name, zone, got, ms-from)
				}
			}
		}
	})
}

func toNumber(t *rapid.T, name string) int {
	d, err := time.Parse(dayLayout, name)
	if err != nil {
		t.Fatal(err)
	}
	return dateAt(d.UnixMilli(), time.UTC)
}

// Known days, worked out by hand.
func TestKnownDays(t *testing.T) {
	for _, c := range []struct {
		zone, day, from, to string
	}{
		{"Europe/London", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"},
		{"Europe/London", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"}, // begins at 01:00
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},      // left out
		{"America/St_Johns", "2010-11-07", "2010-11-07T03:30:00Z", "2010-11-08T03:30:00Z"},  // 00:01 went back to 23:01
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d, err := time.Parse(dayLayout, c.day)
		if err != nil {
			t.Fatal(err)
		}
		s := spanBetween(d, d, zone)
		at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
		if at(s.from()) != c.from || at(s.to()) != c.to {
			t.Errorf("%s %s: %s to %s, want %s to %s", c.zone, c.day, at(s.from()), at(s.to()), c.from, c.to)
		}
	}
}

func TestRangesAreChecked(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC)
	ny := meta.Project{Zone: "America/New_York"}
	for _, c := range []struct {
		p        meta.Project
		in       Range
		from, to string
		field    string
	}{
		{ny, Range{}, "2026-11-16", "2026-11-22", ""}, // it is still the 22nd there
		{ny, Range{From: "2025-11-24", To: "2026-11-23"}, "2025-11-24", "2026-11-23", ""},
		{ny, Range{From: "2025-10-23", To: "2026-11-22"}, "2025-10-23", "2026-11-22", ""}, // exactly 13 months
		{ny, Range{From: "2025-10-23", To: "2026-11-23"}, "", "", "from"},
		{ny, Range{From: "2026-11-23", To: "2026-11-22"}, "", "", "from"},
		{ny, Range{From: "23/11/2026"}, "", "", "from"},
		{ny, Range{To: "2026-02-30"}, "", "", "to"},
		{ny, Range{From: "1970-01-01", To: "1970-01-02"}, "", "", "from"},
		{meta.Project{Zone: "Mars/Base"}, Range{}, "", "", "zone"},
		{meta.Project{Zone: "../../etc/passwd"}, Range{}, "", "", "zone"},
	} {
		s, err := spanOf(c.p, c.in, now)
		var invalid *Invalid
		if errors.As(err, &invalid) != (c.field != "") || c.field != "" && invalid.Field != c.field {
			t.Errorf("%+v: %v, want field %q", c.in, err, c.field)
		}
		if err == nil && (s.From != c.from || s.To != c.to) {
			t.Errorf("%+v: %s to %s", c.in, s.From, s.To)
		}
	}
}

func TestBefore(t *testing.T) {
	s, err := spanOf(meta.Project{}, Range{From: "2026-03-01", To: "2026-03-10"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if b := s.before(time.UTC); b.From != "2026-02-19" || b.To != "2026-02-28" || b.to() != s.from() {
		t.Fatalf("%s to %s", b.From, b.To)
	}
}
