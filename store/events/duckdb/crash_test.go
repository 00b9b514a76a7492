package duckdb_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
	"footpath/store/events/memory"
)

// crashData crosses two months in every batch, so that a kill falls between the
// commits of one batch now and then.
func crashData() []events.Batch {
	all := eventstest.Batches(eventstest.Data{Seed: 41, Sessions: 1_200, Batch: 20, From: ms("2026-10-31T00:00:00Z"), To: ms("2026-11-02T00:00:00Z")})
	half := len(all) / 2
	var out []events.Batch
	for i := range half {
		b, late := all[i], all[half+i]
		b.Sessions = append(b.Sessions, late.Sessions...)
		b.Events = append(b.Events, late.Events...)
		b.Counts = append(b.Counts, late.Counts...)
		b.Replace = nil // so that events and counts would double if done again
		out = append(out, b)
	}
	return out
}

// TestMain is also the program that is killed: with the directory in its
// environment it writes the batches and says which are committed.
func TestMain(m *testing.M) {
	dir := os.Getenv("FOOTPATH_TEST_CRASH_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := duckdb.Open(dir, duckdb.Config{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, b := range crashData() {
		if err := s.Write(context.Background(), b); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(b.Offset)
	}
	select {} // wait to be killed
}

// After kill -9 at any moment everything that was acknowledged is there once, and
// the offset says exactly what is there.
func TestKill(t *testing.T) {
	batches := crashData()
	for round := range 8 {
		dir := t.TempDir()
		// A commit takes some ten milliseconds: a few rounds fall between two months.
		acked := killAfter(t, dir, 1+round, round > 1, time.Duration(round-1)*6*time.Millisecond)
		s := mustOpen(t, dir, duckdb.Config{})
		offset, err := s.Offset(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if int(offset) < acked {
			t.Fatalf("offset %d, acknowledged %d", offset, acked)
		}
		ref := memory.New()
		for _, b := range batches {
			if b.Offset <= offset {
				if err := ref.Write(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
		}
		want, got := eventstest.Dump(t, ref), eventstest.Dump(t, s)
		if reflect.DeepEqual(want, got) {
			closeStore(t, s)
			continue // the same, found quickly
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("round %d: after the kill at offset %d (-want +got):\n%.3000s", round, offset, diff)
		}
		closeStore(t, s)
	}
}

// killAfter runs the program until it has acknowledged n batches, kills it then,
// or some time after a batch stands in the redo file, and returns the last offset
// that it acknowledged.
func killAfter(t *testing.T, dir string, n int, between bool, wait time.Duration) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "FOOTPATH_TEST_CRASH_DIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked := 0
	lines := bufio.NewScanner(out)
	for i := 0; i < n && lines.Scan(); i++ {
		if acked, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(10 * time.Second); between && time.Now().Before(end); {
		if _, err := os.Stat(filepath.Join(dir, "redo")); err == nil {
			time.Sleep(wait) // the moment of the kill is the point of the test
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it had said before it died
		if acked, err = strconv.Atoi(lines.Text()); err != nil {
			break // a line cut short was not said
		}
	}
	_ = cmd.Wait() // killed: always an error
	if acked == 0 {
		t.Fatal("nothing was acknowledged")
	}
	return acked
}

// A batch cut short between its two months is finished on opening, and neither
// month has anything twice.
func TestRedo(t *testing.T) {
	b := crashData()[0]
	dir := t.TempDir()
	s := mustOpen(t, dir, duckdb.Config{})
	// October has its part of the batch, as after a crash before November's commit.
	october := events.Batch{Offset: b.Offset}
	edge := ms("2026-11-01T00:00:00Z")
	in := map[events.SessionID]bool{}
	for _, r := range b.Sessions {
		if r.Start < edge {
			in[events.SessionID{Project: r.Project, Session: r.Session}] = true
			october.Sessions = append(october.Sessions, r)
		}
	}
	for _, e := range b.Events {
		if in[events.SessionID{Project: e.Project, Session: e.Session}] {
			october.Events = append(october.Events, e)
		}
	}
	for _, c := range b.Counts {
		if c.Hour < edge {
			october.Counts = append(october.Counts, c)
		}
	}
	if err := s.Write(t.Context(), october); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "redo"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, duckdb.Config{})
	defer closeStore(t, s)
	ref := memory.New()
	if err := ref.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(eventstest.Dump(t, ref), eventstest.Dump(t, s), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("(-want +got):\n%.3000s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "redo")); !os.IsNotExist(err) {
		t.Fatalf("the redo file is still there: %v", err)
	}
}
