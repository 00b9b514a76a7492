// Package recordings is the port to sealed recordings: segments of a session,
// compressed and encrypted by process, appended to packed objects per (day,
// retention class), so that retention drops whole objects and one session is a
// few contiguous ranges. Content-addressed assets (style sheets) come with a
// later format version. Formats: docs/format/recording.md. The engines stand in
// subfolders; each passes recordingstest.
package recordings

import (
	"context"
	"errors"

	"footpath/wire"
)

// Segment is one sealed piece of a session, about 30 s or 1 MB of events.
type Segment struct {
	Project wire.ProjectKey
	Session wire.ID
	Day     int32  // of the session's birth, yyyymmdd UTC
	Class   string // retention class: days of retention, e.g. "30d"
	Index   int32  // from 0 within the session
	First   int64  // first and last event, milliseconds UTC
	Last    int64
	Data    []byte // zstd, then AES-GCM with the session's key
}

// Info is a segment without its data, and where that stands.
type Info struct {
	Segment
	Object   string // name of the packed object
	Offset   int64
	Length   int64
	Checksum uint32 // CRC-32C of Data
}

// Group is what retention drops as a whole.
type Group struct {
	Day   int32 // of the sessions' birth, yyyymmdd UTC
	Class string
}

// Errors of a store.
var (
	ErrNotFound = errors.New("recordings: not found")
	// ErrDamaged: the bytes do not match their checksum; other segments are fine.
	ErrDamaged = errors.New("recordings: damaged segment")
)

// Store is the port. Safe for concurrent use.
type Store interface {
	// Put stores the segments of one session durably; segments of the same
	// session that were there before are replaced as a whole.
	Put(ctx context.Context, segments []Segment) error
	// List gives a session's segments in index order, without data; empty when
	// there are none.
	List(ctx context.Context, day int32, project wire.ProjectKey, session wire.ID) ([]Info, error)
	// Get reads one segment's data: ErrNotFound, ErrDamaged.
	Get(ctx context.Context, info Info) ([]byte, error)
	// Erase forgets a session's segments; the bytes go when the object is
	// compacted or dropped (its key is destroyed first: they are unreadable).
	Erase(ctx context.Context, day int32, project wire.ProjectKey, session wire.ID) error
	// EraseProject forgets all segments of a project, as Erase does, and says how
	// many sessions and segments these were.
	EraseProject(ctx context.Context, project wire.ProjectKey) (sessions, segments int, err error)
	// Groups lists the days and classes that hold something, oldest first.
	Groups(ctx context.Context) ([]Group, error)
	// Sessions lists the sessions of a project in a group.
	Sessions(ctx context.Context, g Group, project wire.ProjectKey) ([]wire.ID, error)
	// DropDay removes all objects of a day and class (retention).
	DropDay(ctx context.Context, day int32, class string) error
	Close() error
}
