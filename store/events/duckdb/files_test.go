package duckdb_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
)

func ms(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err) // a test's own constant
	}
	return t.UnixMilli()
}

func mustOpen(t *testing.T, dir string, c duckdb.Config) *duckdb.Store {
	t.Helper()
	s, err := duckdb.Open(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t *testing.T, s *duckdb.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// holding lists the files below dir that contain the marker.
func holding(t *testing.T, dir, marker string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Contains(data, []byte(marker)) {
			out = append(out, filepath.Base(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Fault 84: after Erase and Scrub a planted marker is nowhere below the data
// directory, neither while the store is open nor after it was closed.
func TestErasedBytesAreGone(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, duckdb.Config{})
	marker := "marker-5d1f0c83-b27e-4a96-8c0d"
	batches := eventstest.Batches(eventstest.Data{Seed: 31, Sessions: 600, Batch: 100, From: ms("2026-10-25T00:00:00Z"), To: ms("2026-11-05T00:00:00Z")})
	var keys []events.SessionKey
	for i := range batches {
		b := &batches[i]
		// Different markers of one kind, so that no dictionary shortens them.
		for j := range b.Sessions[:10] {
			b.Sessions[j].Entry = fmt.Sprintf("https://site.example/%s/%d-%d", marker, i, j)
			keys = append(keys, b.Replace[j])
		}
		for j := range b.Events {
			if slices.ContainsFunc(b.Replace[:10], func(k events.SessionKey) bool { return k.Session == b.Events[j].Session }) {
				b.Events[j].Title = fmt.Sprintf("%s %d %d", marker, i, j)
			}
		}
		if err := s.Write(t.Context(), *b); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s)
	if found := holding(t, dir, marker); len(found) != 2 {
		t.Fatalf("the marker should be in two months before the erasure, is in %v", found)
	}
	s = mustOpen(t, dir, duckdb.Config{})
	if err := s.Erase(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	// A crash between the two must not forget that the files need scrubbing.
	closeStore(t, s)
	s = mustOpen(t, dir, duckdb.Config{})
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := holding(t, dir, marker); len(found) > 0 {
		t.Fatalf("after Scrub the marker is in %v", found)
	}
	left := eventstest.Dump(t, s)
	if n := len(left[events.Sessions]); n != 540 {
		t.Fatalf("%d sessions left, want 540", n)
	}
	closeStore(t, s)
	if found := holding(t, dir, marker); len(found) > 0 {
		t.Fatalf("after closing the marker is in %v", found)
	}
}

// A scrub that is cancelled at any moment leaves every month usable, and the next
// one finishes it.
func TestCancelledScrub(t *testing.T) {
	s := mustOpen(t, t.TempDir(), duckdb.Config{})
	b := eventstest.Batches(eventstest.Data{Seed: 34, Sessions: 80, From: ms("2026-11-05T00:00:00Z"), To: ms("2026-11-06T00:00:00Z")})[0]
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for i, k := range b.Replace[:30] {
		if err := s.Erase(t.Context(), []events.SessionKey{k}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
		_ = s.Scrub(ctx) // cut short or not
		cancel()
		if n := len(eventstest.Dump(t, s)[events.Sessions]); n != 80-i-1 {
			t.Fatalf("%d sessions left after %d scrubs", n, i+1)
		}
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
}

// Each month of session starts has its own file, and nothing else is left lying
// about once the store is closed.
func TestFilesByMonth(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's a dir; naïve")
	s := mustOpen(t, dir, duckdb.Config{})
	b := eventstest.Batches(eventstest.Data{Seed: 32, Sessions: 50, From: ms("2026-10-25T00:00:00Z"), To: ms("2027-01-05T00:00:00Z")})[0]
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := "2026-10.duckdb 2026-11.duckdb 2026-12.duckdb 2027-01.duckdb tmp"
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
}

func TestQuestionMarkIsRefused(t *testing.T) {
	if _, err := duckdb.Open(filepath.Join(t.TempDir(), "what?"), duckdb.Config{}); err == nil || !strings.Contains(err.Error(), "question mark") {
		t.Fatalf("error %v", err)
	}
}

// The stored tables have the columns of events.Columns, in that order.
func TestTablesMatchColumns(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, duckdb.Config{})
	b := eventstest.Batches(eventstest.Data{Seed: 33, Sessions: 1, From: ms("2026-11-05T00:00:00Z"), To: ms("2026-11-06T00:00:00Z")})[0]
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	db, err := sql.Open("duckdb", filepath.Join(dir, "2026-11.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	types := map[events.Type]string{events.Int: "BIGINT", events.Text: "VARCHAR", events.List: "VARCHAR[]"}
	for _, table := range []events.Table{events.Events, events.Sessions, events.Counts} {
		rows, err := db.Query("SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", string(table))
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for rows.Next() {
			var name, kind string
			var null bool
			if err := rows.Scan(&name, &kind, &null); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(name, " ", kind, " ", null))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		for _, c := range events.Columns(table) {
			want = append(want, fmt.Sprint(c.Name, " ", types[c.Type], " false"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has\n%v, want\n%v", table, got, want)
		}
	}
}

func TestNewerTablesAreRefused(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, duckdb.Config{})
	b := eventstest.Batches(eventstest.Data{Seed: 33, Sessions: 1, From: ms("2026-11-05T00:00:00Z"), To: ms("2026-11-06T00:00:00Z")})[0]
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	db, err := sql.Open("duckdb", filepath.Join(dir, "2026-11.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE state SET value = 999 WHERE name = 'version'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := duckdb.Open(dir, duckdb.Config{}); err == nil || !strings.Contains(err.Error(), "2026-11") || !strings.Contains(err.Error(), "999") {
		t.Fatalf("opened a newer file: %v", err)
	}
}

func TestSlowQuestionsEnd(t *testing.T) {
	s := mustOpen(t, t.TempDir(), duckdb.Config{Limit: time.Nanosecond})
	defer closeStore(t, s)
	_, err := s.Query(t.Context(), eventstest.All(events.Sessions, eventstest.Project(0)))
	if !errors.Is(err, events.ErrSlow) {
		t.Fatalf("error %v", err)
	}
}

// Questions go on while batches are written, months come and go, and files are
// rewritten; each sees whole batches.
func TestReadersDuringWritesAndScrub(t *testing.T) {
	s := mustOpen(t, t.TempDir(), duckdb.Config{Attached: 1})
	defer closeStore(t, s)
	batches := eventstest.Batches(eventstest.Data{Seed: 34, Projects: 1, Sessions: 600, Batch: 20, From: ms("2026-08-01T00:00:00Z"), To: ms("2026-11-30T00:00:00Z")})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			q := events.Query{
				Table: events.Sessions, Project: eventstest.Project(0), From: ms("2026-08-01T00:00:00Z"), To: ms("2026-12-30T00:00:00Z"),
				Aggregates: []events.Aggregate{{Func: events.CountRows}, {Func: events.Distinct, Column: "session"}},
			}
			for ctx.Err() == nil {
				rows, err := s.Query(ctx, q)
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				if rows.Values[0][0] != rows.Values[0][1] {
					t.Errorf("a session was seen twice or half: %v", rows.Values[0])
				}
			}
		})
	}
	for i, b := range batches {
		if err := s.Write(ctx, b); err != nil {
			t.Fatal(err)
		}
		if i%5 == 4 {
			if err := errors.Join(s.Erase(ctx, b.Replace[:1]), s.Scrub(ctx)); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	wg.Wait()
	if n := len(eventstest.Dump(t, s)[events.Sessions]); n != 594 {
		t.Fatalf("%d sessions, want 594", n)
	}
}
