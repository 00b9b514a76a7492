package api

import (
	"errors"
	"net/http"
	"time"

	"footpath/store/meta"
)

// Texts is the newest approved public text set, or none.
type Texts struct {
	Set *TextSet `json:"set"`
}

// TextSet is one version of a project's public texts (ruling 16).
type TextSet struct {
	Version  string    `json:"version"`
	Texts    []string  `json:"texts"`
	Created  time.Time `json:"created"`
	Approved time.Time `json:"approved"`
	By       string    `json:"by"`
}

func (a *API) texts(c *call) error {
	set, err := a.Meta.LatestTexts(c.ctx(), c.project.Key)
	if errors.Is(err, meta.ErrNotFound) {
		return c.answer(http.StatusOK, Texts{})
	}
	if err != nil {
		return err
	}
	out := TextSet{Version: set.Version, Texts: set.Texts, Created: set.Created, Approved: set.Approved, By: set.By}
	if out.Texts == nil {
		out.Texts = []string{}
	}
	return c.answer(http.StatusOK, Texts{&out})
}
