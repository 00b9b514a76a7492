// Package metatest is the conformance suite of store/meta: every engine runs it.
package metatest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/store/meta"
	"footpath/wire"
)

// Engine is what the suite tests.
type Engine struct {
	// Open opens the store in dir; opening again after Close finds what was kept.
	Open func(dir string) (meta.Store, error)
	// Tamper changes the detail of an audit entry behind the store's back, or
	// removes the entry when detail is empty. The store in dir is closed.
	Tamper func(dir string, id int64, detail string) error
}

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	t.Run("projects", e.projects)
	t.Run("two changes at once", e.conflict)
	t.Run("users", e.users)
	t.Run("logins", e.logins)
	t.Run("texts", e.texts)
	t.Run("values", e.values)
	t.Run("audit", e.audit)
	t.Run("audit from many at once", e.concurrent)
	t.Run("tampering with the audit is noticed", e.tampered)
}

func (e Engine) open(t *testing.T, dir string) meta.Store {
	t.Helper()
	s, err := e.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests have closed it already
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("differs (-want +got):\n%s", diff)
	}
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123_000_000, time.UTC)

func project(i int) meta.Project {
	return meta.Project{
		Key: wire.ProjectKey(fmt.Sprintf("%040x", i)), Name: fmt.Sprintf("Project %d: it's “ours”", i), Domains: []string{"planning.example", "*.planning.example:8443"},
		Purpose: "see where people get stuck", LegalBasis: "public task", Consent: meta.OptIn, Profile: meta.Strict,
		ConsentSetAt: noon, Sampling: 10_000, IdleMinutes: 15, MaxMinutes: 60, ReplayDays: 30, EventMonths: 13, Zone: "Europe/London",
		AllowedProps: []string{"step"}, Created: noon.Add(time.Duration(i) * time.Second),
	}
}

func (e Engine) projects(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := e.open(t, dir)
	_, err := s.Project(ctx, project(1).Key)
	is(t, err, meta.ErrNotFound)
	is(t, s.UpdateProject(ctx, project(1)), meta.ErrNotFound)
	is(t, s.DeleteProject(ctx, project(1).Key), meta.ErrNotFound)
	for i := 3; i > 0; i-- {
		must(t, s.CreateProject(ctx, project(i)))
	}
	is(t, s.CreateProject(ctx, project(2)), meta.ErrExists)
	changed := project(2)
	changed.Name, changed.Revoked = "Other", true
	must(t, s.UpdateProject(ctx, changed))
	must(t, s.DeleteProject(ctx, project(3).Key))
	must(t, s.Close())
	s = e.open(t, dir)
	list, err := s.Projects(ctx)
	must(t, err)
	first := project(1)
	first.Revision, changed.Revision = 1, 2
	same(t, list, []meta.Project{first, changed})
	got, err := s.Project(ctx, changed.Key)
	must(t, err)
	same(t, got, changed)
}

func (e Engine) conflict(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	must(t, s.CreateProject(ctx, project(1)))
	mine, err := s.Project(ctx, project(1).Key)
	must(t, err)
	theirs := mine
	mine.Name, theirs.Purpose = "mine", "theirs"
	must(t, s.UpdateProject(ctx, mine))
	is(t, s.UpdateProject(ctx, theirs), meta.ErrConflict)
	got, err := s.Project(ctx, mine.Key)
	must(t, err)
	mine.Revision = 2
	same(t, got, mine)
}

func user(i int) meta.User {
	return meta.User{ID: fmt.Sprintf("u%d", i), Name: fmt.Sprintf("Name%d@example.org", i), Role: meta.RoleViewer, Password: "$argon2id$…", Created: noon}
}

func (e Engine) users(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	_, err := s.UserByName(ctx, "nobody")
	is(t, err, meta.ErrNotFound)
	must(t, s.CreateUser(ctx, user(2)))
	must(t, s.CreateUser(ctx, user(1)))
	again := user(3)
	again.Name = strings.ToUpper(user(1).Name)
	is(t, s.CreateUser(ctx, again), meta.ErrExists)
	got, err := s.UserByName(ctx, "  NAME2@EXAMPLE.ORG ")
	must(t, err)
	same(t, got, user(2))
	changed := user(2)
	changed.Role, changed.Disabled, changed.Password = meta.RoleOwner, true, "other"
	must(t, s.UpdateUser(ctx, changed))
	taken := changed
	taken.Name = user(1).Name
	is(t, s.UpdateUser(ctx, taken), meta.ErrExists)
	is(t, s.UpdateUser(ctx, user(9)), meta.ErrNotFound)
	list, err := s.Users(ctx)
	must(t, err)
	same(t, list, []meta.User{user(1), changed})
	must(t, s.DeleteUser(ctx, "u1"))
	is(t, s.DeleteUser(ctx, "u1"), meta.ErrNotFound)
	_, err = s.User(ctx, "u1")
	is(t, err, meta.ErrNotFound)
}

func (e Engine) logins(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	must(t, s.CreateUser(ctx, user(1)))
	must(t, s.CreateUser(ctx, user(2)))
	login := func(hash, user string, minutes int) meta.Login {
		return meta.Login{Hash: hash, User: user, Created: noon, Seen: noon, Expires: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	for _, l := range []meta.Login{login("a", "u1", 1), login("b", "u1", 5), login("c", "u2", 9), login("d", "u2", 9)} {
		must(t, s.CreateLogin(ctx, l))
	}
	is(t, s.CreateLogin(ctx, login("a", "u2", 1)), meta.ErrExists)
	must(t, s.TouchLogin(ctx, "b", noon.Add(time.Minute)))
	is(t, s.TouchLogin(ctx, "x", noon), meta.ErrNotFound)
	got, err := s.Login(ctx, "b")
	must(t, err)
	want := login("b", "u1", 5)
	want.Seen = noon.Add(time.Minute)
	same(t, got, want)
	must(t, s.ExpireLogins(ctx, noon.Add(2*time.Minute)))
	gone := func(hash string) { t.Helper(); _, err := s.Login(ctx, hash); is(t, err, meta.ErrNotFound) }
	gone("a")
	must(t, s.DeleteLogin(ctx, "c"))
	gone("c")
	must(t, s.DeleteUser(ctx, "u1"))
	gone("b")
	must(t, s.DeleteLogins(ctx, "u2"))
	gone("d")
}

func (e Engine) texts(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	key := project(1).Key
	_, err := s.LatestTexts(ctx, key)
	is(t, err, meta.ErrNotFound)
	set := func(version string, approved int, texts ...string) meta.TextSet {
		t := meta.TextSet{Project: key, Version: version, Texts: texts, Created: noon}
		if approved > 0 {
			t.Approved, t.By = noon.Add(time.Duration(approved)*time.Hour), "owner"
		}
		return t
	}
	must(t, s.PutTexts(ctx, set("a", 1, "Start now", "Find “it”")))
	must(t, s.PutTexts(ctx, set("b", 2, "Start now")))
	must(t, s.PutTexts(ctx, set("c", 0, "Not yet")))
	got, err := s.LatestTexts(ctx, key)
	must(t, err)
	same(t, got, set("b", 2, "Start now"))
	must(t, s.PutTexts(ctx, set("a", 3, "Changed")))
	got, err = s.LatestTexts(ctx, key)
	must(t, err)
	same(t, got, set("a", 3, "Changed"))
	got, err = s.Texts(ctx, key, "c")
	must(t, err)
	same(t, got, set("c", 0, "Not yet"))
	_, err = s.Texts(ctx, project(2).Key, "c")
	is(t, err, meta.ErrNotFound)
}

func (e Engine) values(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	_, err := s.Value(ctx, "x")
	is(t, err, meta.ErrNotFound)
	must(t, s.SetValue(ctx, "x", "1"))
	must(t, s.SetValue(ctx, "x", `{"a":"ü'"}`))
	got, err := s.Value(ctx, "x")
	must(t, err)
	same(t, got, `{"a":"ü'"}`)
}
