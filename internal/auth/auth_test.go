package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

// TestPasswordHash covers S39: argon2id, parameters in the string, long passwords.
func TestPasswordHash(t *testing.T) {
	h := NewHasher(1)
	ctx := context.Background()
	long := strings.Repeat("seven words make it ", 5)
	encoded, err := h.Hash(ctx, long)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q", encoded)
	}
	f := func(encoded, password string, want bool) {
		t.Helper()
		got, err := h.Verify(ctx, encoded, password)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("Verify(%.12s…, %.12s…) = %v, want %v", encoded, password, got, want)
		}
	}
	f(encoded, long, true)
	f(encoded, long[:72], false) // no silent cut, as bcrypt would
	f(encoded, "", false)
	f("", long, false)
	// A hash with other parameters is still checked by its own.
	f("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"+keyOf(t, "other"), "other", true)
}

func keyOf(t *testing.T, password string) string {
	t.Helper()
	p, err := parse("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAA")
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, uint32(len(p.key))))
}

func TestTamperedHashIsRefused(t *testing.T) {
	h := NewHasher(1)
	for _, encoded := range []string{
		"plain", "$2b$12$abc", "$argon2id$v=18$m=64,t=1,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=0,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdA$AA",
	} {
		if ok, err := h.Verify(context.Background(), encoded, "x"); ok || err == nil {
			t.Errorf("Verify(%q) = %v, %v; want an error", encoded, ok, err)
		}
	}
}

func TestHasherIsBounded(t *testing.T) {
	h := NewHasher(1)
	h.slots <- struct{}{} // somebody hashes
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.Verify(ctx, "", "x"); err == nil {
		t.Error("a second hash ran beside the first")
	}
	h.patience = time.Millisecond
	if _, err := h.Hash(context.Background(), "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("waiting in vain: %v", err)
	}
}

func TestCheckPassword(t *testing.T) {
	f := func(password string, good bool) {
		t.Helper()
		if got := CheckPassword("anna.smith", password); (got == "") != good {
			t.Errorf("CheckPassword(%q) = %q", password, got)
		}
	}
	f("short", false)
	f("aaaaaaaaaaaaaaaa", false)
	f("anna.smith-2026-x", false)
	f("MyPassword-for-work", false)
	f(strings.Repeat("abcdefgh", 33), false)
	f("\xff\xfe aaa bbb ccc ddd", false)
	f("four wet green boots", true)
	f("зелёные сапоги мокнут", true)
}

// TestBackoffSlowsAndLocksNobodyOut covers S37.
func TestBackoffSlowsAndLocksNobodyOut(t *testing.T) {
	b := NewBackoff()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i := range freeAttempts {
		if w := b.Wait("evil", "ann", now); w != 0 {
			t.Fatalf("attempt %d waits %v", i, w)
		}
		b.Failed("evil", "ann", now)
	}
	b.Failed("evil", "ann", now)
	if w := b.Wait("evil", "ann", now); w != time.Second {
		t.Errorf("after %d failures the wait is %v, want 1s", freeAttempts+1, w)
	}
	if w := b.Wait("evil", "ben", now); w != time.Second {
		t.Errorf("the wait at another account is %v, want 1s", w)
	}
	if w := b.Wait("ann's desk", "ann", now); w != 0 {
		t.Errorf("the owner waits %v because of somebody else", w)
	}
	for range 100 {
		b.Failed("evil", "ann", now)
	}
	if w := b.Wait("evil", "ann", now); w != maxWait {
		t.Errorf("the wait is %v, want the cap %v", w, maxWait)
	}
	if w := b.Wait("ann's desk", "ann", now); w != 0 {
		t.Errorf("the owner is kept out for %v", w)
	}
	b.Failed("ann's desk", "ann", now)
	if w := b.Wait("ann's desk", "ann", now); w == 0 {
		t.Error("an account under attack lets a client guess without pause")
	}
	if w := b.Wait("evil", "ann", now.Add(2*forgetAfter)); w != 0 {
		t.Errorf("failures are remembered for ever: %v", w)
	}
	if w := b.Wait("evil", "ann", now.Add(-24*time.Hour)); w > maxWait {
		t.Errorf("a clock that stepped back makes the wait %v", w)
	}
	b.Succeeded("evil", "ann")
	if w := b.Wait("evil", "ben", now); w != 0 {
		t.Errorf("after a success the wait is %v", w)
	}
}

func TestBackoffMemoryIsBounded(t *testing.T) {
	b := NewBackoff()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i := range 3 * maxEntries {
		b.Failed(fmt.Sprint("client", i), fmt.Sprint("account", i), now)
	}
	for name, n := range map[string]int{"clients": len(b.clients), "accounts": len(b.accounts), "pairs": len(b.pairs)} {
		if n > maxEntries {
			t.Errorf("%d %s are remembered, want at most %d", n, name, maxEntries)
		}
	}
}

func TestSecrets(t *testing.T) {
	a, b := NewSecret(16), NewSecret(16)
	if a == b || len(a) != 22 {
		t.Errorf("secrets %q and %q", a, b)
	}
	if !SameDigest(Digest(a), Digest(a)) || SameDigest(Digest(a), Digest(b)) || SameDigest("", "") {
		t.Error("digests compare wrongly")
	}
}
