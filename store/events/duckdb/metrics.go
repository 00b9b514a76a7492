package duckdb

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
	"footpath/store/events"
)

// metrics are the engine's figures. Labels are bounded: tables and outcomes.
type metrics struct {
	question *prometheus.HistogramVec // seconds, by table
	refused  *prometheus.CounterVec   // questions without an answer, by reason
	batch    prometheus.Histogram     // seconds
	failed   prometheus.Counter       // batches that were not committed
	scrubbed prometheus.Counter       // month files rewritten
}

func newMetrics(reg prometheus.Registerer) *metrics {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "footpath", Subsystem: "events", Name: name, Help: help}
	}
	seconds := func(name, help string) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{
			Namespace: "footpath", Subsystem: "events", Name: name, Help: help,
			Buckets: prometheus.ExponentialBuckets(0.002, 3, 9), // 2 ms to 13 s: the time limit is 15 s
		}
	}
	return &metrics{
		question: obs.Register(reg, prometheus.NewHistogramVec(seconds("question_seconds", "How long questions to the tables took, by table."), []string{"table"})),
		refused:  obs.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts(opts("questions_failed_total", "Questions without an answer, by reason.")), []string{"reason"})),
		batch:    obs.Register(reg, prometheus.NewHistogram(seconds("batch_seconds", "How long batches took until they were durable."))),
		failed:   obs.Register(reg, prometheus.NewCounter(prometheus.CounterOpts(opts("batches_failed_total", "Batches that could not be committed.")))),
		scrubbed: obs.Register(reg, prometheus.NewCounter(prometheus.CounterOpts(opts("months_rewritten_total", "Month files rewritten after an erasure.")))),
	}
}

// asked notes a question that has ended.
func (m *metrics) asked(t events.Table, began time.Time, err error) {
	if err != nil {
		m.refused.WithLabelValues(reason(err)).Inc()
		return
	}
	m.question.WithLabelValues(string(t)).Observe(time.Since(began).Seconds())
}

// wrote notes a batch that has ended.
func (m *metrics) wrote(began time.Time, err error) {
	if err != nil {
		m.failed.Inc()
		return
	}
	m.batch.Observe(time.Since(began).Seconds())
}
