package duckdb_test

import (
	"os/signal"
	"syscall"
	"testing"

	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
)

// limitFiles lets no file of this process grow beyond n bytes until the test ends
// or the limit is set anew; writes then fail as they do on a full disk.
func limitFiles(t *testing.T, n uint64) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: min(n, old.Max), Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: old.Max, Max: old.Max}); err != nil {
			t.Error(err)
		}
	})
}

// Faults 39 and 40: on a full disk a batch is refused whole, questions go on, nothing that
// was acknowledged is lost, and writing goes on once there is room.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, duckdb.Config{})
	batches := eventstest.Batches(eventstest.Data{Seed: 61, Sessions: 1_500, Batch: 100, From: ms("2026-11-02T00:00:00Z"), To: ms("2026-11-20T00:00:00Z")})
	written := 0
	sessions := func(s events.Reader) (n int64) {
		t.Helper()
		for i := range 2 {
			rows, err := s.Query(t.Context(), events.Query{
				Table: events.Sessions, Project: eventstest.Project(i), From: 0, To: events.MaxTime, Aggregates: []events.Aggregate{{Func: events.CountRows}},
			})
			if err != nil {
				t.Fatal(err)
			}
			n += rows.Values[0][0].(int64)
		}
		return n
	}
	for _, b := range batches[:8] {
		if err := s.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		written += len(b.Sessions)
	}
	limitFiles(t, 1<<20)
	for range 3 {
		if err := s.Write(t.Context(), batches[8]); err == nil {
			t.Fatal("a batch was taken on a full disk")
		}
		if n := sessions(s); n != int64(written) {
			t.Fatalf("%d sessions, %d were acknowledged", n, written)
		}
	}
	_ = s.Close() // cannot checkpoint: what is in the log stays there
	limitFiles(t, 1<<40)
	s = mustOpen(t, dir, duckdb.Config{})
	defer closeStore(t, s)
	if n := sessions(s); n != int64(written) {
		t.Fatalf("%d sessions after reopening, %d were acknowledged", n, written)
	}
	limitFiles(t, 2<<20)
	for _, b := range batches[8:] {
		if err := s.Write(t.Context(), b); err != nil {
			limitFiles(t, 1<<40)
			if err := s.Write(t.Context(), b); err != nil {
				t.Fatalf("with room again: %v", err)
			}
		}
		written += len(b.Sessions)
	}
	if n := sessions(s); n != int64(written) {
		t.Fatalf("%d sessions in the end, want %d", n, written)
	}
}
