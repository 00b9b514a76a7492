// Package recordingstest is the conformance suite of the recordings port; every
// engine passes it.
package recordingstest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"footpath/store/recordings"
	"footpath/wire"

	"github.com/google/go-cmp/cmp"
)

const (
	project = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")
	other   = wire.ProjectKey("ffffffffffffffffffffffffffffffffffffffff")
	day     = int32(20261123)
)

// Session gives the id of the nth made-up session.
func Session(n int) wire.ID { return wire.ID(fmt.Sprintf("session-%013d", n)) }

// Segments makes n segments of a session with recognisable bytes.
func Segments(key wire.ProjectKey, session wire.ID, class string, n int) []recordings.Segment {
	var segs []recordings.Segment
	for i := range n {
		data := bytes.Repeat([]byte(fmt.Sprintf("%s/%s/%d;", key[:4], session, i)), 50+i)
		segs = append(segs, recordings.Segment{
			Project: key, Session: session, Day: day, Class: class, Index: int32(i),
			First: int64(1000 * i), Last: int64(1000*i + 999), Data: data,
		})
	}
	return segs
}

// Read lists a session and reads every segment, or fails the test.
func Read(t *testing.T, s recordings.Store, key wire.ProjectKey, session wire.ID) []recordings.Segment {
	t.Helper()
	infos, err := s.List(t.Context(), day, key, session)
	if err != nil {
		t.Fatalf("list %s: %v", session, err)
	}
	var segs []recordings.Segment
	for _, info := range infos {
		data, err := s.Get(t.Context(), info)
		if err != nil {
			t.Fatalf("get segment %d of %s: %v", info.Index, session, err)
		}
		seg := info.Segment
		seg.Data = data
		segs = append(segs, seg)
	}
	return segs
}

// Run runs the suite. open opens the engine over dir; it is called again on the
// same directory to see what outlives the process.
func Run(t *testing.T, open func(t *testing.T, dir string) recordings.Store) {
	cases := map[string]func(t *testing.T, reopen func() recordings.Store){
		"put, list, get":             putListGet,
		"replaced as a whole":        replaced,
		"tenants apart (fault 17)":   tenants,
		"another class replaces too": classes,
		"erase stays erased":         erase,
		"drop day takes its class":   dropDay,
		"nothing there":              nothing,
		"refuses what does not fit":  refuses,
	}
	for name, fn := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var current recordings.Store
			reopen := func() recordings.Store {
				if current != nil {
					if err := current.Close(); err != nil {
						t.Fatalf("close: %v", err)
					}
				}
				current = open(t, dir)
				return current
			}
			fn(t, reopen)
			if err := current.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
		})
	}
}

func put(t *testing.T, s recordings.Store, segs []recordings.Segment) {
	t.Helper()
	if err := s.Put(t.Context(), segs); err != nil {
		t.Fatalf("put: %v", err)
	}
}

func want(t *testing.T, s recordings.Store, key wire.ProjectKey, session wire.ID, segs []recordings.Segment) {
	t.Helper()
	if d := cmp.Diff(segs, Read(t, s, key, session)); d != "" {
		t.Fatalf("session %s (-want +got):\n%s", session, d)
	}
}

func putListGet(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	for i := range 20 {
		put(t, s, Segments(project, Session(i), "30d", 1+i%4))
	}
	for range 2 {
		for i := range 20 {
			want(t, s, project, Session(i), Segments(project, Session(i), "30d", 1+i%4))
		}
		s = reopen()
	}
}

func replaced(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	put(t, s, Segments(project, Session(1), "30d", 5))
	fewer := Segments(project, Session(1), "30d", 2)
	fewer[0].Data = []byte("late chunk included")
	put(t, s, fewer)
	want(t, s, project, Session(1), fewer)
	want(t, reopen(), project, Session(1), fewer)
}

func tenants(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	put(t, s, Segments(project, Session(1), "30d", 2))
	put(t, s, Segments(other, Session(1), "30d", 3))
	want(t, s, project, Session(1), Segments(project, Session(1), "30d", 2))
	want(t, s, other, Session(1), Segments(other, Session(1), "30d", 3))
	if err := s.Erase(t.Context(), day, other, Session(1)); err != nil {
		t.Fatal(err)
	}
	want(t, s, project, Session(1), Segments(project, Session(1), "30d", 2))
	want(t, s, other, Session(1), nil)
}

func classes(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	put(t, s, Segments(project, Session(1), "30d", 3))
	put(t, s, Segments(project, Session(1), "90d", 2))
	want(t, s, project, Session(1), Segments(project, Session(1), "90d", 2))
	want(t, reopen(), project, Session(1), Segments(project, Session(1), "90d", 2))
}

func erase(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	put(t, s, Segments(project, Session(1), "30d", 3))
	put(t, s, Segments(project, Session(2), "30d", 1))
	for range 2 {
		if err := s.Erase(t.Context(), day, project, Session(1)); err != nil {
			t.Fatal(err)
		}
		want(t, s, project, Session(1), nil)
		want(t, s, project, Session(2), Segments(project, Session(2), "30d", 1))
		s = reopen()
		want(t, s, project, Session(1), nil)
	}
}

func dropDay(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	put(t, s, Segments(project, Session(1), "30d", 3))
	put(t, s, Segments(project, Session(2), "90d", 1))
	infos, err := s.List(t.Context(), day, project, Session(1))
	if err != nil || len(infos) != 3 {
		t.Fatalf("list: %d segments, %v", len(infos), err)
	}
	for range 2 {
		if err := s.DropDay(t.Context(), day, "30d"); err != nil {
			t.Fatal(err)
		}
	}
	want(t, s, project, Session(1), nil)
	if _, err := s.Get(t.Context(), infos[0]); !errors.Is(err, recordings.ErrNotFound) {
		t.Fatalf("get after drop: %v, want ErrNotFound", err)
	}
	s = reopen()
	want(t, s, project, Session(2), Segments(project, Session(2), "90d", 1))
	put(t, s, Segments(project, Session(3), "30d", 2))
	want(t, s, project, Session(3), Segments(project, Session(3), "30d", 2))
}

func nothing(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	want(t, s, project, Session(1), nil)
	if err := s.Put(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), day, project, Session(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.DropDay(t.Context(), day, "30d"); err != nil {
		t.Fatal(err)
	}
}

func refuses(t *testing.T, reopen func() recordings.Store) {
	s := reopen()
	bad := map[string]func(segs []recordings.Segment){
		"class":   func(segs []recordings.Segment) { segs[0].Class, segs[1].Class = "../30", "../30" },
		"session": func(segs []recordings.Segment) { segs[1].Session = Session(2) },
		"index":   func(segs []recordings.Segment) { segs[1].Index = 3 },
		"day":     func(segs []recordings.Segment) { segs[0].Day, segs[1].Day = 5, 5 },
		"project": func(segs []recordings.Segment) { segs[0].Project, segs[1].Project = "x", "x" },
	}
	for name, spoil := range bad {
		segs := Segments(project, Session(1), "30d", 2)
		spoil(segs)
		if err := s.Put(t.Context(), segs); err == nil {
			t.Errorf("put with a bad %s was taken", name)
		}
	}
	want(t, s, project, Session(1), nil)
}
