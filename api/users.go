package api

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"footpath/internal/auth"
	"footpath/internal/httpx"
	"footpath/store/meta"
)

// Users is everybody who may sign in.
type Users struct {
	Users []meta.User `json:"users"`
}

// UserRequest adds a user.
type UserRequest struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	Password string `json:"password"`
}

// UserChange names what changes of a user.
type UserChange struct {
	Name     *string `json:"name,omitempty"`
	Role     *string `json:"role,omitempty"`
	Password *string `json:"password,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

func (a *API) users(c *call) error {
	users, err := a.Meta.Users(c.ctx())
	if err != nil {
		return err
	}
	if users == nil {
		users = []meta.User{}
	}
	c.private()
	return c.answer(http.StatusOK, Users{users})
}

func (a *API) createUser(c *call) error {
	var req UserRequest
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	user, err := a.makeUser(c, req)
	if err != nil {
		return err
	}
	if err := a.note(c, c.user.Name, meta.Audit{Action: "user.create", Subject: user.Name, Detail: "role: " + user.Role}); err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusCreated, user)
}

func (a *API) makeUser(c *call, req UserRequest) (meta.User, error) {
	user := meta.User{ID: auth.NewSecret(12), Name: strings.TrimSpace(req.Name), Role: req.Role, Created: a.Now().UTC()}
	if err := CheckUser(user); err != nil {
		return user, err
	}
	var err error
	if user.Password, err = a.newPassword(c, user.Name, req.Password, "password"); err != nil {
		return user, err
	}
	return user, a.Meta.CreateUser(c.ctx(), user)
}

// CheckUser says what is wrong with a user's name or role, as an *httpx.Error.
func CheckUser(u meta.User) error {
	n := utf8.RuneCountInString(u.Name)
	switch {
	case n == 0 || n > 100 || strings.ContainsFunc(u.Name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return httpx.Invalid("name", "Give a name or an e-mail address of 1 to 100 characters.")
	case !slices.Contains([]string{meta.RoleViewer, meta.RoleAnalyst, meta.RoleOwner}, u.Role):
		return httpx.Invalid("role", "Choose viewer (reports), analyst (and replays) or owner (and settings).")
	}
	return nil
}

func (a *API) updateUser(c *call) error {
	var req UserChange
	if err := httpx.ReadJSON(c.w, c.r, &req); err != nil {
		return err
	}
	a.owners.Lock()
	defer a.owners.Unlock()
	old, err := a.Meta.User(c.ctx(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	user, changes, err := a.changed(c, old, req)
	if err != nil {
		return err
	}
	if old.Role == meta.RoleOwner && !old.Disabled && (user.Role != meta.RoleOwner || user.Disabled) {
		if err := a.keepOneOwner(c, old.ID); err != nil {
			return err
		}
	}
	if err := a.Meta.UpdateUser(c.ctx(), user); err != nil {
		return err
	}
	// A new role, password or state takes a new login (S36, S43).
	if err := a.Meta.DeleteLogins(c.ctx(), user.ID); err != nil {
		return err
	}
	if err := a.note(c, c.user.Name, meta.Audit{Action: "user.update", Subject: user.Name, Detail: strings.Join(changes, "; ")}); err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusOK, user)
}

// changed applies req and says in words what it changes; never the password.
func (a *API) changed(c *call, u meta.User, req UserChange) (meta.User, []string, error) {
	var changes []string
	change := func(name, from, to string) {
		if from != to {
			changes = append(changes, name+": "+from+" → "+to)
		}
	}
	if req.Name != nil {
		name := strings.TrimSpace(*req.Name)
		change("name", u.Name, name)
		u.Name = name
	}
	if req.Role != nil {
		change("role", u.Role, *req.Role)
		u.Role = *req.Role
	}
	if req.Disabled != nil {
		change("disabled", text(u.Disabled), text(*req.Disabled))
		u.Disabled = *req.Disabled
	}
	if err := CheckUser(u); err != nil {
		return u, nil, err
	}
	if req.Password != nil {
		hash, err := a.newPassword(c, u.Name, *req.Password, "password")
		if err != nil {
			return u, nil, err
		}
		u.Password = hash
		changes = append(changes, "password: changed")
	}
	return u, changes, nil
}

func (a *API) deleteUser(c *call) error {
	if err := httpx.ReadJSON(c.w, c.r, &Empty{}); err != nil {
		return err
	}
	a.owners.Lock()
	defer a.owners.Unlock()
	user, err := a.Meta.User(c.ctx(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	if user.Role == meta.RoleOwner {
		if err := a.keepOneOwner(c, user.ID); err != nil {
			return err
		}
	}
	if err := a.Meta.DeleteUser(c.ctx(), user.ID); err != nil {
		return err
	}
	if err := a.note(c, c.user.Name, meta.Audit{Action: "user.delete", Subject: user.Name, Detail: "role: " + user.Role}); err != nil {
		return err
	}
	return c.done()
}

// keepOneOwner refuses to lose the last person who can change settings.
func (a *API) keepOneOwner(c *call, without string) error {
	users, err := a.Meta.Users(c.ctx())
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.ID != without && u.Role == meta.RoleOwner && !u.Disabled {
			return nil
		}
	}
	return httpx.Errorf(http.StatusConflict, "last-owner", "This is the last owner. Make somebody else an owner first.")
}
