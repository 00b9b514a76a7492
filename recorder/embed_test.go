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
	t.Logf("loader %d bytes, %d gzip; core %d bytes, %d gzip", len(recorder.Loader()), zipped(t, recorder.Loader()), len(body), zipped(t, body))
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
