// Package apptest runs the real binary for tests: it builds cmd/footpath once,
// starts it on a data directory of its own and loopback ports, and stops or kills
// it. Nothing of the product is faked.
package apptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startWithin bounds how long a server may take to answer: opening the stores
// takes well under a second, the rest is for a busy machine.
const startWithin = 30 * time.Second

var build = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("FOOTPATH_BIN"); bin != "" {
		return bin, nil // make test has just built it
	}
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..")
	bin := filepath.Join(root, "bin", "footpath-test")
	if out, err := run(root, "go", "build", "-trimpath", "-o", bin, "./cmd/footpath"); err != nil {
		return "", fmt.Errorf("build cmd/footpath: %w\n%s", err, out)
	}
	return bin, nil
})

func run(dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd.CombinedOutput()
}

// Binary builds the command and returns its path.
func Binary(t testing.TB) string {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// Result is how a command ended.
type Result struct {
	Code   int
	Stdout string
	Stderr string
}

// Run runs the command to its end, at most for a minute.
func Run(t testing.TB, args ...string) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, Binary(t), args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %v: %v", args, err)
	}
	return Result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// Server is a running footpath serve.
type Server struct {
	URL   string // of the dashboard and the collector
	Admin string // of /metrics
	Dir   string // data directory

	cmd    *exec.Cmd
	output *buffer
	ended  chan struct{}
}

// Serve starts footpath serve on dir ("" for a fresh one) and waits until it
// answers. It is killed when the test ends, unless stopped before.
func Serve(t testing.TB, dir string, args ...string) *Server {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	listen, admin := port(t), port(t)
	s := &Server{URL: "http://" + listen, Admin: "http://" + admin, Dir: dir, output: &buffer{}, ended: make(chan struct{})}
	s.cmd = exec.Command(Binary(t), append([]string{"serve", "-data", dir, "-listen", listen, "-admin", admin}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start footpath serve: %v", err)
	}
	go func() {
		defer close(s.ended)
		_ = s.cmd.Wait() // the exit code stands in ProcessState
	}()
	t.Cleanup(func() { s.Kill() })
	s.await(t)
	return s
}

func (s *Server) await(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(startWithin)
	for time.Now().Before(deadline) {
		if res, err := http.Get(s.URL + "/api/state"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-s.ended:
			t.Fatalf("footpath serve ended with %d:\n%s", s.cmd.ProcessState.ExitCode(), s.Output())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("footpath serve does not answer:\n%s", s.Output())
}

// Output is what the server has printed so far.
func (s *Server) Output() string { return s.output.String() }

// Stop ends the server as an operator does and returns its exit code.
func (s *Server) Stop(t testing.TB) int {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatalf("stop footpath serve: %v", err)
	}
	select {
	case <-s.ended:
	case <-time.After(startWithin):
		s.Kill()
		t.Fatalf("footpath serve did not stop:\n%s", s.Output())
	}
	return s.cmd.ProcessState.ExitCode()
}

// Kill is kill -9.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended already
	<-s.ended
}

// port finds a loopback address that was free a moment ago.
func port(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// buffer collects output of a running process.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
