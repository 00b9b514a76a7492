package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Parameters of new hashes: the first choice of OWASP's Password Storage Cheat
// Sheet (19 MiB, two passes, one lane), some 30 ms on one core.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltLen   = 16
	keyLen    = 32
)

// Limits of a stored hash's parameters, so that a tampered row cannot exhaust the
// process.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 32
	maxLanes     = 16
)

const (
	// MinPassword is the least number of characters: ASVS 6.2.1 asks for 8 and
	// recommends 15; without a second factor yet we take the middle.
	MinPassword = 12
	// MaxPassword bounds the work of hashing; ASVS 6.2.9 asks for 64 at least.
	MaxPassword = 256
)

// CheckPassword says what is wrong with a new password, in words for its owner,
// or "".
func CheckPassword(name, password string) string {
	n := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password):
		return "Use ordinary characters in the password."
	case n < MinPassword:
		return fmt.Sprintf("Use at least %d characters. Three or four words make a good password.", MinPassword)
	case n > MaxPassword:
		return fmt.Sprintf("Use at most %d characters.", MaxPassword)
	case few(lower):
		return "Use more than a few different characters in the password."
	case len(name) >= 4 && strings.Contains(lower, strings.ToLower(name)):
		return "Leave your name out of the password."
	case strings.Contains(lower, "footpath") || strings.Contains(lower, "password") || strings.Contains(lower, "123456789"):
		return "That password is one of the first to be guessed. Choose another."
	}
	return ""
}

// few says whether a password repeats fewer than five characters.
func few(password string) bool {
	seen := map[rune]bool{}
	for _, r := range password {
		seen[r] = true
	}
	return len(seen) < 5
}

// Hasher makes and checks password hashes, a bounded number at a time: each takes
// 19 MiB, and a flood of logins must not take the collector's memory.
type Hasher struct {
	slots    chan struct{}
	decoy    string
	patience time.Duration // longest wait for a slot
}

// ErrBusy: too many passwords are being hashed; try again in a moment.
var ErrBusy = errors.New("hash password: too many at a time")

// NewHasher bounds the hashing to n at a time.
func NewHasher(n int) *Hasher {
	// Five seconds: some 150 hashes in front of this one.
	h := &Hasher{slots: make(chan struct{}, n), patience: 5 * time.Second}
	h.decoy = hash(NewSecret(saltLen))
	return h
}

// Hash returns the hash of a password, parameters and salt in the string.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return hash(password), nil
}

// Verify says whether password belongs to encoded. An empty encoded (no such
// user) takes the same time and is false.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	if encoded == "" {
		_, err := verify(h.decoy, password)
		return false, err
	}
	return verify(encoded, password)
}

func (h *Hasher) enter(ctx context.Context) error {
	timer := time.NewTimer(h.patience)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return fmt.Errorf("hash password: %w", ctx.Err())
	}
}

func (h *Hasher) leave() { <-h.slots }

func hash(password string) string {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	key := argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, keyLen)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes, b64(salt), b64(key))
}

func verify(encoded, password string) (bool, error) {
	p, err := parse(encoded)
	if err != nil {
		return false, err
	}
	key := argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(key, p.key) == 1, nil
}

type parsed struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// parse reads the form $argon2id$v=19$m=…,t=…,p=…$salt$key.
func parse(encoded string) (parsed, error) {
	var p parsed
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return p, fmt.Errorf("password hash: not argon2id")
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, fmt.Errorf("password hash: version %q", parts[2])
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return p, fmt.Errorf("password hash: parameters %q: %w", parts[3], err)
	}
	if p.memory == 0 || p.memory > maxMemoryKiB || p.passes == 0 || p.passes > maxPasses || p.lanes == 0 || p.lanes > maxLanes {
		return p, fmt.Errorf("password hash: parameters %q out of range", parts[3])
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, fmt.Errorf("password hash: salt: %w", err)
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(p.key) < 16 || len(p.key) > 64 {
		return p, fmt.Errorf("password hash: key of %d bytes", len(p.key))
	}
	return p, nil
}
