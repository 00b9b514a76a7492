package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"footpath/report"
	"footpath/store/meta"
)

// screen is a console that can be read while a command writes to it.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// console signs in to a running demo.
type console struct {
	t      *testing.T
	base   string
	cookie string
}

func (c *console) call(method, path string, body, answer any) {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequest(method, c.base+path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Origin", c.base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", c.cookie)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %s: %s %s %v", method, path, res.Status, text, err)
	}
	if set := res.Header.Get("Set-Cookie"); set != "" {
		c.cookie, _, _ = strings.Cut(set, ";")
	}
	if err := json.Unmarshal(text, answer); err != nil {
		c.t.Fatal(err)
	}
}

// startDemo runs the demo until the test ends and signs in.
func startDemo(t *testing.T, dir string) (*console, *screen, func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, ended := &screen{}, make(chan error, 1)
	go func() {
		ended <- runDemo(ctx, []string{"-data", dir, "-listen", "127.0.0.1:0", "-site", "127.0.0.1:0", "-site2", "127.0.0.1:0"}, std{out: out, err: out})
	}()
	end := sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the demo ends with %v\n%s", err, out)
		}
	})
	t.Cleanup(end)
	printed := regexp.MustCompile(`Dashboard: (\S+)/\n[^:]*name: (\S+)\n[^:]*password: (\S+)\n`)
	await(t, 20*time.Second, func() bool { return printed.MatchString(out.String()) }, out)
	m := printed.FindStringSubmatch(out.String())
	c := &console{t: t, base: m[1]}
	await(t, 5*time.Second, func() bool {
		res, err := http.Get(c.base + "/readyz")
		if err == nil {
			res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	}, out)
	var session struct{ User meta.User }
	c.call(http.MethodPost, "/api/login", map[string]string{"name": m[2], "password": m[3]}, &session)
	return c, out, end
}

func await(t *testing.T, limit time.Duration, ready func() bool, out fmt.Stringer) {
	t.Helper()
	for end := time.Now().Add(limit); !ready(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s:\n%s", limit, out)
		}
	}
}

// The demo is there within 20 s with both projects alive; the next start finds the
// same history and has a new password (S38).
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	c, out, end := startDemo(t, dir)
	if n := strings.Count(out.String(), "http://"); n != 2 {
		t.Errorf("%d addresses are printed, want exactly two:\n%s", n, out)
	}
	var list struct{ Projects []meta.Project }
	c.call(http.MethodGet, "/api/projects", nil, &list)
	if len(list.Projects) != 2 {
		t.Fatalf("%d projects, want 2", len(list.Projects))
	}
	for _, p := range list.Projects {
		var sessions report.SessionList
		await(t, 30*time.Second, func() bool {
			c.call(http.MethodGet, "/api/projects/"+string(p.Key)+"/sessions?sort=-pages", nil, &sessions)
			return sessions.Total >= 8 && sessions.Rows[0].HasReplay
		}, out)
		checkReplay(c, p, sessions.Rows[0])
		for _, secret := range []string{"Ann Other", "ann@example.org", "Madonna"} {
			if findBytes(t, dir, secret) {
				t.Errorf("%q, which a visitor typed, is in the data directory", secret)
			}
		}
	}
	first := out.String()
	end()
	c, out, _ = startDemo(t, dir)
	if first == out.String() {
		t.Error("the second start prints the same password")
	}
	var again struct{ Projects []meta.Project }
	c.call(http.MethodGet, "/api/projects", nil, &again)
	if len(again.Projects) != 2 || again.Projects[0].Key != list.Projects[0].Key {
		t.Errorf("the second start has other projects: %v", again.Projects)
	}
}

// checkReplay asks for a session's recording as the player does.
func checkReplay(c *console, p meta.Project, row report.SessionRow) {
	c.t.Helper()
	at := "/api/projects/" + string(p.Key) + "/sessions/" + url.PathEscape(string(row.ID))
	var detail report.SessionDetail
	c.call(http.MethodGet, at, nil, &detail)
	if len(detail.Records) < 2 || len(detail.Steps) < 4 {
		c.t.Fatalf("%s: session %s has %d records and %d steps", p.Profile, row.ID, len(detail.Records), len(detail.Steps))
	}
	if title := detail.Records[0].Title; !strings.Contains(title, "Hollowmere") {
		c.t.Errorf("%s: the first page's title is %q: public texts are not resolved", p.Profile, title)
	}
	var feed struct{ Events []struct{ Type int } }
	c.call(http.MethodGet, at+"/records/"+url.PathEscape(string(detail.Records[0].ID)), nil, &feed)
	full := false
	for _, e := range feed.Events {
		full = full || e.Type == 2
	}
	if !full {
		c.t.Errorf("%s: the first record of %s has no full snapshot in %d events", p.Profile, row.ID, len(feed.Events))
	}
}

// findBytes searches the files of a directory.
func findBytes(t *testing.T, dir, what string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		found = found || bytes.Contains(body, []byte(what))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
