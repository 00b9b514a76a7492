package recorder_test

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"testing"

	"footpath/recorder"
)

func zipped(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestEmbedded(t *testing.T) {
	if len(recorder.Loader()) == 0 {
		t.Fatal("no loader")
	}
	path, body, sri := recorder.Core()
	if !regexp.MustCompile(`^/recorder-core\.[0-9a-f]{12}\.js$`).MatchString(path) {
		t.Errorf("path %q", path)
	}
	if !regexp.MustCompile(`^sha384-[A-Za-z0-9+/]{64}$`).MatchString(sri) {
		t.Errorf("integrity %q", sri)
	}
	if len(body) == 0 {
		t.Fatal("no core")
	}
	// What a page loads may only shrink: the targets are 3 KB and 15 KB in all, which
	// the capture core of our own reaches; rrweb's takes 23 KB alone.
	for _, b := range []struct {
		name  string
		body  []byte
		limit int
	}{{"loader", recorder.Loader(), 5_000}, {"core", body, 40_000}} {
		n := zipped(t, b.body)
		t.Logf("%s: %d bytes, %d gzip", b.name, len(b.body), n)
		if n > b.limit {
			t.Errorf("%s is %d bytes gzip, more than %d", b.name, n, b.limit)
		}
	}
}

// A page may have its scripts read in any character set; ASCII means the same in all.
func TestASCII(t *testing.T) {
	_, core, _ := recorder.Core()
	for name, body := range map[string][]byte{"loader": recorder.Loader(), "core": core} {
		if i := bytes.IndexFunc(body, func(r rune) bool { return r > 0x7e }); i >= 0 {
			t.Errorf("the %s is not ASCII at %d: %q", name, i, body[max(0, i-30):i+8])
		}
	}
}

// The recorder must not hold the calls that would read what is not its business,
// nor any that a strict Content-Security-Policy refuses.
func TestNoForbiddenCalls(t *testing.T) {
	_, core, _ := recorder.Core()
	for _, name := range []string{"eval(", "new Function(", "sessionStorage", "indexedDB", "XMLHttpRequest", "getBattery", "toDataURL("} {
		if bytes.Contains(recorder.Loader(), []byte(name)) {
			t.Errorf("the loader holds %s", name)
		}
		if name != "toDataURL(" && bytes.Contains(core, []byte(name)) {
			t.Errorf("the core holds %s", name)
		}
	}
}
