package sqlite

import (
	"context"
	"strings"
	"time"

	"footpath/store/meta"
)

const selectUsers = "SELECT id, name, role, password, created, disabled FROM users "

// Users follows meta.Store, by name.
func (s *Store) Users(ctx context.Context) ([]meta.User, error) {
	rows, err := s.db.QueryContext(ctx, selectUsers+"ORDER BY folded")
	if err != nil {
		return nil, kind("list users", err)
	}
	defer rows.Close()
	var out []meta.User
	for rows.Next() {
		u, err := scanUser(rows.Scan)
		if err != nil {
			return nil, kind("list users", err)
		}
		out = append(out, u)
	}
	return out, kind("list users", rows.Err())
}

// UserByName follows meta.Store; case does not matter.
func (s *Store) UserByName(ctx context.Context, name string) (meta.User, error) {
	u, err := scanUser(s.db.QueryRowContext(ctx, selectUsers+"WHERE folded = ?", fold(name)).Scan)
	return u, kind("user by name", err)
}

// User follows meta.Store.
func (s *Store) User(ctx context.Context, id string) (meta.User, error) {
	u, err := scanUser(s.db.QueryRowContext(ctx, selectUsers+"WHERE id = ?", id).Scan)
	return u, kind("user "+id, err)
}

func scanUser(scan func(...any) error) (meta.User, error) {
	var u meta.User
	var created int64
	if err := scan(&u.ID, &u.Name, &u.Role, &u.Password, &created, &u.Disabled); err != nil {
		return meta.User{}, err
	}
	u.Created = instant(created)
	return u, nil
}

// CreateUser follows meta.Store.
func (s *Store) CreateUser(ctx context.Context, u meta.User) error {
	return s.exec(ctx, "create user "+u.ID,
		"INSERT INTO users (id, folded, name, role, password, created, disabled) VALUES (?, ?, ?, ?, ?, ?, ?)",
		u.ID, fold(u.Name), u.Name, u.Role, u.Password, millis(u.Created), u.Disabled)
}

// UpdateUser follows meta.Store; ErrExists when the new name is another user's.
func (s *Store) UpdateUser(ctx context.Context, u meta.User) error {
	return s.one(ctx, "update user "+u.ID,
		"UPDATE users SET folded = ?, name = ?, role = ?, password = ?, disabled = ? WHERE id = ?",
		fold(u.Name), u.Name, u.Role, u.Password, u.Disabled, u.ID)
}

// DeleteUser follows meta.Store; the logins go by foreign key.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.one(ctx, "delete user "+id, "DELETE FROM users WHERE id = ?", id)
}

func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// CreateLogin follows meta.Store.
func (s *Store) CreateLogin(ctx context.Context, l meta.Login) error {
	return s.exec(ctx, "create login", "INSERT INTO logins (hash, user_id, created, seen, expires) VALUES (?, ?, ?, ?, ?)",
		l.Hash, l.User, millis(l.Created), millis(l.Seen), millis(l.Expires))
}

// Login follows meta.Store. Whether it has expired is the caller's question.
func (s *Store) Login(ctx context.Context, hash string) (meta.Login, error) {
	var l meta.Login
	var created, seen, expires int64
	err := s.db.QueryRowContext(ctx, "SELECT hash, user_id, created, seen, expires FROM logins WHERE hash = ?", hash).
		Scan(&l.Hash, &l.User, &created, &seen, &expires)
	if err != nil {
		return meta.Login{}, kind("login", err)
	}
	l.Created, l.Seen, l.Expires = instant(created), instant(seen), instant(expires)
	return l, nil
}

// TouchLogin follows meta.Store.
func (s *Store) TouchLogin(ctx context.Context, hash string, seen time.Time) error {
	return s.one(ctx, "touch login", "UPDATE logins SET seen = ? WHERE hash = ?", millis(seen), hash)
}

// DeleteLogin follows meta.Store; deleting none is no error.
func (s *Store) DeleteLogin(ctx context.Context, hash string) error {
	return s.exec(ctx, "delete login", "DELETE FROM logins WHERE hash = ?", hash)
}

// DeleteLogins follows meta.Store.
func (s *Store) DeleteLogins(ctx context.Context, user string) error {
	return s.exec(ctx, "delete logins of "+user, "DELETE FROM logins WHERE user_id = ?", user)
}

// ExpireLogins follows meta.Store.
func (s *Store) ExpireLogins(ctx context.Context, now time.Time) error {
	return s.exec(ctx, "expire logins", "DELETE FROM logins WHERE expires <= ?", millis(now))
}
