package disk

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/vfs"
)

// Config is how a log behaves; the zero value of a field means its default.
type Config struct {
	// SegmentBytes is the size at which a segment is closed and the next begun.
	// 64 MB by default: a minute at 1 MB/s, so that deleting follows sealing soon.
	SegmentBytes int64
	// SegmentAge closes a segment that has entries after this time, so that a quiet
	// site's chunks do not stay in the log until 64 MB are full. 10 min by default.
	SegmentAge time.Duration
	// BatchBytes bounds what one write and one sync carry. 4 MB by default: beyond
	// it a sync takes longer without carrying more per second (storage.md 1).
	BatchBytes int
	// Window is how long a batch waits for company when the one before had some.
	// A lone writer never waits. 1 ms by default; negative: never wait.
	Window time.Duration
	// AllocateBytes is how far ahead of the writing space is reserved. 4 MB by default.
	AllocateBytes int64
	// QuotaBytes bounds the log as a whole; past it Append answers ErrFull (fault
	// 45). 8 GB by default.
	QuotaBytes int64
	// BallastBytes is a file kept in reserve. It is given up when the disk is full,
	// so that erasure and the dashboard still find room, and taken again before
	// appending goes on (fault 39). 16 MB by default; negative: none.
	BallastBytes int64
	// KeepDamaged is how long a damaged segment whose readable entries are all
	// sealed is kept for inspection. 30 days by default, the life of a replay.
	KeepDamaged time.Duration

	FS         vfs.FS // the machine's own by default
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: metrics are kept, not published
	Now        func() time.Time
}

func (c *Config) defaults() {
	set(&c.SegmentBytes, 64<<20)
	set(&c.SegmentAge, 10*time.Minute)
	set(&c.BatchBytes, 4<<20)
	set(&c.Window, time.Millisecond)
	set(&c.AllocateBytes, 4<<20)
	set(&c.QuotaBytes, 8<<30)
	set(&c.BallastBytes, 16<<20)
	set(&c.KeepDamaged, 30*24*time.Hour)
	if c.FS == nil {
		c.FS = vfs.OS{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate says what cannot work.
func (c Config) Validate() error {
	c.defaults()
	switch {
	case c.SegmentBytes < headerLen+maxFrame:
		return fmt.Errorf("journal: segments of %d bytes cannot hold the largest chunk (%d)", c.SegmentBytes, headerLen+maxFrame)
	case c.SegmentBytes > 1<<31:
		return fmt.Errorf("journal: segments of %d bytes: at most 2 GB", c.SegmentBytes)
	case c.QuotaBytes < c.SegmentBytes:
		return fmt.Errorf("journal: a quota of %d bytes cannot hold one segment of %d", c.QuotaBytes, c.SegmentBytes)
	case c.BatchBytes < 0, c.AllocateBytes < 0, c.SegmentAge < 0, c.KeepDamaged < 0:
		return fmt.Errorf("journal: sizes and times must not be negative")
	}
	return nil
}
