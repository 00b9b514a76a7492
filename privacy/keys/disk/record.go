package disk

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"

	"footpath/privacy/keys"
	"footpath/wire"
)

// A record's layout; docs/format/keys.md draws it. 128 bytes divide a sector, so
// that a record is written whole or not at all, and a file's header takes the
// place of one record.
const (
	recordLen = 128

	offState   = 0
	offProject = 1
	offID      = 21
	offWrapped = 42
	wrappedLen = 12 + 32 + 16 // nonce, key, tag
	offSum     = 124

	stateLive      = 1
	stateDestroyed = 2

	keyLen = 32
)

// fileMagic opens every key file; its last character is the format's version.
const fileMagic = "footpath keys 1\n"

var (
	errClosed  = errors.New("keys: closed")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// recordID is whose key a record holds: 20 bytes of project key and 21 of id,
// zeros for Tier A.
type recordID [keyIDLen]byte

const keyIDLen = 20 + wire.IDLen

// record is one 128-byte record.
type record [recordLen]byte

func check(n keys.Name) error {
	if !n.Project.Valid() || n.ID != "" && !n.ID.Valid() || n.Day < 19700101 || n.Day > 99991231 {
		return fmt.Errorf("%w: not a name", keys.ErrUnknown)
	}
	return nil
}

func id(n keys.Name) (id recordID) {
	// The key was checked to be 40 hexadecimal characters.
	_, _ = hex.Decode(id[:20], []byte(n.Project))
	copy(id[20:], n.ID)
	return id
}

func newRecord(state byte, name recordID, wrapped []byte) (r record) {
	r[offState] = state
	copy(r[offProject:], name[:])
	copy(r[offWrapped:], wrapped)
	binary.BigEndian.PutUint32(r[offSum:], crc32.Checksum(r[:offSum], castagnoli))
	return r
}

// valid says whether a record is whole; one of zeros is not.
func (r *record) valid() bool {
	return (r[offState] == stateLive || r[offState] == stateDestroyed) &&
		binary.BigEndian.Uint32(r[offSum:]) == crc32.Checksum(r[:offSum], castagnoli)
}

func (r *record) id() recordID { return recordID(r[offProject:offWrapped]) }

// bound is the additional data of a wrapped key: it opens only as the key of the
// name and day it was made for.
func bound(n keys.Name) []byte { return fmt.Appendf(nil, "%s|%s|%d", n.Project, n.ID, n.Day) }

// generate makes a data key and its wrapped form.
func (s *Store) generate(n keys.Name) (*dataKey, []byte, error) {
	plain := make([]byte, keyLen)
	_, _ = rand.Read(plain) // never fails since Go 1.24
	aead, err := newAEAD(plain)
	if err != nil {
		return nil, nil, err
	}
	return &dataKey{aead}, s.wrap.Seal(nil, nil, plain, bound(n)), nil
}

func (s *Store) unwrap(n keys.Name, r *record) (*dataKey, error) {
	plain, err := s.wrap.Open(nil, nil, r[offWrapped:offWrapped+wrappedLen], bound(n))
	if err != nil {
		return nil, fmt.Errorf("unwrap: %w (is this the master key it was made with?)", err)
	}
	aead, err := newAEAD(plain)
	if err != nil {
		return nil, err
	}
	return &dataKey{aead}, nil
}

// dataKey implements keys.Key.
type dataKey struct{ aead cipher.AEAD }

// Seal implements keys.Key.
func (k *dataKey) Seal(plain, additional []byte) []byte {
	return k.aead.Seal(make([]byte, 0, len(plain)+k.aead.Overhead()), nil, plain, additional)
}

// Open implements keys.Key.
func (k *dataKey) Open(sealed, additional []byte) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, sealed, additional)
	if err != nil {
		return nil, fmt.Errorf("open sealed data: %w", err)
	}
	return plain, nil
}
