package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"footpath/internal/obs"
)

// room answers with its name and the path it was asked for.
func room(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, name+" "+r.URL.Path) })
}

func TestEachPathHasItsRoom(t *testing.T) {
	probes := &health{stopping: make(chan struct{})}
	f := func(prefix, path string, code int, want string) {
		t.Helper()
		w := httptest.NewRecorder()
		front(prefix, room("collect"), room("api"), room("web"), probes).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != code || code == http.StatusOK && w.Body.String() != want {
			t.Errorf("%q below %q: %d %q, want %d %q", path, prefix, w.Code, w.Body, code, want)
		}
	}
	for _, prefix := range []string{"", "/footpath"} {
		f(prefix, prefix+"/recorder.js", 200, "collect /recorder.js")
		f(prefix, prefix+"/recorder-core.0011.js", 200, "collect /recorder-core.0011.js")
		f(prefix, prefix+"/v1/config/k", 200, "collect /v1/config/k")
		f(prefix, prefix+"/api/state", 200, "api "+prefix+"/api/state")
		f(prefix, prefix+"/", 200, "web "+prefix+"/")
		f(prefix, prefix+"/p/key/sessions", 200, "web "+prefix+"/p/key/sessions")
		f(prefix, prefix+"/player/", 200, "web "+prefix+"/player/")
		f(prefix, prefix+"/metrics", 404, "")
	}
	f("/footpath", "/footpath", 301, "")
	f("/footpath", "/recorder.js", 404, "")
	f("/footpath", "/footpaths/", 404, "")
	f("/footpath", "/livez", 200, `{"live":true}`+"\n")
}

func TestReadiness(t *testing.T) {
	stopping := make(chan struct{})
	broken := error(nil)
	probes := &health{stopping: stopping, checks: map[string]func(context.Context) error{"journal": func(context.Context) error { return broken }}}
	f := func(code int, want string) {
		t.Helper()
		w := httptest.NewRecorder()
		probes.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != code || w.Body.String() != want+"\n" {
			t.Errorf("%d %s, want %d %s", w.Code, w.Body, code, want)
		}
	}
	f(200, `{"ready":true}`)
	broken = errors.New("device of 192.0.2.1 is gone")
	f(503, `{"ready":false,"reasons":{"journal":"failing"}}`)
	broken = nil
	close(stopping)
	f(503, `{"ready":false,"reasons":{"process":"stopping"}}`)
}

// Fault 71: a request under way when we are told to stop is answered.
func TestStopFinishesRequests(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inside, leave := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-leave
		fmt.Fprint(w, "done")
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serveUntil(ctx, l, slow, 10*time.Second, obs.Discard()) }()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-inside
	stop()
	select {
	case err := <-ended:
		t.Fatalf("stopped with a request under way: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(leave)
	if got := <-answer; got != "done" {
		t.Errorf("the request got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A room that fails ends the others, and its error names it.
func TestCrew(t *testing.T) {
	c := newCrew(context.Background())
	c.start("good", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, c.stop)
	c.start("bad", func(context.Context) error { return errors.New("broke") }, c.stop)
	if err := c.wait(); err == nil || err.Error() != "bad: broke" {
		t.Errorf("got %v", err)
	}
}
