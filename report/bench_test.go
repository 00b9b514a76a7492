package report_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"footpath/report"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
)

// The benchmarks' data: 13 months of two projects, some 10 events a session. The
// figures in docs/benchmarks.md are with FOOTPATH_BENCH_SESSIONS=100000.
func benchData() eventstest.Data {
	d := eventstest.Data{Seed: 51, Sessions: 5_000, Batch: 100, From: at("2025-10-24T00:00:00Z").UnixMilli(), To: at("2026-11-23T12:00:00Z").UnixMilli()}
	if n, err := strconv.Atoi(os.Getenv("FOOTPATH_BENCH_SESSIONS")); err == nil && n > 0 {
		d.Sessions = n
	}
	return d
}

// fill writes the data and reports what was written and how fast.
func fill(b *testing.B, s events.Writer, d eventstest.Data) (rows int) {
	b.Helper()
	var spent, longest time.Duration
	err := eventstest.Generate(d, func(batch events.Batch) error {
		began := time.Now()
		err := s.Write(b.Context(), batch)
		took := time.Since(began)
		spent += took
		longest = max(longest, took)
		rows += len(batch.Events) + len(batch.Sessions)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(rows)/spent.Seconds(), "rows/s")
	b.ReportMetric(float64(longest.Milliseconds()), "ms/longest-batch")
	return rows
}

func dirSize(b *testing.B, dir string) (size int64) {
	b.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	return size
}

// BenchmarkIngest writes batches of 100 sessions (about 1,100 rows), each durable
// before the next; ns/op is one whole fill.
func BenchmarkIngest(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		s, err := duckdb.Open(dir, duckdb.Config{})
		if err != nil {
			b.Fatal(err)
		}
		rows := fill(b, s, benchData())
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(dirSize(b, dir))/float64(rows), "B/row")
	}
}

// BenchmarkReplace replaces sessions in a month that has all the data, as process
// does while they are open: 20 sessions a batch; ns/op is one batch.
func BenchmarkReplace(b *testing.B) {
	s, err := duckdb.Open(b.TempDir(), duckdb.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	}()
	d := benchData()
	d.From = at("2026-11-01T00:00:00Z").UnixMilli()
	fill(b, s, d)
	d.Sessions, d.Batch = 2_000, 20
	again := eventstest.Batches(d)
	offset, err := s.Offset(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		batch := again[i%len(again)]
		offset++
		batch.Offset = offset
		if err := s.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkReports asks every report of the API, for 30 days and for 13 months.
func BenchmarkReports(b *testing.B) {
	now := at("2026-11-23T12:00:00Z")
	s, err := duckdb.Open(b.TempDir(), duckdb.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	}()
	fill(b, s, benchData())
	p := project("Europe/London")
	r := reports(s, now)
	for name, within := range map[string]report.Range{
		"30d": {From: "2026-10-25", To: "2026-11-23"},
		"13m": {From: "2025-10-24", To: "2026-11-23"},
	} {
		list, err := r.Sessions(b.Context(), p, report.SessionFilter{Range: within, Limit: 1})
		if err != nil || len(list.Rows) == 0 {
			b.Fatalf("%+v, %v", list, err)
		}
		id := list.Rows[0].ID
		for question, ask := range map[string]func(context.Context) error{
			"overview": func(ctx context.Context) error { _, err := r.Overview(ctx, p, within); return err },
			"facets":   func(ctx context.Context) error { _, err := r.Facets(ctx, p, within); return err },
			"sessions": func(ctx context.Context) error {
				_, err := r.Sessions(ctx, p, report.SessionFilter{Range: within})
				return err
			},
			"sessions-filtered": func(ctx context.Context) error {
				_, err := r.Sessions(ctx, p, report.SessionFilter{Range: within, Page: "https://site.example/apply*", Browser: "Chrome", Sort: "-active"})
				return err
			},
			"steps": func(ctx context.Context) error { _, err := r.Steps(ctx, p, id); return err },
		} {
			b.Run(question+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if err := ask(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
