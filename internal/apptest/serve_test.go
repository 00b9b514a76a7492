package apptest

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// TestServe: one process serves the recorder, the collector, the API, the
// dashboard and, on its own listener, the metrics; SIGTERM ends it with 0
// (fault 71), and it starts again on the same directory.
func TestServe(t *testing.T) {
	s := Serve(t, "")
	for path, want := range map[string]string{
		"/recorder.js": "javascript",
		"/api/state":   "json",
		"/":            "text/html",
		"/player/":     "text/html",
	} {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Type"), want) {
			t.Errorf("%s: %d %s, want 200 and %s", path, res.StatusCode, res.Header.Get("Content-Type"), want)
		}
	}
	if code, body := get(t, s.Admin+"/metrics"); code != http.StatusOK || !strings.Contains(body, "footpath_") {
		t.Errorf("/metrics: %d", code)
	}
	if code, _ := get(t, s.URL+"/metrics"); code == http.StatusOK {
		t.Error("/metrics is served to the public (S52)")
	}
	token := regexp.MustCompile(`[A-Za-z0-9_-]{22}`)
	if !token.MatchString(s.Output()) {
		t.Errorf("no set-up token printed:\n%s", s.Output())
	}
	if code := s.Stop(t); code != 0 {
		t.Errorf("SIGTERM: exit %d, want 0:\n%s", code, s.Output())
	}
	again := Serve(t, s.Dir)
	if code := again.Stop(t); code != 0 {
		t.Errorf("second stop: exit %d:\n%s", code, again.Output())
	}
}

// TestOneProcessPerDirectory: fault 44.
func TestOneProcessPerDirectory(t *testing.T) {
	s := Serve(t, "")
	r := Run(t, "serve", "-data", s.Dir, "-listen", port(t))
	if r.Code == 0 {
		t.Fatal("a second process took the same data directory")
	}
	pid := regexp.MustCompile(`\b[0-9]{2,}\b`)
	if !strings.Contains(r.Stderr, s.Dir) || !pid.MatchString(r.Stderr) {
		t.Errorf("the refusal names neither directory nor holder: %s", r.Stderr)
	}
}

// TestConfigErrors: fault 77. Nothing starts; the message has file and line.
func TestConfigErrors(t *testing.T) {
	dir := t.TempDir()
	f := func(yaml, want string) {
		t.Helper()
		name := filepath.Join(dir, "footpath.yaml")
		if err := os.WriteFile(name, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(dir, "data")
		r := Run(t, "serve", "-config", name, "-data", data)
		if r.Code != 2 || !strings.Contains(r.Stderr, want) {
			t.Errorf("%q: exit %d, %s; want exit 2 and %q", yaml, r.Code, r.Stderr, want)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%q: the data directory was made all the same", yaml)
		}
	}
	f("server:\n  listen: 127.0.0.1:0\n  lisen: x\n", "footpath.yaml:3")
	f("server:\n  listen: 5\n", "footpath.yaml:2")
	f("events:\n  memory_mb: 1\n", "footpath.yaml:2")
	f("server:\n  listen: 0.0.0.0:8080\n", "without TLS")
}

// TestPortInUse: fault 77 again, for what only the system knows.
func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := Run(t, "serve", "-data", t.TempDir(), "-listen", l.Addr().String())
	if r.Code == 0 || !strings.Contains(r.Stderr+r.Stdout, l.Addr().String()) {
		t.Errorf("port in use: exit %d, %s", r.Code, r.Stderr)
	}
}
