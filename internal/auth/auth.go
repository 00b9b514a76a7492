// Package auth holds what sign-in is made of: password hashes with their
// parameters inside (argon2id), random secrets of which only a hash is kept, and
// back-off against guessing that locks nobody out.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
)

// NewSecret returns n random bytes in URL-safe letters.
func NewSecret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Digest is what is kept of a secret: SHA-256 in hexadecimal. Secrets are random
// and long, so that a slow hash would add nothing.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// SameDigest compares two digests in constant time; an empty one is like none.
func SameDigest(a, b string) bool {
	return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
