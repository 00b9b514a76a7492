package disk

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"footpath/store/recordings/recordingstest"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files of the newest version")

// What version 1 wrote is read for ever.
func TestGoldenFiles(t *testing.T) {
	const golden = "testdata/v1"
	if *update {
		s := openIn(t, golden)
		for i := range 3 {
			if err := s.Put(t.Context(), recordingstest.Segments(project, recordingstest.Session(i), "30d", 2)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Erase(t.Context(), day, project, recordingstest.Session(1)); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) < 2 {
		t.Fatalf("golden files: %v", names)
	}
	s := openIn(t, dir)
	for i, n := range []int{2, 0, 2} {
		want := recordingstest.Segments(project, recordingstest.Session(i), "30d", n)
		if d := cmp.Diff(want, recordingstest.Read(t, s, project, recordingstest.Session(i))); d != "" {
			t.Errorf("session %d (-want +got):\n%s", i, d)
		}
	}
}
