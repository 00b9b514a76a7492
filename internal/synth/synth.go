// Package synth makes up visitors of the demo site, for the demo, the bench and
// tests: the same seed gives the same visits. Who comes when and from where is
// drawn at random; what they do on each page was recorded with the real recorder
// (record.mjs) and is replayed at each visitor's own pace, so that every made-up
// session plays like a real one.
package synth

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"footpath/wire"
)

// Config says what history to make.
type Config struct {
	Seed     uint64
	Now      time.Time // the history ends shortly before
	Days     int       // how far it goes back; 28 when 0
	Sessions int
	// ReplayDays is how long replays are kept: visits before that have none any
	// more. 0: all have one.
	ReplayDays int
	Zone       *time.Location // the visitors' days and nights; UTC when nil
	Project    wire.ProjectKey
	Profile    string // masking profile of the project: strict or smartlook
	Site       string // address of the site, without a slash at its end
	// Texts are the public texts in force, by index, and their version.
	Texts        []string
	TextsVersion string
}

// Client is what the collector would have left of a visitor's user agent.
type Client struct {
	Device, Browser, OS, Country string
}

// Chunk is one envelope as the collector would have accepted it.
type Chunk struct {
	Header  wire.Header
	Arrived int64  // milliseconds UTC
	Payload []byte // gzip
}

// Session is one visit.
type Session struct {
	ID, Visitor wire.ID
	Start       time.Time
	Client      Client
	Chunks      []Chunk
}

// quiet is how long before Now the last visit has ended: older than a session's
// idle time, so that the whole history is sealed at once.
const quiet = 20 * time.Minute

// returning is the share of visits, in hundredths, by somebody who was here before.
const returning = 28

// Sessions yields the history, oldest first.
func Sessions(cfg Config) (iter.Seq2[Session, error], error) {
	if cfg.Days == 0 {
		cfg.Days = 28
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	visits, err := load(cfg)
	if err != nil {
		return nil, fmt.Errorf("synth: %w", err)
	}
	r := rand.New(rand.NewPCG(cfg.Seed, 0x666f6f7470617468)) // "footpath"
	starts := arrivals(r, cfg)
	return func(yield func(Session, error) bool) {
		var known []person
		for _, start := range starts {
			p := someone(r, known, start)
			s, err := visit(r, cfg, visits, p, start)
			if err != nil {
				yield(Session{}, fmt.Errorf("synth: %w", err))
				return
			}
			if !yield(s, nil) {
				return
			}
			p.last = start.Add(2 * time.Hour)
			known = append(known, p)
		}
	}, nil
}

// byHour is how many of a hundred visits of a day begin in each hour: people plan
// buildings in their lunch break and after supper.
var byHour = [24]int{1, 0, 0, 0, 0, 0, 1, 3, 5, 7, 8, 8, 9, 8, 7, 6, 5, 5, 6, 8, 7, 4, 2, 1}

// byDay is the same for the days of a week, from Sunday.
var byDay = [7]int{9, 19, 18, 17, 16, 13, 8}

// arrivals draws the starts of all visits, in order.
func arrivals(r *rand.Rand, cfg Config) []time.Time {
	end := cfg.Now.Add(-quiet - 30*time.Minute)
	type hour struct {
		start  time.Time
		weight int
	}
	var hours []hour
	total := 0
	first := cfg.Now.AddDate(0, 0, -cfg.Days).In(cfg.Zone).Truncate(time.Hour)
	for at := first; at.Before(end); at = at.Add(time.Hour) {
		// The service grows a little: from 80 to 120 in a hundred over the history.
		grown := 80 + int(at.Sub(first)*40/cfg.Now.Sub(first))
		w := byHour[at.Hour()] * byDay[at.Weekday()] * grown
		total += w
		hours = append(hours, hour{at, w})
	}
	starts := make([]time.Time, 0, cfg.Sessions)
	for range cfg.Sessions {
		n := r.IntN(total)
		for _, h := range hours {
			if n -= h.weight; n < 0 {
				at := h.start.Add(time.Duration(r.Int64N(int64(time.Hour))))
				if at.After(end) {
					at = end.Add(-time.Duration(r.Int64N(int64(time.Hour))))
				}
				starts = append(starts, at)
				break
			}
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	return starts
}

// alphabet of ids (wire.ID).
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func newID(r *rand.Rand) wire.ID {
	b := make([]byte, wire.IDLen)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return wire.ID(b)
}

// choice is a value and its weight.
type choice[T any] struct {
	value  T
	weight int
}

func pick[T any](r *rand.Rand, choices []choice[T]) T {
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	n := r.IntN(total)
	for _, c := range choices {
		if n -= c.weight; n < 0 {
			return c.value
		}
	}
	return choices[0].value
}
