// Package journal is the durable log between collect and process: what Append
// has returned for is on disk, and stays until process has sealed it. This file
// is the port; the engines stand in journal/disk (one machine) and, later,
// journal/jetstream. Every engine passes journal/journaltest.
package journal

import (
	"context"
	"errors"

	"footpath/wire"
)

// Position is a place in the log; positions grow with time and are never reused.
// 0 is before the first chunk.
type Position uint64

// Client is what is left of the user agent and the address once collect has
// reduced them (privacy.md 2.4). Nothing finer exists behind collect.
type Client struct {
	Device  string `json:"d"`           // desktop, mobile, tablet, other
	Browser string `json:"b"`           // family and major version, e.g. "Chrome 156"
	OS      string `json:"o"`           // family, e.g. "Windows"
	Country string `json:"c,omitempty"` // ISO 3166 two letters, when the project asks and a database is given
	Bot     bool   `json:"bot,omitempty"`
}

// Chunk is one accepted envelope.
type Chunk struct {
	wire.Header
	// Arrived is the collector's clock, milliseconds since 1970 UTC.
	Arrived int64
	// Day is the day of the session's first chunk as yyyymmdd UTC: where its data
	// key stands in the key directory.
	Day    int32
	Client Client
	// Body is the gzip payload, sealed with the session's data key (privacy/keys);
	// the key of a Tier A chunk is its day's key.
	Body []byte
}

// Entry is a chunk with its place in the log.
type Entry struct {
	Position Position
	Chunk    Chunk
}

// Errors of a log.
var (
	// ErrFull: no space (or the quota is reached); nothing of the batch is kept.
	ErrFull = errors.New("journal: no space left")
	// ErrFailed: the device failed (a write or an fsync); the segment is poisoned
	// and never written again (fault 36). Nothing of the batch counts as kept.
	ErrFailed = errors.New("journal: device failed")
	// ErrClosed: the log is closed.
	ErrClosed = errors.New("journal: closed")
)

// Log is the port. Safe for concurrent use.
type Log interface {
	// Append returns nil only when every chunk is durable, and then their
	// positions in order. Concurrent calls share one fsync. On an error none of
	// the chunks may be acknowledged; they may or may not appear later.
	Append(ctx context.Context, chunks []Chunk) ([]Position, error)
	// Tail calls fn with every entry after from, in position order, and goes on
	// with new ones until ctx ends or fn returns an error. Two entries of one
	// session keep the order in which Append took them.
	Tail(ctx context.Context, from Position, fn func(Entry) error) error
	// End is the position of the newest durable chunk.
	End() Position
	// Each calls fn with every entry that the log holds now, in position order, and
	// returns; it does not wait for new ones as Tail does.
	Each(ctx context.Context, fn func(Entry) error) error
	// Session gives what the log still holds of a session, in position order; no
	// entries and no error when it holds nothing.
	Session(ctx context.Context, project wire.ProjectKey, session wire.ID) ([]Entry, error)
	// Forget tells that these entries are kept elsewhere; a segment whose entries
	// are all forgotten is deleted. Forgetting twice, or what is gone, is no error.
	// It is advice: after a restart forgotten entries may come again.
	Forget(ctx context.Context, positions []Position) error
	// Close flushes and releases the log.
	Close() error
}
