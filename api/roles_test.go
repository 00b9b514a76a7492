package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"footpath/store/meta"
)

// everyone that the matrix tries, from the least to the most.
var everyone = []string{"", meta.RoleViewer, meta.RoleAnalyst, meta.RoleOwner}

// body that a route accepts, so that only the role decides.
func body(rt route) any {
	switch rt.body.(type) {
	case SetupRequest:
		return `{"token":"x","name":"n","password":"p"}`
	case LoginRequest:
		return `{"name":"nobody","password":"x"}`
	case PasswordRequest:
		return `{"old":"x","new":"y"}`
	case UserRequest:
		return `{"name":"new","role":"viewer","password":"` + goodSecret + `"}`
	case ProjectChange:
		return `{"name":"New","domains":["new.example"]}`
	case DeleteRequest:
		return `{"name":"Planning"}`
	case nil:
		return nil
	}
	return `{}`
}

// TestRoleMatrix covers S33: every route, tried by everyone.
func TestRoleMatrix(t *testing.T) {
	for _, rt := range (&API{}).table() {
		for i, who := range everyone {
			b := newBench(t, Config{})
			b.addUser("somebody", meta.RoleViewer)
			w := b.do(who, rt.method, at(rt.path, knownKey, "id-somebody", knownID), body(rt))
			name := rt.method + " " + rt.path + " as " + who
			switch {
			case rt.role == "":
				if w.Code == http.StatusForbidden && rt.path != "/api/setup" {
					t.Errorf("%s: %d %s", name, w.Code, w.Body)
				}
			case who == "":
				if w.Code != http.StatusUnauthorized {
					t.Errorf("%s: %d, want 401", name, w.Code)
				}
			case i < slices.Index(everyone, rt.role):
				if w.Code != http.StatusForbidden {
					t.Errorf("%s: %d, want 403", name, w.Code)
				}
			default:
				if w.Code != rt.status && rt.path != "/api/password" {
					t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, rt.status)
				}
			}
		}
	}
}

// TestForeignIdentifiers covers S33 and S34: what belongs to nobody here, or to
// another project, is not there, and says no more than what never was.
func TestForeignIdentifiers(t *testing.T) {
	b := newBench(t, Config{})
	other := NewProject(b.now)
	other.Key, other.Name, other.Domains = otherKey, "Other", []string{"other.example"}
	if err := b.store.CreateProject(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	unknown := strings.Repeat("0", 40)
	for _, rt := range (&API{}).table() {
		if !strings.Contains(rt.path, "{") {
			continue
		}
		tries := map[string]string{"malformed": at(rt.path, "x", "x", "x")}
		if strings.Contains(rt.path, "{key}") {
			tries["unknown project"] = at(rt.path, unknown, "", knownID)
		}
		if strings.Contains(rt.path, "{id}") {
			tries["unknown id"] = at(rt.path, knownKey, "id-nobody", foreignID)
		}
		if strings.Contains(rt.path, "/sessions/{id}") {
			tries["another project's session"] = at(rt.path, otherKey, "", knownID)
		}
		var said string
		for what, path := range tries {
			w := b.do(meta.RoleOwner, rt.method, path, body(rt))
			if w.Code != http.StatusNotFound {
				t.Errorf("%s %s, %s: %d %s, want 404", rt.method, rt.path, what, w.Code, w.Body)
			}
			if said != "" && w.Body.String() != said {
				t.Errorf("%s %s tells %s apart: %s", rt.method, rt.path, what, w.Body)
			}
			said = w.Body.String()
		}
	}
	if looks := b.audited("session.view"); len(looks) != 0 {
		t.Errorf("looks at nothing were logged: %v", looks)
	}
}

// TestRoleActsOnTheNextRequest covers S43.
func TestRoleActsOnTheNextRequest(t *testing.T) {
	b := newBench(t, Config{})
	path := "/api/projects/" + knownKey + "/sessions/" + string(knownID)
	b.want(200, meta.RoleAnalyst, "GET", path, nil)
	b.want(200, meta.RoleOwner, "PATCH", "/api/users/"+b.ids[meta.RoleAnalyst], UserChange{Role: ptr(meta.RoleViewer)})
	b.want(401, meta.RoleAnalyst, "GET", path, nil) // signed out by the change
	b.want(204, meta.RoleOwner, "DELETE", "/api/users/"+b.ids[meta.RoleViewer], `{}`)
	b.want(401, meta.RoleViewer, "GET", "/api/projects", nil)
}

func TestLastOwnerStays(t *testing.T) {
	b := newBench(t, Config{})
	me := "/api/users/" + b.ids[meta.RoleOwner]
	b.want(409, meta.RoleOwner, "DELETE", me, `{}`)
	b.want(409, meta.RoleOwner, "PATCH", me, UserChange{Role: ptr(meta.RoleViewer)})
	b.want(409, meta.RoleOwner, "PATCH", me, UserChange{Disabled: ptr(true)})
	b.addUser("second", meta.RoleOwner)
	b.want(200, meta.RoleOwner, "PATCH", me, UserChange{Role: ptr(meta.RoleViewer)})
}

func ptr[T any](v T) *T { return &v }
