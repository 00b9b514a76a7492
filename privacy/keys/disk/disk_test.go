package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footpath/internal/vfs"
	"footpath/privacy/keys"
	"footpath/privacy/keys/keystest"
)

var testMaster = bytes.Repeat([]byte{7}, MasterLen)

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	keystest.Run(t, func(t *testing.T) keys.Store {
		s, err := Open(dir, testMaster)
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func openMem(t *testing.T, fs *vfs.Mem) *Store {
	t.Helper()
	s, err := Open("keys", testMaster, WithFS(fs))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const day0 = 20261123

// TestPowerLoss: what Create and Destroy have answered for survives a loss of
// power, whatever became of unsynced sectors (faults 33, 34).
func TestPowerLoss(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		fs := vfs.NewMem()
		s := openMem(t, fs)
		bodies, gone := map[int][]byte{}, map[int]bool{}
		for i := range 10 + r.IntN(40) {
			name := keystest.Name(i, day0)
			key, err := s.Create(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			bodies[i] = key.Seal([]byte("text"), nil)
			if r.IntN(4) == 0 {
				if err := s.Destroy(ctx, name); err != nil {
					t.Fatal(err)
				}
				gone[i] = true
			}
		}
		// A creation whose sync never came: the crash may leave any part of it.
		fs.SetFault(vfs.Fault{SyncErr: unix.EIO})
		if _, err := s.Create(ctx, keystest.Name(999, day0)); err == nil {
			t.Fatal("created without a sync")
		}
		fs.SetFault(vfs.Fault{})
		after := openMem(t, fs.Crash(r, []float64{0, 0.5, 1}[seed%3]))
		for i, body := range bodies {
			key, err := after.Get(ctx, keystest.Name(i, day0))
			if gone[i] {
				if !errors.Is(err, keys.ErrErased) {
					t.Fatalf("seed %d: erased key %d: %v", seed, i, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("seed %d: key %d: %v", seed, i, err)
			}
			if _, err := key.Open(body, nil); err != nil {
				t.Fatalf("seed %d: key %d: %v", seed, i, err)
			}
		}
	}
}

// TestDestroyedWhileWaiting: a key that is destroyed while its creation waits for
// the disk does not come to life behind the tombstone (fault 81).
func TestDestroyedWhileWaiting(t *testing.T) {
	ctx := context.Background()
	s := openMem(t, vfs.NewMem())
	if _, err := s.Create(ctx, keystest.Name(1, day0)); err != nil {
		t.Fatal(err)
	}
	name := keystest.Name(2, day0)
	s.files.Lock() // the committer has to wait
	answered := make(chan error, 1)
	go func() {
		_, err := s.Create(ctx, name)
		answered <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		waiting = len(s.queue)
		s.mu.Unlock()
	}
	s.mu.Lock()
	err := s.days[day0].destroy(id(name))
	s.mu.Unlock()
	s.files.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := <-answered; !errors.Is(err, keys.ErrErased) {
		t.Errorf("create: %v, want ErrErased", err)
	}
	if _, err := s.Get(ctx, name); !errors.Is(err, keys.ErrErased) {
		t.Errorf("get: %v, want ErrErased", err)
	}
}

// TestSyncFails: after a failed sync the file is given up, a repeat goes to a new
// one, and the key that was answered for is the one that comes back (fault 36).
func TestSyncFails(t *testing.T) {
	ctx := context.Background()
	fs := vfs.NewMem()
	s := openMem(t, fs)
	if _, err := s.Create(ctx, keystest.Name(1, day0)); err != nil {
		t.Fatal(err)
	}
	fs.SetFault(vfs.Fault{SyncOnce: unix.EIO})
	name := keystest.Name(2, day0)
	if _, err := s.Create(ctx, name); !errors.Is(err, unix.EIO) {
		t.Fatalf("got %v, want EIO", err)
	}
	key, err := s.Create(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	body := key.Seal([]byte("text"), nil)
	if files, _ := s.filesOf(day0); len(files) != 2 {
		t.Errorf("files %v, want two", files)
	}
	again := openMem(t, fs)
	key, err = again.Get(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.Open(body, nil); err != nil {
		t.Error(err)
	}
	if err := again.Destroy(ctx, name); err != nil {
		t.Fatal(err)
	}
	if _, err := openMem(t, fs).Get(ctx, name); !errors.Is(err, keys.ErrErased) {
		t.Errorf("a key of the given-up file came back: %v", err)
	}
}

// TestDiskFull: creation fails, works again when there is room (fault 39).
func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	fs := vfs.NewMem()
	s := openMem(t, fs)
	if _, err := s.Create(ctx, keystest.Name(1, day0)); err != nil {
		t.Fatal(err)
	}
	fs.SetFault(vfs.Fault{Space: 2*recordLen + 10})
	if _, err := s.Create(ctx, keystest.Name(2, day0)); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("got %v, want ENOSPC", err)
	}
	fs.SetFault(vfs.Fault{})
	if _, err := s.Create(ctx, keystest.Name(2, day0)); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedRecord: one flipped bit costs one key, and it is said (fault 35).
func TestDamagedRecord(t *testing.T) {
	ctx := context.Background()
	fs := vfs.NewMem()
	s := openMem(t, fs)
	for i := range 5 {
		if _, err := s.Create(ctx, keystest.Name(i, day0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := fs.Flip(filepath.Join("keys", fmt.Sprintf("%d.000.keys", day0)), 3*recordLen+50, 3); err != nil {
		t.Fatal(err)
	}
	again := openMem(t, fs)
	for i := range 5 {
		_, err := again.Get(ctx, keystest.Name(i, day0))
		if i == 2 && !errors.Is(err, keys.ErrUnknown) || i != 2 && err != nil {
			t.Errorf("key %d: %v", i, err)
		}
	}
}

func TestForeignFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, testMaster)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	name := filepath.Join(dir, fmt.Sprintf("%d.000.keys", day0))
	if err := os.WriteFile(name, []byte(strings.Repeat("shopping list\n", 20)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(context.Background(), keystest.Name(1, day0)); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v, want an error naming the file (fault 46)", err)
	}
}

func TestAnotherMasterOpensNothing(t *testing.T) {
	ctx := context.Background()
	fs := vfs.NewMem()
	if _, err := openMem(t, fs).Create(ctx, keystest.Name(1, day0)); err != nil {
		t.Fatal(err)
	}
	s, err := Open("keys", bytes.Repeat([]byte{8}, MasterLen), WithFS(fs))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Get(ctx, keystest.Name(1, day0)); err == nil || errors.Is(err, keys.ErrUnknown) {
		t.Errorf("got %v, want an error that speaks of the master key", err)
	}
}

// TestDestroyOverwrites: after Destroy the wrapped key is nowhere in the file.
func TestDestroyOverwrites(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Open(dir, testMaster)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Create(ctx, keystest.Name(1, day0)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, fmt.Sprintf("%d.000.keys", day0))
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	wrapped := before[recordLen+offWrapped : recordLen+offWrapped+wrappedLen]
	if err := s.Destroy(ctx, keystest.Name(1, day0)); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(after, wrapped[12:28]) {
		t.Error("the wrapped key is still in the file")
	}
}

func BenchmarkCreate(b *testing.B) {
	s, err := Open(b.TempDir(), testMaster)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := 0
	for b.Loop() {
		n++
		if _, err := s.Create(context.Background(), keystest.Name(n, day0)); err != nil {
			b.Fatal(err)
		}
	}
}
