package meta

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

var (
	// ErrAudit: the audit chain was tampered with.
	ErrAudit = errors.New("meta: audit chain broken")
	// ErrConflict: somebody else changed it in between.
	ErrConflict = errors.New("meta: changed meanwhile")
)

// Chain gives the entry's hash when previous is the hash of the entry before
// ("" for the first): SHA-256, in hex, over the previous hash, the ID and the time
// in milliseconds (8 bytes each, big endian), and each text after its length in
// bytes (8 bytes, big endian), in the order of the struct.
func (a Audit) Chain(previous string) string {
	var b []byte
	text := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(previous)
	b = binary.BigEndian.AppendUint64(b, uint64(a.ID))
	b = binary.BigEndian.AppendUint64(b, uint64(a.Time.UnixMilli()))
	for _, s := range []string{a.User, a.Action, a.Project, a.Subject, a.Detail} {
		text(s)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
