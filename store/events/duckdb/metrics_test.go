package duckdb_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
)

// Every refusal is counted, and answers are timed.
func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := mustOpen(t, t.TempDir(), duckdb.Config{Registerer: reg})
	defer closeStore(t, s)
	b := eventstest.Batches(eventstest.Data{Seed: 71, Sessions: 1, From: ms("2026-11-02T00:00:00Z"), To: ms("2026-11-03T00:00:00Z")})[0]
	if err := s.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	b.Sessions, b.Replace = nil, nil
	if err := s.Write(t.Context(), b); err == nil {
		t.Fatal("a batch without sessions was taken")
	}
	if _, err := s.Query(t.Context(), eventstest.All(events.Sessions, eventstest.Project(0))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Query(t.Context(), events.Query{Table: "x"}); err == nil {
		t.Fatal("a wrong question was answered")
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[f.GetName()] += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"footpath_events_batch_seconds": 1, "footpath_events_batches_failed_total": 1,
		"footpath_events_question_seconds": 1, "footpath_events_questions_failed_total": 1, "footpath_events_months_rewritten_total": 0,
	} {
		if v, ok := got[name]; v != want || !ok && want > 0 {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
}
