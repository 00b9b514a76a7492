package collect

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/store/meta"
)

// Config is how the collector behaves; the zero value of a field means its default.
type Config struct {
	// InFlightBytes bounds the bodies held at one time; past it 503 (fault 26). 64 MB.
	InFlightBytes int64
	// BodyIdle is how long a body may stand still (fault 23). 5 s.
	BodyIdle time.Duration
	// BodyBase and BodyRate bound a body's whole time: base plus one second for
	// each BodyRate bytes that have come. 10 s and 8 KB/s: slower than GPRS.
	BodyBase time.Duration
	BodyRate int64
	// Sessions a second that one project may begin, and how many at once (fault
	// 53). 200 and 4,000: 17 million a day.
	NewPerSecond float64
	NewBurst     float64
	// Chunks a second from one network (/24 or /48), and at once. 200 and 4,000: an
	// office of 1,000 behind one address sends 200 a second.
	NetPerSecond float64
	NetBurst     float64
	// Chunks a second of one session, and at once (fault 51). 10 and 600.
	SessionPerSecond float64
	SessionBurst     float64
	// SessionRefusals is how many refusals for rate close a session for good. 1,000.
	SessionRefusals int
	// SessionBytes closes a session past it (fault 54). 256 MB.
	SessionBytes int64
	// Sessions is how many are remembered for tokens and repeats. 50,000: some 50 MB.
	Sessions int
	// Remember is how long an idle session is. 2 h: the recorder drops what waited
	// for 60 min (ruling 9).
	Remember time.Duration
	// Grace is how long after its first chunk a session's chunks are accepted
	// without its token: answers get lost, and a second tab may not have it yet. 120 s.
	Grace time.Duration
	// Trusted are the proxies whose X-Forwarded-For is believed (fault 30, S28).
	Trusted []netip.Prefix
}

// Deps are what the collector works with.
type Deps struct {
	Log  journal.Log
	Keys keys.Store
	Meta meta.Store
	// Secret signs session tokens; the same on every collector and after a restart.
	Secret []byte
	// The recorder: its loader, and the DOM recorder with its immutable path and
	// integrity attribute.
	Loader   []byte
	CorePath string
	Core     []byte
	CoreSRI  string
	// Country is optional; it answers for projects that ask for it.
	Country    Countries
	Now        func() time.Time
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

func (c *Config) defaults() {
	set(&c.InFlightBytes, 64<<20)
	set(&c.BodyIdle, 5*time.Second)
	set(&c.BodyBase, 10*time.Second)
	set(&c.BodyRate, 8<<10)
	set(&c.NewPerSecond, 200)
	set(&c.NewBurst, 4000)
	set(&c.NetPerSecond, 200)
	set(&c.NetBurst, 4000)
	set(&c.SessionPerSecond, 10)
	set(&c.SessionBurst, 600)
	set(&c.SessionRefusals, 1000)
	set(&c.SessionBytes, 256<<20)
	set(&c.Sessions, 50_000)
	set(&c.Remember, 2*time.Hour)
	set(&c.Grace, 120*time.Second)
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
	case c.InFlightBytes < 2<<20:
		return fmt.Errorf("collect: %d bytes in flight: at least 2 MB, the size of two bodies", c.InFlightBytes)
	case c.BodyIdle < 0, c.BodyBase < 0, c.BodyRate < 0, c.Remember < 0, c.Grace < 0:
		return errors.New("collect: times and rates must not be negative")
	case c.NewPerSecond < 0, c.NewBurst < 1, c.NetPerSecond < 0, c.NetBurst < 1, c.SessionPerSecond < 0, c.SessionBurst < 1:
		return errors.New("collect: rates must not be negative, bursts at least 1")
	case c.Sessions < 100 || c.SessionBytes < 1<<20 || c.SessionRefusals < 1:
		return errors.New("collect: bounds of sessions are too small (100 sessions, 1 MB, 1 refusal)")
	}
	return nil
}

func (d Deps) validate() error {
	switch {
	case d.Log == nil || d.Keys == nil || d.Meta == nil:
		return errors.New("collect: journal, keys and metadata are needed")
	case len(d.Secret) < 16:
		return fmt.Errorf("collect: the secret has %d bytes, at least 16 are needed", len(d.Secret))
	}
	return nil
}
