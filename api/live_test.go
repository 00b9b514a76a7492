package api

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	journaldisk "footpath/journal/disk"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/report"
	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
	"footpath/store/meta"
	recdisk "footpath/store/recordings/disk"
)

// TestThroughTheRealReports asks over HTTP what DuckDB answers, with the words of
// an attacker among the questions (S44): they are values, never SQL.
func TestThroughTheRealReports(t *testing.T) {
	b := newBench(t, Config{})
	duck, err := duckdb.Open(t.TempDir(), duckdb.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = duck.Close() })
	data := eventstest.Data{Seed: 5, Sessions: 300, Batch: 100, From: b.now.Add(-6 * 24 * time.Hour).UnixMilli(), To: b.now.UnixMilli()}
	if err := eventstest.Generate(data, func(batch events.Batch) error { return duck.Write(t.Context(), batch) }); err != nil {
		t.Fatal(err)
	}
	log, err := journaldisk.Open(t.TempDir(), journaldisk.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	shelf, err := recdisk.Open(t.TempDir(), recdisk.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shelf.Close() })
	ring, err := keysdisk.Open(t.TempDir(), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ring.Close() })
	b.api.Reports = report.New(report.Deps{
		Events: duck, Recordings: shelf, Log: log, Keys: ring, Meta: b.store, Now: func() time.Time { return b.now },
	})
	p := NewProject(b.now)
	p.Key, p.Name, p.Domains = eventstest.Project(0), "Real", []string{"real.example"}
	if err := b.store.CreateProject(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	root := "/api/projects/" + string(p.Key)
	all := decode[report.SessionList](t, b.want(200, meta.RoleViewer, "GET", root+"/sessions?limit=200", nil))
	if all.Total == 0 || len(all.Rows) == 0 {
		t.Fatalf("no sessions: %+v", all)
	}
	over := decode[report.Overview](t, b.want(200, meta.RoleViewer, "GET", root+"/overview", nil))
	if over.Totals.Sessions != all.Total || len(over.Days) != 7 {
		t.Errorf("overview counts %d sessions on %d days, the list %d", over.Totals.Sessions, len(over.Days), all.Total)
	}
	for _, name := range []string{"page", "entry", "event", "device", "browser", "os", "country", "referrer"} {
		for _, evil := range []string{`' OR 1=1 --`, `%' ; DROP TABLE sessions; --`, `\`, `"`, "\x00", `*`, `%`, `_`, `'*`} {
			w := b.want(200, meta.RoleViewer, "GET", root+"/sessions?"+name+"="+url.QueryEscape(evil), nil)
			got := decode[report.SessionList](t, w)
			if got.Total != 0 && evil != "*" {
				t.Errorf("%s=%q matches %d sessions", name, evil, got.Total)
			}
		}
	}
	again := decode[report.SessionList](t, b.want(200, meta.RoleViewer, "GET", root+"/sessions?limit=200", nil))
	if again.Total != all.Total {
		t.Errorf("%d sessions are left of %d", again.Total, all.Total)
	}
	for query, field := range map[string]string{
		"from=yesterday": "from", "to=2026-13-01": "to", "from=2026-11-25&to=2026-11-24": "from", "from=2020-01-01": "from", // S45
		"sort=name": "sort", "sort=--start": "sort", "visitor=x": "visitor", "limit=201": "limit", "min=5&max=4": "max",
	} {
		w := b.want(422, meta.RoleViewer, "GET", root+"/sessions?"+query, nil)
		if _, got, _ := refusal(t, w); got != field {
			t.Errorf("%s names %q, want %q", query, got, field)
		}
	}
	w := b.want(200, meta.RoleAnalyst, "GET", root+"/sessions/"+string(all.Rows[0].ID), nil)
	var detail report.SessionDetail
	if err := json.Unmarshal(w.Body.Bytes(), &detail); err != nil || detail.Session.ID != all.Rows[0].ID || len(detail.Steps) == 0 || detail.Records == nil {
		t.Errorf("detail of %s: %s (%v)", all.Rows[0].ID, w.Body, err)
	}
	if len(b.audited("session.view")) != 1 {
		t.Error("the look was not logged")
	}
}
