package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"footpath/store/meta"
	"footpath/wire"
)

// begins stands in for package erasure: the journal entry is real, what follows
// is not of the API.
type begins struct{ store meta.Store }

func (f begins) Begin(ctx context.Context, project wire.ProjectKey, why, by string) (meta.Erasure, error) {
	e, err := f.store.PutErasure(ctx, meta.Erasure{Project: project, Why: why, By: by, Asked: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return e, err
	}
	return e, f.store.DeleteProject(ctx, project)
}

func TestDeleteProjectNeedsItsName(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey
	b.want(422, meta.RoleOwner, "DELETE", path, `{"name":"planning"}`)
	b.want(400, meta.RoleOwner, "DELETE", path, nil)
	w := b.do(meta.RoleOwner, "DELETE", path, `{"name":"Planning"}`)
	if w.Code != 202 || !strings.Contains(w.Body.String(), knownKey) || strings.Contains(w.Body.String(), `"done"`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	b.want(404, meta.RoleOwner, "GET", path, nil)
	if e := b.audited("project.delete"); len(e) != 1 || e[0].Subject != "Planning" {
		t.Errorf("audit: %+v", e)
	}
}

// A key is not given out again before what it named has gone: the erasure would
// take the new project's data with it.
func TestKeyOfAProjectBeingErased(t *testing.T) {
	b := newBench(t, Config{})
	b.want(202, meta.RoleOwner, "DELETE", "/api/projects/"+knownKey, `{"name":"Planning"}`)
	anew := `{"key":"` + knownKey + `","name":"Again","domains":["a.example"]}`
	b.want(409, meta.RoleOwner, "POST", "/api/projects", anew)
	var list Erasures
	if err := json.Unmarshal(b.do(meta.RoleOwner, "GET", "/api/erasures", nil).Body.Bytes(), &list); err != nil || len(list.Erasures) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	done := list.Erasures[0]
	done.Done = b.now
	if err := b.store.FinishErasure(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	b.want(201, meta.RoleOwner, "POST", "/api/projects", anew)
}
