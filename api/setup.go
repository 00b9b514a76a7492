package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"footpath/internal/auth"
	"footpath/internal/httpx"
	"footpath/store/meta"
)

const (
	// setupValue names the first-run token's hash in the metadata.
	setupValue = "setup"
	// setupLife is how long the token may be used; a restart prints another.
	setupLife = 24 * time.Hour
	// setupBytes makes 128 bits.
	setupBytes = 16
)

// setupToken is what is kept of the token.
type setupToken struct {
	Hash    string `json:"hash"`
	Expires int64  `json:"expires"` // milliseconds UTC
}

// NewSetupToken makes the one-time token for the first user, to be printed on the
// console; it replaces an earlier one. It is empty when there are users already.
func NewSetupToken(ctx context.Context, store meta.Store, now time.Time) (string, error) {
	users, err := store.Users(ctx)
	if err != nil {
		return "", fmt.Errorf("make set-up token: %w", err)
	}
	if len(users) > 0 {
		return "", nil
	}
	token := auth.NewSecret(setupBytes)
	kept, err := json.Marshal(setupToken{Hash: auth.Digest(token), Expires: now.Add(setupLife).UnixMilli()})
	if err != nil {
		return "", fmt.Errorf("make set-up token: %w", err)
	}
	if err := store.SetValue(ctx, setupValue, string(kept)); err != nil {
		return "", fmt.Errorf("keep set-up token: %w", err)
	}
	return token, nil
}

// State says who is signed in, and what this installation is.
type State struct {
	Setup     bool       `json:"setup"` // there is no user yet
	User      *meta.User `json:"user"`
	Version   string     `json:"version"` // only for those signed in
	Demo      bool       `json:"demo"`
	Collector string     `json:"collector"` // address of the recorder and the collector
}

func (a *API) state(c *call) error {
	s := State{Demo: a.config.Demo, Collector: a.collector(c.r)}
	if c.user.ID != "" {
		s.User, s.Version = &c.user, a.config.Version
	} else {
		users, err := a.Meta.Users(c.ctx())
		if err != nil {
			return err
		}
		s.Setup = len(users) == 0
	}
	c.private()
	return c.answer(http.StatusOK, s)
}

// collector is the address under which sites load the recorder.
func (a *API) collector(r *http.Request) string {
	return a.peers.Origin(r) + a.config.Prefix
}

// SetupRequest makes the first user.
type SetupRequest struct {
	Token    string `json:"token"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// setup works once: as long as there is no user, with the token of the last
// start, within a day (S38).
func (a *API) setup(c *call) error {
	if err := a.refusePlain(c.r); err != nil {
		return err
	}
	var req SetupRequest
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	client := a.peers.Client(c.r, a.secret)
	if err := a.wait(client, ""); err != nil {
		return err
	}
	a.setUp.Lock()
	defer a.setUp.Unlock()
	users, err := a.Meta.Users(c.ctx())
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return httpx.Errorf(http.StatusConflict, "done", "This installation is set up already. Sign in.")
	}
	if right, err := a.rightToken(c.ctx(), req.Token); err != nil || !right {
		if err == nil {
			a.backoff.Failed(client, "", a.Now())
			err = &httpx.Error{
				Status: http.StatusForbidden, Code: "token", Field: "token",
				Message: "This is not the token of the last start, or it is older than 24 hours. Restart Footpath: it prints a new one.",
			}
		}
		return err
	}
	user, err := a.makeUser(c, UserRequest{Name: req.Name, Role: meta.RoleOwner, Password: req.Password})
	if err != nil {
		return err
	}
	if err := a.Meta.SetValue(c.ctx(), setupValue, ""); err != nil {
		return err
	}
	return a.signIn(c, user, "setup")
}

func (a *API) rightToken(ctx context.Context, token string) (bool, error) {
	value, err := a.Meta.Value(ctx, setupValue)
	if errors.Is(err, meta.ErrNotFound) || (err == nil && value == "") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var kept setupToken
	if err := json.Unmarshal([]byte(value), &kept); err != nil {
		return false, fmt.Errorf("read set-up token: %w", err)
	}
	return auth.SameDigest(auth.Digest(token), kept.Hash) && a.Now().UnixMilli() < kept.Expires, nil
}
