package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"footpath/internal/auth"
	"footpath/internal/httpx"
	"footpath/store/meta"
)

// Lives of a login: 12 hours without a request (a working day's pause over
// night), 7 days in any case.
const (
	idleLife    = 12 * time.Hour
	longestLife = 7 * 24 * time.Hour
	// touchEvery spares the store a write per request.
	touchEvery = time.Minute
)

// LoginRequest signs in.
type LoginRequest struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// Session is the answer to signing in.
type Session struct {
	User meta.User `json:"user"`
}

// Empty is the body of requests that say all in their address.
type Empty struct{}

// cookieName is bound to the host where the browser can do so: "__Host-" needs
// https.
func (a *API) cookieName(r *http.Request) string {
	if a.peers.Secure(r) {
		return "__Host-footpath"
	}
	return "footpath"
}

func (a *API) setCookie(c *call, value string, life time.Duration) {
	cookie := &http.Cookie{
		Name: a.cookieName(c.r), Value: value, Path: "/", HttpOnly: true,
		Secure: a.peers.Secure(c.r), SameSite: http.SameSiteStrictMode, MaxAge: int(life / time.Second),
	}
	if value == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(c.w, cookie)
}

// identify finds who is signed in, if anybody. Role and existence are read with
// each request, so that a change acts on the next (S43).
func (a *API) identify(c *call) error {
	cookie, err := c.r.Cookie(a.cookieName(c.r))
	if err != nil || cookie.Value == "" {
		return nil
	}
	login, err := a.Meta.Login(c.ctx(), auth.Digest(cookie.Value))
	if errors.Is(err, meta.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := a.Now()
	if !now.Before(login.Expires) || now.Sub(login.Seen) > idleLife {
		return a.Meta.DeleteLogin(c.ctx(), login.Hash)
	}
	user, err := a.Meta.User(c.ctx(), login.User)
	if errors.Is(err, meta.ErrNotFound) || (err == nil && user.Disabled) {
		return nil
	}
	if err != nil {
		return err
	}
	if now.Sub(login.Seen) >= touchEvery {
		if err := a.Meta.TouchLogin(c.ctx(), login.Hash, now); err != nil {
			return err
		}
	}
	c.user, c.login = user, login
	return nil
}

// login answers alike, in the same time, for an unknown name and a wrong
// password.
func (a *API) login(c *call) error {
	if err := a.refusePlain(c.r); err != nil {
		return err
	}
	var req LoginRequest
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	req.Name = strings.TrimSpace(req.Name)
	client, account := a.peers.Client(c.r, a.secret), account(req.Name)
	if err := a.wait(client, account); err != nil {
		return err
	}
	user, err := a.Meta.UserByName(c.ctx(), req.Name)
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return err
	}
	right, err := a.hasher.Verify(c.ctx(), user.Password, req.Password)
	if err != nil {
		return err
	}
	if !right || user.Disabled {
		a.backoff.Failed(client, account, a.Now())
		a.metrics.logins.WithLabelValues("wrong").Inc()
		return httpx.Errorf(http.StatusUnauthorized, "wrong", "Name or password is wrong.")
	}
	a.backoff.Succeeded(client, account)
	a.metrics.logins.WithLabelValues("ok").Inc()
	return a.signIn(c, user, "login")
}

// account is a name's key for back-off: of one length, whatever is sent as a name.
func account(name string) string { return auth.Digest(strings.ToLower(name)) }

// wait refuses an attempt that comes too soon after failed ones (S37).
func (a *API) wait(client, account string) error {
	wait := a.backoff.Wait(client, account, a.Now())
	if wait <= 0 {
		return nil
	}
	a.metrics.logins.WithLabelValues("wait").Inc()
	return &httpx.Error{
		Status: http.StatusTooManyRequests, Code: "wait", RetryAfter: wait,
		Message: "Too many failed attempts from here. Wait a moment, then try again.",
	}
}

// refusePlain keeps passwords off unencrypted networks (S54).
func (a *API) refusePlain(r *http.Request) error {
	if a.config.InsecureHTTP || a.peers.Secure(r) || httpx.Loopback(r.Host) {
		return nil
	}
	return httpx.Errorf(http.StatusForbidden, "plain-http",
		"Sign-in needs https. Open the dashboard over https; behind a proxy, list it under server.trusted_proxies and have it send X-Forwarded-Proto.")
}

// signIn makes a new login, ends the one the browser had (S36), and answers with
// the user.
func (a *API) signIn(c *call, user meta.User, action string) error {
	if c.login.Hash != "" {
		if err := a.Meta.DeleteLogin(c.ctx(), c.login.Hash); err != nil {
			return err
		}
	}
	if err := a.newLogin(c, user); err != nil {
		return err
	}
	if err := a.note(c, user.Name, meta.Audit{Action: action}); err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusOK, Session{User: user})
}

func (a *API) newLogin(c *call, user meta.User) error {
	now := a.Now()
	secret := auth.NewSecret(32)
	login := meta.Login{Hash: auth.Digest(secret), User: user.ID, Created: now, Seen: now, Expires: now.Add(longestLife)}
	if err := a.Meta.CreateLogin(c.ctx(), login); err != nil {
		return err
	}
	// A tidy table costs one statement per sign-in.
	if err := a.Meta.ExpireLogins(c.ctx(), now); err != nil {
		return err
	}
	a.setCookie(c, secret, longestLife)
	return nil
}

func (a *API) logout(c *call) error {
	if err := httpx.ReadJSON(c.w, c.r, &Empty{}); err != nil {
		return err
	}
	if err := a.Meta.DeleteLogin(c.ctx(), c.login.Hash); err != nil {
		return err
	}
	a.setCookie(c, "", 0)
	if err := a.note(c, c.user.Name, meta.Audit{Action: "logout"}); err != nil {
		return err
	}
	return c.done()
}

// PasswordRequest changes one's own password.
type PasswordRequest struct {
	Old string `json:"old"`
	New string `json:"new"`
}

func (a *API) password(c *call) error {
	var req PasswordRequest
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	client, account := a.peers.Client(c.r, a.secret), account(c.user.Name)
	if err := a.wait(client, account); err != nil {
		return err
	}
	right, err := a.hasher.Verify(c.ctx(), c.user.Password, req.Old)
	if err != nil {
		return err
	}
	if !right {
		a.backoff.Failed(client, account, a.Now())
		return httpx.Invalid("old", "That is not your present password.")
	}
	user := c.user
	if user.Password, err = a.newPassword(c, user.Name, req.New, "new"); err != nil {
		return err
	}
	if err := a.Meta.UpdateUser(c.ctx(), user); err != nil {
		return err
	}
	if err := a.Meta.DeleteLogins(c.ctx(), user.ID); err != nil {
		return err
	}
	if err := a.newLogin(c, user); err != nil {
		return err
	}
	if err := a.note(c, user.Name, meta.Audit{Action: "password.change"}); err != nil {
		return err
	}
	return c.done()
}

// newPassword checks and hashes a password that was chosen.
func (a *API) newPassword(c *call, name, password, field string) (string, error) {
	if problem := auth.CheckPassword(name, password); problem != "" {
		return "", httpx.Invalid(field, "%s", problem)
	}
	return a.hasher.Hash(c.ctx(), password)
}
