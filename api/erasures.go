package api

import (
	"context"
	"fmt"
	"net/http"

	"footpath/internal/httpx"
	"footpath/store/meta"
	"footpath/wire"
)

// Eraser begins erasures; *erasure.Eraser does.
type Eraser interface {
	// Begin makes the erasure of a project certain and removes the project; the rest
	// happens behind it.
	Begin(ctx context.Context, project wire.ProjectKey, why, by string) (meta.Erasure, error)
}

// Erasures is the erasure journal, newest first.
type Erasures struct {
	Erasures []meta.Erasure `json:"erasures"`
}

// erasuresShown bounds the list; older ones stand in the audit log.
const erasuresShown = 200

func (a *API) erasures(c *call) error {
	list, err := a.Meta.Erasures(c.ctx(), false, erasuresShown)
	if err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusOK, Erasures{list})
}

// deleteProject answers 202: the project is gone and its erasure certain, its data
// are being destroyed. The list of erasures says when that is done.
func (a *API) deleteProject(c *call) error {
	var req DeleteRequest
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	if req.Name != c.project.Name {
		return httpx.Invalid("name", "Write the project's name, %q, to confirm.", c.project.Name)
	}
	if err := a.noteProject(c, "project.delete", c.project, nil); err != nil {
		return err
	}
	receipt, err := a.Eraser.Begin(c.ctx(), c.project.Key, "project deleted", c.user.Name)
	if err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusAccepted, receipt)
}

// pendingMost is how many pending erasures are looked through.
const pendingMost = 1_000

// CheckErased refuses the key of a project that is being erased: what would come
// in under it would be erased with the rest.
func CheckErased(ctx context.Context, store meta.Store, key wire.ProjectKey) error {
	pending, err := store.Erasures(ctx, true, pendingMost)
	if err != nil {
		return fmt.Errorf("look for erasures of project %s: %w", key, err)
	}
	for _, e := range pending {
		if e.Project == key && e.Session == "" {
			return &httpx.Error{
				Status: http.StatusConflict, Code: "erasing", Field: "key",
				Message: "The project that had this key is being erased. Try again when that is finished, or use another key.",
			}
		}
	}
	return nil
}
