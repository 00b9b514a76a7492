// Package keystest is the conformance suite of keys.Store: every engine passes it.
package keystest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"footpath/privacy/keys"
	"footpath/wire"
)

// Project is the project of the suite's keys.
const Project = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")

// Name makes the n-th name of a day.
func Name(n int, day int32) keys.Name {
	return keys.Name{Project: Project, ID: wire.ID(fmt.Sprintf("S%020d", n)), Day: day}
}

// Run runs the suite. open opens the store that is kept at one place: a second
// call, after Close, finds what the first left.
func Run(t *testing.T, open func(t *testing.T) keys.Store) {
	t.Run("sealed opens again", func(t *testing.T) { sealed(t, open(t)) })
	t.Run("destroyed stays destroyed", func(t *testing.T) { destroyed(t, open) })
	t.Run("a day is dropped whole", func(t *testing.T) { dropped(t, open(t)) })
	t.Run("many at once", func(t *testing.T) { concurrent(t, open) })
}

func create(t *testing.T, s keys.Store, name keys.Name) keys.Key {
	t.Helper()
	key, err := s.Create(context.Background(), name)
	if err != nil {
		t.Fatalf("create %v: %v", name, err)
	}
	return key
}

func reads(t *testing.T, s keys.Store, name keys.Name, sealed, want []byte) {
	t.Helper()
	key, err := s.Get(context.Background(), name)
	if err != nil {
		t.Fatalf("get %v: %v", name, err)
	}
	got, err := key.Open(sealed, []byte("context"))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("open with the key of %v: %q, %v", name, got, err)
	}
}

func sealed(t *testing.T, s keys.Store) {
	defer closeStore(t, s)
	ctx := context.Background()
	name, other := Name(1, 20261101), Name(2, 20261101)
	if _, err := s.Get(ctx, name); !errors.Is(err, keys.ErrUnknown) {
		t.Errorf("get before create: %v, want ErrUnknown", err)
	}
	text := []byte("what only one person saw")
	body := create(t, s, name).Seal(text, []byte("context"))
	if len(body) != len(text)+28 || bytes.Contains(body, text) {
		t.Errorf("sealed to %d bytes from %d", len(body), len(text))
	}
	reads(t, s, name, body, text)
	again := create(t, s, name)
	if got, err := again.Open(body, []byte("context")); err != nil || !bytes.Equal(got, text) {
		t.Errorf("the second Create gave another key: %v", err)
	}
	if _, err := again.Open(body, []byte("another place")); err == nil {
		t.Error("opened with other additional data")
	}
	if _, err := create(t, s, other).Open(body, []byte("context")); err == nil {
		t.Error("opened with another session's key")
	}
	sameIDNextDay := name
	sameIDNextDay.Day++
	if _, err := s.Get(ctx, sameIDNextDay); !errors.Is(err, keys.ErrUnknown) {
		t.Errorf("the same id on another day: %v, want ErrUnknown", err)
	}
	tierA := keys.Name{Project: Project, Day: 20261101}
	reads(t, s, tierA, create(t, s, tierA).Seal(text, []byte("context")), text)
}

func destroyed(t *testing.T, open func(t *testing.T) keys.Store) {
	ctx := context.Background()
	s := open(t)
	gone, kept, never := Name(10, 20261102), Name(11, 20261102), Name(12, 20261102)
	text := []byte("text")
	create(t, s, gone)
	body := create(t, s, kept).Seal(text, []byte("context"))
	for _, name := range []keys.Name{gone, gone, never} {
		if err := s.Destroy(ctx, name); err != nil {
			t.Fatalf("destroy: %v", err)
		}
	}
	verify := func(s keys.Store) {
		t.Helper()
		for _, name := range []keys.Name{gone, never} {
			if _, err := s.Get(ctx, name); !errors.Is(err, keys.ErrErased) {
				t.Errorf("get: %v, want ErrErased", err)
			}
			if _, err := s.Create(ctx, name); !errors.Is(err, keys.ErrErased) {
				t.Errorf("create: %v, want ErrErased", err)
			}
		}
		reads(t, s, kept, body, text)
	}
	verify(s)
	closeStore(t, s)
	s = open(t)
	verify(s)
	closeStore(t, s)
}

func dropped(t *testing.T, s keys.Store) {
	defer closeStore(t, s)
	ctx := context.Background()
	old, young := Name(20, 20261001), Name(20, 20261103)
	create(t, s, old)
	body := create(t, s, young).Seal([]byte("text"), []byte("context"))
	for range 2 {
		if err := s.DropDay(ctx, 20261001); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get(ctx, old); !errors.Is(err, keys.ErrUnknown) {
		t.Errorf("after the day was dropped: %v, want ErrUnknown", err)
	}
	reads(t, s, young, body, []byte("text"))
}

func concurrent(t *testing.T, open func(t *testing.T) keys.Store) {
	s := open(t)
	const names, callers = 40, 4
	bodies := make([][]byte, names*callers)
	var wg sync.WaitGroup
	for i := range bodies {
		wg.Go(func() {
			// Neighbouring days, and every name asked for by several at once.
			key, err := s.Create(context.Background(), Name(100+i%names, 20261104+int32(i%names%7)))
			if err != nil {
				t.Errorf("create: %v", err)
				return
			}
			bodies[i] = key.Seal([]byte("text"), []byte("context"))
		})
	}
	wg.Wait()
	closeStore(t, s)
	s = open(t)
	for i, body := range bodies {
		reads(t, s, Name(100+i%names, 20261104+int32(i%names%7)), body, []byte("text"))
	}
	closeStore(t, s)
}

func closeStore(t *testing.T, s keys.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
