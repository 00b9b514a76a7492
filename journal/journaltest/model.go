package journaltest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"footpath/journal"
)

// Model runs random programs of appending, forgetting, reading and reopening, and
// compares the log with a plain list. Forgotten entries may come back when the log
// is opened again; nothing else may.
func Model(t *testing.T, fresh func(t *testing.T) func() journal.Log) {
	rapid.Check(t, func(rt *rapid.T) {
		open := fresh(t)
		m := &model{log: open(), kept: map[journal.Position]journal.Chunk{}, gone: map[journal.Position]journal.Chunk{}}
		defer func() { _ = m.log.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"append": m.append,
			"forget": m.forget,
			"reopen": func(rt *rapid.T) {
				if err := m.log.Close(); err != nil {
					rt.Fatal(err)
				}
				m.log = open()
				m.reopened(rt)
			},
			"": m.check,
		})
	})
}

type model struct {
	log        journal.Log
	kept, gone map[journal.Position]journal.Chunk
	last       journal.Position
	n          int
}

func (m *model) append(rt *rapid.T) {
	var chunks []journal.Chunk
	for range rapid.IntRange(1, 4).Draw(rt, "chunks") {
		m.n++
		body := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "body")
		chunks = append(chunks, Chunk(rapid.IntRange(0, 3).Draw(rt, "session"), m.n, string(body)))
	}
	positions, err := m.log.Append(context.Background(), chunks)
	if err != nil {
		rt.Fatal(err)
	}
	for i, at := range positions {
		if at <= m.last {
			rt.Fatalf("position %d after %d", at, m.last)
		}
		m.last, m.kept[at] = at, chunks[i]
	}
}

func (m *model) forget(rt *rapid.T) {
	var positions []journal.Position
	for _, at := range sorted(m.kept) {
		if rapid.IntRange(0, 2).Draw(rt, "forget") == 0 {
			positions = append(positions, at)
			m.gone[at] = m.kept[at]
			delete(m.kept, at)
		}
	}
	if err := m.log.Forget(context.Background(), positions); err != nil {
		rt.Fatal(err)
	}
}

// reopened takes up the forgotten entries that have come back.
func (m *model) reopened(rt *rapid.T) {
	for _, e := range m.read(rt) {
		if c, was := m.gone[e.Position]; was {
			m.kept[e.Position] = c
			delete(m.gone, e.Position)
		}
	}
}

// read gives all entries, without waiting for new ones.
func (m *model) read(rt *rapid.T) []journal.Entry {
	end := m.log.End()
	// A marker after the end stops the tail wherever the last entries are gone.
	marker := Chunk(9, 0, "marker")
	positions, err := m.log.Append(context.Background(), []journal.Chunk{marker})
	if err != nil {
		rt.Fatal(err)
	}
	m.last = positions[0]
	var got []journal.Entry
	err = m.log.Tail(context.Background(), 0, func(e journal.Entry) error {
		if e.Position > end {
			return errEnough
		}
		got = append(got, e)
		return nil
	})
	if err != errEnough {
		rt.Fatal(err)
	}
	if err := m.log.Forget(context.Background(), positions); err != nil {
		rt.Fatal(err)
	}
	m.gone[positions[0]] = marker
	return got
}

func (m *model) check(rt *rapid.T) {
	var got []string
	for _, e := range m.read(rt) {
		got = append(got, line(e.Position, e.Chunk))
	}
	var want []string
	for _, at := range sorted(m.kept) {
		want = append(want, line(at, m.kept[at]))
	}
	if !slices.Equal(got, want) {
		rt.Fatalf("the log holds\n%q\nwant\n%q", got, want)
	}
	for session := range 4 {
		entries, err := m.log.Session(context.Background(), Project, ID("S", session))
		if err != nil {
			rt.Fatal(err)
		}
		var got, want []string
		for _, e := range entries {
			got = append(got, line(e.Position, e.Chunk))
		}
		for _, at := range sorted(m.kept) {
			if m.kept[at].Session == ID("S", session) {
				want = append(want, line(at, m.kept[at]))
			}
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("session %d holds\n%q\nwant\n%q", session, got, want)
		}
	}
}

func line(at journal.Position, c journal.Chunk) string {
	return fmt.Sprintf("%d %s %d %x", at, c.Session, c.Seq, c.Body)
}

func sorted(m map[journal.Position]journal.Chunk) []journal.Position {
	var positions []journal.Position
	for at := range m {
		positions = append(positions, at)
	}
	slices.Sort(positions)
	return positions
}
