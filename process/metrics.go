package process

import (
	"log/slog"
	"sync/atomic"

	"footpath/internal/obs"
	"footpath/replay"

	"github.com/prometheus/client_golang/prometheus"
)

// noteKind is something the core left out or did that is worth a figure.
type noteKind uint8

const (
	noteRepeat    noteKind = iota // a chunk that was there already
	noteOverLimit                 // a chunk of a session that is over its bounds
	noteRows                      // rows left out for a session's bound
	noteOther                     // property values beyond the fiftieth
	noteLate                      // chunks for a session that was sealed
	noteRebuilt                   // sessions derived again
	noteSealed                    // sessions sealed
	noteKinds
)

var noteNames = [noteKinds]string{"repeat", "over-limit", "rows", "other-value", "late", "rebuilt", "sealed"}

// metrics of the station. Labels are fixed sets.
type metrics struct {
	log         *slog.Logger
	chunks      prometheus.Counter
	inflated    prometheus.Counter
	rows        prometheus.Counter
	notes       *prometheus.CounterVec
	dropped     *prometheus.CounterVec
	quarantined *prometheus.CounterVec
	badEvents   *prometheus.CounterVec
	removed     *prometheus.CounterVec
	refused     prometheus.Counter
	failures    *prometheus.CounterVec
	open        prometheus.Gauge
	behind      prometheus.Gauge
	lag         prometheus.Gauge
	panics      atomic.Int64
}

// loggedPanics bounds how many stacks one process writes to its log.
const loggedPanics = 10

func newMetrics(reg prometheus.Registerer, log *slog.Logger) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return obs.Register(reg, prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footpath", Subsystem: "process", Name: name, Help: help}))
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		return obs.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "footpath", Subsystem: "process", Name: name, Help: help}, []string{label}))
	}
	gauge := func(name, help string) prometheus.Gauge {
		return obs.Register(reg, prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "footpath", Subsystem: "process", Name: name, Help: help}))
	}
	return &metrics{
		log:         log,
		chunks:      counter("chunks_total", "Journal entries taken in."),
		inflated:    counter("inflated_bytes_total", "Bytes of payloads after unpacking."),
		rows:        counter("rows_total", "Event rows written."),
		notes:       vector("notes_total", "Repeats, late chunks, bounds reached, sessions sealed and derived again.", "what"),
		dropped:     vector("dropped_chunks_total", "Chunks of erased sessions and removed projects.", "reason"),
		quarantined: vector("quarantined_chunks_total", "Chunks that could not be read and count as empty.", "reason"),
		badEvents:   vector("bad_events_total", "Events that could not be read and were left out.", "reason"),
		removed:     vector("unmasked_total", "What the server's own masking took out: an old or forged recorder.", "what"),
		refused:     counter("refused_values_total", "String properties and user ids that the project has not allowed."),
		failures:    vector("failures_total", "Store operations that failed and are tried again.", "operation"),
		open:        gauge("open_sessions", "Sessions not sealed yet."),
		behind:      gauge("behind_entries", "Journal entries not yet in the tables."),
		lag:         gauge("lag_seconds", "Age of the newest chunk when its rows were durable."),
	}
}

func (m *metrics) count(removed replay.Counts, refused int) {
	removed.Each(func(what string, n int) { m.removed.WithLabelValues(what).Add(float64(n)) })
	m.refused.Add(float64(refused))
}

// panicked writes the stack of a decoder's panic, which names code and no data.
func (m *metrics) panicked(stack []byte) {
	if m.panics.Add(1) <= loggedPanics {
		m.log.Error("process: an entry made the decoder panic; it counts as empty", "stack", string(stack))
	}
}
