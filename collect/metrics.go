package collect

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
)

// metrics of the collector. Labels are outcomes and reasons: a fixed list.
type metrics struct {
	chunks   *prometheus.CounterVec
	bytes    prometheus.Counter
	events   prometheus.Counter
	stripped prometheus.Counter
	panics   prometheus.Counter
	seconds  prometheus.Histogram
	inFlight prometheus.Gauge
	sessions prometheus.Gauge
	configs  *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	opts := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "footpath", Subsystem: "collect", Name: name, Help: help}
	}
	gauge := func(name, help string) prometheus.Gauge {
		return obs.Register(reg, prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "footpath", Subsystem: "collect", Name: name, Help: help}))
	}
	return &metrics{
		chunks:   obs.Register(reg, prometheus.NewCounterVec(opts("chunks_total", "Requests with a chunk, by outcome: accepted, repeated, conflict, or the reason of refusal."), []string{"outcome"})),
		bytes:    obs.Register(reg, prometheus.NewCounter(opts("bytes_total", "Payload bytes accepted, as sent."))),
		events:   obs.Register(reg, prometheus.NewCounter(opts("events_total", "Events accepted."))),
		stripped: obs.Register(reg, prometheus.NewCounter(opts("dom_events_dropped_total", "DOM events dropped at the door of projects without replay."))),
		panics:   obs.Register(reg, prometheus.NewCounter(opts("panics_total", "Requests that ended in a panic."))),
		configs:  obs.Register(reg, prometheus.NewCounterVec(opts("files_total", "Requests for the recorder and its configuration, by kind."), []string{"kind"})),
		seconds: obs.Register(reg, prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "footpath", Subsystem: "collect", Name: "chunk_seconds", Help: "From a chunk's headers to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16),
		})),
		inFlight: gauge("in_flight_bytes", "Bodies being held."),
		sessions: gauge("sessions", "Sessions remembered for tokens and repeats."),
	}
}

// panicPlace names the function that panicked: the first frame of ours below the
// runtime. The panic's value may hold input, so it is not logged (H01).
func panicPlace() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		if !more {
			return "unknown"
		}
	}
}
