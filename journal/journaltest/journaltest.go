// Package journaltest is the conformance suite of journal.Log: every engine
// passes it.
package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"footpath/journal"
	"footpath/wire"
)

// Project is the project of the suite's chunks.
const Project = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")

// ID makes an id from a letter and a number.
func ID(kind string, n int) wire.ID { return wire.ID(fmt.Sprintf("%s%020d", kind, n)) }

// Chunk makes the seq-th chunk of a session; body is its sealed body.
func Chunk(session, seq int, body string) journal.Chunk {
	return journal.Chunk{
		Header: wire.Header{
			Codec: wire.CodecRRWeb, Flags: wire.FlagTierB | wire.FlagConsent, Project: Project,
			Session: ID("S", session), Visitor: ID("V", session), Record: ID("R", session),
			Seq: uint32(seq), Events: 3, SentMs: 1795456800000 + int64(seq), Sum: uint32(len(body)),
		},
		Arrived: 1795456800500 + int64(seq), Day: 20261123,
		Client: journal.Client{Device: "desktop", Browser: "Chrome 156", OS: "Windows", Country: "GB"},
		Body:   []byte(body),
	}
}

// Run runs the suite. open opens the log that is kept at one place: a second
// call, after Close, finds what the first left.
func Run(t *testing.T, fresh func(t *testing.T) func() journal.Log) {
	t.Run("what is appended is read", func(t *testing.T) { appended(t, fresh(t)) })
	t.Run("counting chunks have no session", func(t *testing.T) { counting(t, fresh(t)) })
	t.Run("a closed log says so", func(t *testing.T) { closed(t, fresh(t)) })
	t.Run("many writers keep a session's order", func(t *testing.T) { concurrent(t, fresh(t)) })
	t.Run("forgotten is gone", func(t *testing.T) { forgotten(t, fresh(t)) })
	t.Run("tail follows", func(t *testing.T) { follows(t, fresh(t)) })
}

// Append appends or fails the test.
func Append(t *testing.T, l journal.Log, chunks ...journal.Chunk) []journal.Position {
	t.Helper()
	positions, err := l.Append(context.Background(), chunks)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	if len(positions) != len(chunks) {
		t.Fatalf("%d positions for %d chunks", len(positions), len(chunks))
	}
	return positions
}

var errEnough = errors.New("enough")

// Read reads entries after from until End, in order.
func Read(t *testing.T, l journal.Log, from journal.Position) []journal.Entry {
	t.Helper()
	end := l.End()
	if from >= end {
		return nil
	}
	var got []journal.Entry
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err := l.Tail(ctx, from, func(e journal.Entry) error {
		got = append(got, e)
		if e.Position >= end {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("tail after %d: %v", from, err)
	}
	return got
}

func session(t *testing.T, l journal.Log, n int) []journal.Entry {
	t.Helper()
	got, err := l.Session(context.Background(), Project, ID("S", n))
	if err != nil {
		t.Fatalf("session %d: %v", n, err)
	}
	return got
}

func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("differs (- want, + got):\n%s", d)
	}
}

func closeLog(t *testing.T, l journal.Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func appended(t *testing.T, open func() journal.Log) {
	l := open()
	if l.End() != 0 {
		t.Fatalf("end of an empty log: %d", l.End())
	}
	var want []journal.Entry
	for i := range 10 {
		c := Chunk(i%3, i, fmt.Sprintf("body %d", i))
		if i == 4 {
			c.Body, c.Token, c.Client = nil, "token", journal.Client{Bot: true}
		}
		want = append(want, journal.Entry{Position: Append(t, l, c)[0], Chunk: c})
	}
	for range 2 {
		same(t, Read(t, l, 0), want)
		same(t, Read(t, l, want[3].Position), want[4:])
		same(t, session(t, l, 1), []journal.Entry{want[1], want[4], want[7]})
		same(t, session(t, l, 99), nil)
		if got, err := l.Session(context.Background(), "ffffffffffffffffffffffffffffffffffffffff", ID("S", 1)); err != nil || len(got) > 0 {
			t.Fatalf("the same session id under another project (fault 17): %d entries, %v", len(got), err)
		}
		if l.End() != want[9].Position {
			t.Fatalf("end %d, want %d", l.End(), want[9].Position)
		}
		closeLog(t, l)
		l = open()
	}
	if next := Append(t, l, Chunk(1, 10, "more"))[0]; next <= want[9].Position {
		t.Fatalf("position %d after a restart, had %d", next, want[9].Position)
	}
	closeLog(t, l)
}

func counting(t *testing.T, open func() journal.Log) {
	l := open()
	c := Chunk(1, 0, "count")
	c.Flags, c.Session, c.Visitor = 0, "", ""
	at := Append(t, l, c)[0]
	same(t, Read(t, l, 0), []journal.Entry{{Position: at, Chunk: c}})
	if got, err := l.Session(context.Background(), Project, ""); err != nil || len(got) > 0 {
		t.Fatalf("a session without id: %d entries, %v", len(got), err)
	}
	closeLog(t, l)
}

func closed(t *testing.T, open func() journal.Log) {
	l := open()
	closeLog(t, l)
	closeLog(t, l)
	ctx := context.Background()
	if _, err := l.Append(ctx, []journal.Chunk{Chunk(1, 0, "x")}); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if err := l.Tail(ctx, 0, func(journal.Entry) error { return nil }); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("tail: %v", err)
	}
}

func concurrent(t *testing.T, open func() journal.Log) {
	l := open()
	const writers, each = 16, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			last := journal.Position(0)
			for i := range each {
				positions, err := l.Append(context.Background(), []journal.Chunk{Chunk(w, 2*i, "a"), Chunk(w, 2*i+1, "b")})
				if err != nil || positions[0] <= last || positions[1] <= positions[0] {
					t.Errorf("writer %d: positions %v after %d, %v", w, positions, last, err)
					return
				}
				last = positions[1]
			}
		})
	}
	wg.Wait()
	closeLog(t, l)
	l = open()
	for w := range writers {
		entries := session(t, l, w)
		if len(entries) != 2*each {
			t.Fatalf("session %d has %d entries, want %d", w, len(entries), 2*each)
		}
		for i, e := range entries {
			if e.Chunk.Seq != uint32(i) {
				t.Fatalf("session %d: entry %d has number %d", w, i, e.Chunk.Seq)
			}
		}
	}
	if got := Read(t, l, 0); len(got) != 2*writers*each {
		t.Fatalf("%d entries, want %d", len(got), 2*writers*each)
	}
	closeLog(t, l)
}

func forgotten(t *testing.T, open func() journal.Log) {
	l := open()
	var positions []journal.Position
	for i := range 6 {
		positions = append(positions, Append(t, l, Chunk(i%2, i, "x"))...)
	}
	ctx := context.Background()
	for range 2 {
		if err := l.Forget(ctx, append(positions[:3:3], 0, 1<<60)); err != nil {
			t.Fatal(err)
		}
	}
	var left []uint32
	for _, e := range Read(t, l, 0) {
		left = append(left, e.Chunk.Seq)
	}
	same(t, left, []uint32{3, 4, 5})
	if got := session(t, l, 0); len(got) != 1 || got[0].Chunk.Seq != 4 {
		t.Fatalf("session after forgetting: %d entries", len(got))
	}
	if err := l.Forget(ctx, positions); err != nil {
		t.Fatal(err)
	}
	same(t, session(t, l, 1), nil)
	next := Append(t, l, Chunk(1, 9, "y"))[0]
	if next <= positions[5] {
		t.Fatalf("position %d reused", next)
	}
	got := Read(t, l, positions[5])
	if len(got) != 1 || got[0].Position != next {
		t.Fatalf("after forgetting all: %d entries", len(got))
	}
	closeLog(t, l)
}

func follows(t *testing.T, open func() journal.Log) {
	l := open()
	const n = 200
	seen := make(chan uint32, n)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- l.Tail(ctx, 0, func(e journal.Entry) error {
			seen <- e.Chunk.Seq
			return nil
		})
	}()
	for i := range n {
		Append(t, l, Chunk(1, i, "x"))
	}
	for i := range n {
		select {
		case got := <-seen:
			if got != uint32(i) {
				t.Fatalf("entry %d has number %d", i, got)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("entry %d did not come", i)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatalf("tail ended with %v", err)
	}
	closeLog(t, l)
}
