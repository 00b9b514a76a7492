package disk

import (
	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
)

// metrics of a log; none has a label that input can choose.
type metrics struct {
	chunks, bytes, batches, torn, damaged, full, failed prometheus.Counter
	sync, batch                                         prometheus.Histogram
	size, segments, entries                             prometheus.Gauge
	healthy                                             prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return obs.Register(reg, prometheus.NewCounter(prometheus.CounterOpts{Namespace: "footpath", Subsystem: "journal", Name: name, Help: help}))
	}
	gauge := func(name, help string) prometheus.Gauge {
		return obs.Register(reg, prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "footpath", Subsystem: "journal", Name: name, Help: help}))
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return obs.Register(reg, prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "footpath", Subsystem: "journal", Name: name, Help: help, Buckets: buckets}))
	}
	return &metrics{
		chunks:   counter("chunks_total", "Chunks made durable."),
		bytes:    counter("bytes_total", "Bytes written, frames included."),
		batches:  counter("batches_total", "Writes, each with one sync."),
		torn:     counter("torn_total", "Torn writes cut off at start."),
		damaged:  counter("damaged_total", "Segments or entries found damaged."),
		full:     counter("full_total", "Appends refused for want of space."),
		failed:   counter("failed_total", "Appends refused because the device failed."),
		sync:     histogram("sync_seconds", "Duration of a sync.", prometheus.ExponentialBuckets(0.0001, 2, 15)),
		batch:    histogram("batch_chunks", "Chunks that share a sync.", prometheus.ExponentialBuckets(1, 2, 10)),
		size:     gauge("size_bytes", "Size of all segments."),
		segments: gauge("segments", "Number of segments."),
		entries:  gauge("entries", "Chunks held and not forgotten."),
		healthy:  gauge("healthy", "1 while appends are possible."),
	}
}
