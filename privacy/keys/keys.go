// Package keys holds one data key per session from birth (ruling 13): journal
// bodies and recordings are sealed with it, and erasing a session destroys its
// key first, after which every copy of its bytes is unreadable. Wrapped keys
// stand in a directory of their own, grouped by the day of birth, so that
// dropping a day's file shreds the day. The format stands in docs/format/keys.md.
package keys

import (
	"context"
	"errors"

	"footpath/wire"
)

// Errors of a key store.
var (
	// ErrErased: the key was destroyed; the session is erased and stays so.
	ErrErased = errors.New("keys: session erased")
	// ErrUnknown: there never was such a key, or its day has expired.
	ErrUnknown = errors.New("keys: no such key")
)

// Name says whose key it is. For Tier A the id is empty: one key per project and day.
type Name struct {
	Project wire.ProjectKey
	ID      wire.ID
	Day     int32 // day of birth, yyyymmdd UTC
}

// Key seals and opens. The overhead is 28 bytes (a 12-byte random nonce before
// the ciphertext, a 16-byte tag behind it); additional data is authenticated,
// not stored. Safe for concurrent use.
type Key interface {
	Seal(plain, additional []byte) []byte
	Open(sealed, additional []byte) ([]byte, error)
}

// Store is the port. Safe for concurrent use.
type Store interface {
	// Create returns the key of name, making it when there is none; it is durable
	// before Create returns (concurrent calls share one fsync). ErrErased when it
	// was destroyed.
	Create(ctx context.Context, name Name) (Key, error)
	// Get returns an existing key: ErrErased or ErrUnknown when there is none.
	Get(ctx context.Context, name Name) (Key, error)
	// Destroy overwrites the wrapped key and syncs; afterwards Create and Get
	// answer ErrErased, also after a restart. Destroying twice is no error.
	Destroy(ctx context.Context, name Name) error
	// DestroyProject destroys every key of a project, of all days, Tier A's too, and
	// says how many it found alive. Keys made afterwards are not touched.
	DestroyProject(ctx context.Context, project wire.ProjectKey) (int, error)
	// Days lists the days of birth that hold keys, oldest first.
	Days(ctx context.Context) ([]int32, error)
	// DropDay removes all keys born on a day (retention).
	DropDay(ctx context.Context, day int32) error
	Close() error
}
