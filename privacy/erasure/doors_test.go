package erasure

import (
	"errors"
	"sync"
	"testing"

	"footpath/journal/journaltest"
	"footpath/store/events"
	"footpath/wire"
)

var errDied = errors.New("died here")

// Fault 81: a session is erased while its chunks arrive, the program dies before
// each of the steps, and after the restart the session is and stays erased; what
// comes late is refused with 409.
func TestCrashWhileErasingASession(t *testing.T) {
	for _, step := range []string{"keys", "rows", "recordings", "journal", "scrub", "finish"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := enter(t, dir)
			h.project(own)
			h.fill(own, 1, 2)
			at := h.place(1)
			h.record(at)
			h.eraser.fail = func(name string) error {
				if name == step {
					return errDied
				}
				return nil
			}
			sent := make(chan struct{})
			go func() { // chunks go on arriving while the erasure runs
				defer close(sent)
				for seq := 3; seq < 30; seq++ {
					h.send(own, 1, seq, 0)
				}
			}()
			if _, err := h.eraser.Session(t.Context(), at, "asked for", "owner"); !errors.Is(err, errDied) {
				t.Fatal(err)
			}
			<-sent
			h.stop()

			h = enter(t, dir)
			must(t, h.eraser.Resume(t.Context()))
			must(t, h.eraser.repeat(t.Context()))
			if status, reason := h.send(own, 1, 40, 0); status != 409 || reason != string(wire.ReasonClosed) {
				t.Errorf("late chunk: %d %s", status, reason)
			}
			if status, _ := h.send(own, 2, 40, 0); status != 202 {
				t.Errorf("the other session: %d", status)
			}
			h.eventually("the other session's row", func() bool { return h.rows(own, events.Events, 2) == 4 })
			h.gone(at, 1)
			pending, err := h.meta.Erasures(t.Context(), true, 10)
			if err != nil || len(pending) != 0 {
				t.Errorf("pending: %+v, %v", pending, err)
			}
		})
	}
}

// Faults 81 and 84 for a project: dead before each step, nothing of it is left
// after the restart, neither in the stores nor in the bytes of any file; another
// project's data are untouched; its key opens no door (401).
func TestCrashWhileErasingAProject(t *testing.T) {
	for _, step := range []string{"close", "keys", "rows", "recordings", "journal", "facts", "scrub", "finish"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			h := enter(t, dir)
			h.project(own)
			h.fill(own, 1, 2)
			h.record(h.place(2))
			must(t, h.meta.SetValue(t.Context(), "values/"+string(own), planted))
			h.project(other)
			h.eventually("the door", func() bool { status, _ := h.send(other, 7, 0, 0); return status == 202 })
			died := false
			h.eraser.fail = func(name string) error {
				if name == step {
					died = true
					return errDied
				}
				return nil
			}
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				for n := range 30 {
					h.send(own, 10+n, 0, 0) // new sessions, with keys of their own
					h.send(own, 0, 1+n, 0)
				}
			}()
			if _, err := h.eraser.Project(t.Context(), own, "deleted", "owner"); !errors.Is(err, errDied) || !died {
				t.Fatal(err)
			}
			<-sent
			h.stop()

			h = enter(t, dir)
			must(t, h.eraser.Resume(t.Context()))
			must(t, h.eraser.repeat(t.Context()))
			h.eventually("401", func() bool { status, _ := h.send(own, 1, 50, 0); return status == 401 })
			h.eventually("the other project's row", func() bool { return h.rows(other, events.Events, 7) == 1 })
			for _, table := range []events.Table{events.Events, events.Sessions, events.Counts} {
				if n := h.rows(own, table, 0); n != 0 {
					t.Errorf("%s: %d rows left", table, n)
				}
			}
			if n, err := h.keys.DestroyProject(t.Context(), own); err != nil || n != 0 {
				t.Errorf("%d keys were alive, %v", n, err)
			}
			if _, segments, err := h.rec.EraseProject(t.Context(), own); err != nil || segments != 0 {
				t.Errorf("%d segments left, %v", segments, err)
			}
			h.stop()
			h.onlyIn(other)
		})
	}
}

// onlyIn looks at the bytes of a house that was left: the marker may be in the one
// month file, for the other project's sake, and nowhere else.
func (h *house) onlyIn(key wire.ProjectKey) {
	h.t.Helper()
	h = enter(h.t, h.dir)
	_, err := h.events.Expire(h.t.Context(), key, events.MaxTime)
	must(h.t, err)
	must(h.t, h.events.Scrub(h.t.Context()))
	h.stop()
	hits, files, err := Search(h.dir, []byte(planted))
	if err != nil || len(hits) > 0 || files < 4 {
		h.t.Errorf("the marker is in %v of %d files, %v", hits, files, err)
	}
}

// Fault 84: the marker is in the files before the erasure, and in none after it,
// while the stores are open.
func TestErasedSessionIsInNoFile(t *testing.T) {
	h := enter(t, t.TempDir())
	h.project(own)
	h.eventually("the door", func() bool { status, _ := h.send(own, 1, 0, 0); return status == 202 })
	h.eventually("its row", func() bool { return h.rows(own, events.Sessions, 1) == 1 })
	at := h.place(1)
	h.record(at)
	receipt, err := h.eraser.Session(t.Context(), at, "asked for", "owner")
	must(t, err)
	// Chunks may be none: process forgets them too when it meets the dead key.
	if receipt.Keys != 1 || receipt.Sessions != 1 || receipt.Rows != 1 || receipt.Segments != 1 || receipt.Done.IsZero() {
		t.Errorf("receipt %+v", receipt)
	}
	h.gone(at, 1)
	// The counts of Tier A are nobody's; here none was sent.
	hits, _, err := Search(h.dir, []byte(planted))
	if err != nil || len(hits) > 0 {
		t.Errorf("the marker is in %v, %v", hits, err)
	}
	log, err := h.meta.AuditLog(t.Context(), 0, 1)
	if err != nil || len(log) != 1 || log[0].Action != "session.erased" || log[0].User != "owner" {
		t.Errorf("audit %+v, %v", log, err)
	}
}

// The search sees what is there: before the erasure the marker is in a file. And
// asking twice at a time gives one erasure.
func TestSearchFindsAndTwoAtATimeAreOne(t *testing.T) {
	dir := t.TempDir()
	h := enter(t, dir)
	h.project(own)
	h.fill(own, 1)
	h.stop()
	if hits, _, err := Search(dir, []byte(planted)); err != nil || len(hits) == 0 {
		t.Fatalf("the marker is in no file before the erasure: %v", err)
	}
	h = enter(t, dir)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := h.eraser.Project(t.Context(), own, "deleted", "owner"); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	log, err := h.meta.AuditLog(t.Context(), 0, 10)
	if err != nil || len(log) != 1 {
		t.Errorf("%d audit entries, %v", len(log), err)
	}
	if _, err := h.eraser.Find(t.Context(), own, journaltest.ID("S", 1)); !errors.Is(err, ErrUnknown) {
		t.Errorf("found after the erasure: %v", err)
	}
}

// A project made anew under an erased key keeps its data when the erasures of
// before are repeated at a start.
func TestProjectMadeAnewIsLeftAlone(t *testing.T) {
	h := enter(t, t.TempDir())
	h.project(own)
	if _, err := h.eraser.Project(t.Context(), own, "deleted", "owner"); err != nil {
		t.Fatal(err)
	}
	h.project(own)
	h.eventually("the door", func() bool { status, _ := h.send(own, 3, 0, 0); return status == 202 })
	h.eventually("its row", func() bool { return h.rows(own, events.Sessions, 3) == 1 })
	must(t, h.eraser.repeat(t.Context()))
	if h.rows(own, events.Sessions, 3) != 1 {
		t.Error("the new project's session was erased")
	}
}
