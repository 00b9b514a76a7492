package httpx

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
)

// Observer logs and counts requests by route template, never by path, so that
// labels stay few and no identifier of a session reaches a log or a metric.
type Observer struct {
	log      *slog.Logger
	now      func() time.Time
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	panics   prometheus.Counter
}

// NewObserver makes an observer whose metrics start with "footpath_<room>_http_".
func NewObserver(room string, reg prometheus.Registerer, log *slog.Logger, now func() time.Time) *Observer {
	name := func(s string) string { return "footpath_" + room + "_http_" + s }
	return &Observer{
		log: log,
		now: now,
		requests: obs.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: name("requests_total"), Help: "Requests by route template and status.",
		}, []string{"route", "status"})),
		seconds: obs.Register(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name("seconds"), Help: "Time to answer by route template.",
			// From a cached lookup (1 ms) to the slowest 13-month report (4.5 s, storage.md).
			Buckets: []float64{.001, .005, .025, .1, .25, 1, 2.5, 5, 10},
		}, []string{"route"})),
		bytes: obs.Register(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: name("answer_bytes_total"), Help: "Bytes of answers' bodies as sent, by route template.",
		}, []string{"route"})),
		panics: obs.Register(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: name("panics_total"), Help: "Handlers that panicked; each answered 500.",
		})),
	}
}

type requestKey struct{}

// RequestID is the reference that leads from an answer to its line in the log.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Wrap observes next under the given route template and turns a panic into a 500
// (fault 27).
func (o *Observer) Wrap(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := o.now()
		id := newRequestID()
		w.Header().Set("Request-Id", id)
		rec := &recorder{ResponseWriter: w}
		defer func() {
			cause := recover()
			cut := cause != nil && o.recovered(rec, route, id, cause)
			o.done(r, rec, route, id, o.now().Sub(start))
			if cut {
				panic(http.ErrAbortHandler) // net/http's way to drop a connection
			}
		}()
		next.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

// recovered says whether the connection must be cut: the caller would take half
// an answer for a whole one.
func (o *Observer) recovered(rec *recorder, route, id string, cause any) (cut bool) {
	if cause == http.ErrAbortHandler {
		return true
	}
	o.panics.Inc()
	o.log.Error("handler panicked", "route", route, "request", id, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if rec.status != 0 {
		return true
	}
	WriteError(rec, Internal(nil, id))
	return false
}

func (o *Observer) done(r *http.Request, rec *recorder, route, id string, took time.Duration) {
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	o.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	o.seconds.WithLabelValues(route).Observe(took.Seconds())
	o.bytes.WithLabelValues(route).Add(float64(rec.bytes))
	o.log.LogAttrs(r.Context(), level(status), "request",
		slog.String("route", route), slog.Int("status", status), slog.Int64("ms", took.Milliseconds()),
		slog.Int64("bytes", rec.bytes), slog.String("request", id))
}

// level keeps the daily bustle out of a log at its default level.
func level(status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
