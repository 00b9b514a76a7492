package lock_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"testing"

	"footpath/internal/lock"
)

// TestMain doubles as the second process: with FOOTPATH_LOCK_DIR set it locks
// that directory, says so, and waits for its standard input to close.
func TestMain(m *testing.M) {
	dir := os.Getenv("FOOTPATH_LOCK_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	if _, err := lock.Acquire(dir); err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	os.Stdout.WriteString("locked\n")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	os.Exit(0)
}

// Fault 44: a second process is refused, and told who holds the directory; when
// the holder is killed the directory is free.
func TestSecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FOOTPATH_LOCK_DIR="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatalf("holder said %q, %v", line, err)
	}

	var held *lock.HeldError
	if _, err := lock.Acquire(dir); !errors.As(err, &held) {
		t.Fatalf("second Acquire: %v, want a HeldError", err)
	}
	host, _ := os.Hostname()
	if held.Holder.PID != cmd.Process.Pid || held.Holder.Host != host {
		t.Errorf("holder is %+v, want pid %d on %s", held.Holder, cmd.Process.Pid, host)
	}

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	l, err := lock.Acquire(dir)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestReleaseFreesTheDirectory(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		l, err := lock.Acquire(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Release(); err != nil {
			t.Fatal(err)
		}
	}
}
