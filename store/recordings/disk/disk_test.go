package disk

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"footpath/store/recordings"
	"footpath/store/recordings/recordingstest"
	"footpath/wire"
)

const (
	project = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")
	day     = int32(20261123)
)

func openIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Config{ObjectBytes: 4096, Groups: 2, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestConformance(t *testing.T) {
	recordingstest.Run(t, func(t *testing.T, dir string) recordings.Store { return openIn(t, dir) })
}

// Fault 65: wrong bytes in one segment are that segment's damage alone.
func TestBitFlipDamagesOneSegment(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	if err := s.Put(t.Context(), recordingstest.Segments(project, recordingstest.Session(1), "30d", 3)); err != nil {
		t.Fatal(err)
	}
	infos, err := s.List(t.Context(), day, project, recordingstest.Session(1))
	if err != nil {
		t.Fatal(err)
	}
	flip(t, filepath.Join(dir, infos[1].Object), infos[1].Offset+7)
	for i, info := range infos {
		_, err := s.Get(t.Context(), info)
		if (i == 1) != errors.Is(err, recordings.ErrDamaged) {
			t.Errorf("segment %d: %v", i, err)
		}
	}
	// Short and missing objects (fault 65).
	if err := os.Truncate(filepath.Join(dir, infos[2].Object), infos[2].Offset+3); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), infos[2]); !errors.Is(err, recordings.ErrDamaged) {
		t.Errorf("short object: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, infos[0].Object)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), infos[0]); !errors.Is(err, recordings.ErrNotFound) {
		t.Errorf("missing object: %v", err)
	}
}

// Fault 34: an index cut off anywhere loses what was half written and nothing else.
func TestTornIndex(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	for i := range 3 {
		if err := s.Put(t.Context(), recordingstest.Segments(project, recordingstest.Session(i), "30d", 2)); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	index := filepath.Join(dir, "20261123.30d.idx")
	whole, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	third := len(frame(putRecord(sessionKey{project, recordingstest.Session(2)}, nil)))
	for cut := len(whole) - 1; cut > len(whole)-third; cut-- {
		if err := os.WriteFile(index, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := openIn(t, dir)
		for i := range 3 {
			got := len(recordingstest.Read(t, s, project, recordingstest.Session(i)))
			if want := map[int]int{0: 2, 1: 2, 2: 0}[i]; got != want {
				t.Fatalf("cut at %d: session %d has %d segments, want %d", cut, i, got, want)
			}
		}
		// Writing goes on behind the last good record.
		if err := s.Put(t.Context(), recordingstest.Segments(project, recordingstest.Session(9), "30d", 1)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		s = openIn(t, dir)
		if got := len(recordingstest.Read(t, s, project, recordingstest.Session(9))); got != 1 {
			t.Fatalf("cut at %d: after a new put %d segments, want 1", cut, got)
		}
		s.Close()
	}
}

// Fault 35: damage in the middle of the index, in a length or in a payload, hides
// that session and no other.
func TestDamagedIndex(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	for i := range 3 {
		if err := s.Put(t.Context(), recordingstest.Segments(project, recordingstest.Session(i), "30d", 2)); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	index := filepath.Join(dir, "20261123.30d.idx")
	whole, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	record := (len(whole) - headLen) / 3
	for at := range record {
		spoiled := bytes.Clone(whole)
		spoiled[headLen+record+at] ^= 0x40
		if err := os.WriteFile(index, spoiled, 0o600); err != nil {
			t.Fatal(err)
		}
		s := openIn(t, dir)
		for i, want := range []int{2, 0, 2} {
			if got := len(recordingstest.Read(t, s, project, recordingstest.Session(i))); got != want {
				t.Fatalf("flip at %d of the second record: session %d has %d segments, want %d", at, i, got, want)
			}
		}
		s.Close()
	}
}

// Fault 36: after a failed write nothing more is written to the same files.
func TestFailedWriteBeginsNewObject(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	put := func(n int) error {
		return s.Put(t.Context(), recordingstest.Segments(project, recordingstest.Session(n), "30d", 1))
	}
	if err := put(1); err != nil {
		t.Fatal(err)
	}
	s.groups["20261123.30d"].object.Close() // every later write and sync of it fails
	if err := put(2); err == nil {
		t.Fatal("a put into a failed object was taken")
	}
	if err := put(3); err != nil {
		t.Fatalf("put after the failure: %v", err)
	}
	infos, err := s.List(t.Context(), day, project, recordingstest.Session(3))
	if err != nil || len(infos) != 1 || infos[0].Object != "20261123.30d.0002.pack" {
		t.Fatalf("after the failure: %+v, %v", infos, err)
	}
	for n, want := range map[int]int{1: 1, 2: 0, 3: 1} {
		if got := len(recordingstest.Read(t, s, project, recordingstest.Session(n))); got != want {
			t.Errorf("session %d has %d segments, want %d", n, got, want)
		}
	}
}

// Fault 74: a file of a later format is refused by name and left alone.
func TestLaterFormatRefused(t *testing.T) {
	dir := t.TempDir()
	index := filepath.Join(dir, "20261123.30d.idx")
	later := append([]byte(indexMagic), Version+1, 0, 0, 0, 1, 2, 3)
	if err := os.WriteFile(index, later, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openIn(t, dir)
	if _, err := s.List(t.Context(), day, project, recordingstest.Session(1)); err == nil {
		t.Fatal("an index of a later format was read")
	}
	if got, _ := os.ReadFile(index); !bytes.Equal(got, later) {
		t.Fatal("the file was changed")
	}
}

func flip(t *testing.T, path string, at int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
