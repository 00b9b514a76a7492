package retention

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Fault 50: month ends. Of each day it is said on which day it was kept last.
func TestCutOffAtMonthEnds(t *testing.T) {
	f := func(now string, months int, want string) {
		t.Helper()
		at, err := time.Parse(time.DateTime, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := cutOff(at, time.UTC, months).Format(time.DateTime); got != want {
			t.Errorf("cutOff(%s, %d months) = %s, want %s", now, months, got, want)
		}
	}
	f("2026-11-23 00:00:00", 13, "2025-10-23 00:00:00")
	f("2026-11-23 23:59:59", 13, "2025-10-23 00:00:00")
	f("2026-03-28 12:00:00", 1, "2026-02-28 00:00:00")
	f("2026-03-29 12:00:00", 1, "2026-03-01 00:00:00") // of February nothing is left
	f("2026-02-28 12:00:00", 1, "2026-01-28 00:00:00") // 29 to 31 January are due today, the last day of the month
	f("2026-03-01 12:00:00", 1, "2026-02-01 00:00:00")
	f("2028-02-29 12:00:00", 12, "2027-03-01 00:00:00")
	f("2027-02-28 12:00:00", 12, "2026-02-28 00:00:00")
}

// The rule, said the other way round and day by day: a day is kept until the same
// day so many months later, or that month's last day, has ended.
func TestCutOffKeepsExactlyTheDaysThatAreNotDue(t *testing.T) {
	due := func(day time.Time, months int) time.Time {
		y, m, d := day.Date()
		last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
		if d < last.Day() {
			return last.AddDate(0, 0, d-last.Day())
		}
		return last
	}
	zones := []string{"UTC", "Europe/London", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia", "Pacific/Kiritimati", "Africa/Casablanca"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		months := rapid.IntRange(1, maxEventMonths).Draw(t, "months")
		now := time.UnixMilli(rapid.Int64Range(1_000_000_000_000, 2_500_000_000_000).Draw(t, "now"))
		cut := cutOff(now, zone, months)
		today := calendar(now, zone)
		for _, at := range []time.Time{cut.Add(-time.Millisecond), cut, cut.Add(24 * time.Hour)} {
			day := calendar(at, zone)
			if kept, want := !at.Before(cut), !today.After(due(day, months)); kept != want {
				t.Fatalf("today %s, cut %s: a row of %s is kept: %v, want %v", today.Format(time.DateOnly), cut, day.Format(time.DateOnly), kept, want)
			}
		}
	})
}
