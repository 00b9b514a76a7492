package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"footpath/api"
	"footpath/internal/auth"
	"footpath/store/meta"
)

const userUsage = `Usage: footpath user list [flags]
       footpath user add NAME [-role viewer|analyst|owner] [flags]
       footpath user passwd NAME [flags]

add and passwd read the password from standard input (one line) with -stdin, or
else make one and print it. passwd ends the user's logins. The server may be running.
`

// maxLine bounds a password on standard input: the longest that is accepted is far
// below.
const maxLine = 4 << 10

func runUser(ctx context.Context, args []string, s std) error {
	set := flags("user", userUsage, s)
	role := set.String("role", meta.RoleViewer, "what a new user may do: viewer (reports), analyst (and replays), owner (and settings)")
	stdin := set.Bool("stdin", false, "read the password from standard input")
	cfg, rest, err := load(set, args, s, "data")
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("say what to do: footpath user list, add or passwd")
	}
	verb, names := rest[0], rest[1:]
	if known := map[string]int{"list": 0, "add": 1, "passwd": 1}; !hasKey(known, verb) {
		return usagef("footpath user cannot %q; it can list, add and passwd", verb)
	} else if len(names) != known[verb] {
		return usagef("footpath user %s takes %d names, not %d", verb, known[verb], len(names))
	}
	store, err := openMeta(cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	switch verb {
	case "add":
		return addUser(ctx, store, names[0], *role, *stdin, s)
	case "passwd":
		return setPassword(ctx, store, names[0], *stdin, s)
	}
	return listUsers(ctx, store, s)
}

func listUsers(ctx context.Context, store meta.Store, s std) error {
	users, err := store.Users(ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tSINCE\tSTATE")
	for _, u := range users {
		state := "active"
		if u.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Name, u.Role, u.Created.Format(time.DateOnly), state)
	}
	return w.Flush()
}

func addUser(ctx context.Context, store meta.Store, name, role string, stdin bool, s std) error {
	u := meta.User{ID: auth.NewSecret(12), Name: strings.TrimSpace(name), Role: role, Created: time.Now().UTC()}
	if err := api.CheckUser(u); err != nil {
		return usagef("%s", message(err))
	}
	password, hash, err := newPassword(ctx, u.Name, stdin, s)
	if err != nil {
		return err
	}
	u.Password = hash
	if err := store.CreateUser(ctx, u); err != nil {
		if errors.Is(err, meta.ErrExists) {
			return usagef("there is a user %q already; footpath user passwd gives a new password", u.Name)
		}
		return fmt.Errorf("add user: %w", err)
	}
	if err := audit(ctx, store, meta.Audit{Action: "user.create", Subject: u.Name, Detail: "role: " + role}); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Added %s (%s).\n", u.Name, role)
	tell(s, password, stdin)
	return nil
}

func setPassword(ctx context.Context, store meta.Store, name string, stdin bool, s std) error {
	u, err := store.UserByName(ctx, name)
	if errors.Is(err, meta.ErrNotFound) {
		return usagef("there is no user %q; footpath user list lists them", name)
	}
	if err != nil {
		return fmt.Errorf("find user: %w", err)
	}
	password, hash, err := newPassword(ctx, u.Name, stdin, s)
	if err != nil {
		return err
	}
	u.Password = hash
	if err := store.UpdateUser(ctx, u); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if err := store.DeleteLogins(ctx, u.ID); err != nil {
		return fmt.Errorf("end logins: %w", err)
	}
	if err := audit(ctx, store, meta.Audit{Action: "user.password", Subject: u.Name}); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s has a new password; other logins have ended.\n", u.Name)
	tell(s, password, stdin)
	return nil
}

// newPassword reads a password, or makes one of 96 bits, and hashes it.
func newPassword(ctx context.Context, name string, stdin bool, s std) (password, hash string, err error) {
	password = auth.NewSecret(12)
	if stdin {
		line, err := bufio.NewReader(io.LimitReader(s.in, maxLine)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", "", fmt.Errorf("read password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
		if problem := auth.CheckPassword(name, password); problem != "" {
			return "", "", usagef("%s", problem)
		}
	}
	hash, err = auth.NewHasher(1).Hash(ctx, password)
	return password, hash, err
}

// tell prints a password that we have made.
func tell(s std, password string, given bool) {
	if !given {
		fmt.Fprintf(s.out, "Password: %s\n", password)
	}
}

func hasKey[K comparable, V any](m map[K]V, k K) bool {
	_, ok := m[k]
	return ok
}
