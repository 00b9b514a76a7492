package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"footpath/api"
	"footpath/internal/httpx"
	"footpath/store/meta"
	"footpath/wire"
)

const projectUsage = `Usage: footpath project list [flags]
       footpath project create name=… domains=… [setting=value…] [flags]
       footpath project show KEY [flags]
       footpath project set KEY setting=value… [flags]

A project is one site. Settings have the names that show prints; lists are comma
separated. create takes key=… to keep a key that Smartlook issued. Replay starts
when purpose and legalBasis are stated. The server may be running; it uses a changed
setting within a minute.

  footpath project create name="Planning" domains=planning.example,*.planning.example \
      purpose="See where the form is hard" legalBasis=consent zone=Europe/London
`

func runProject(ctx context.Context, args []string, s std) error {
	cfg, rest, err := load(flags("project", projectUsage, s), args, s, "data")
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("say what to do: footpath project list, create, show or set")
	}
	verbs := map[string]func(context.Context, meta.Store, []string, std) error{
		"list": listProjects, "create": createProject, "show": showProject, "set": setProject,
	}
	verb := verbs[rest[0]]
	if verb == nil {
		return usagef("footpath project cannot %q; it can list, create, show and set", rest[0])
	}
	store, err := openMeta(cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	return verb(ctx, store, rest[1:], s)
}

func listProjects(ctx context.Context, store meta.Store, args []string, s std) error {
	if err := only(args); err != nil {
		return err
	}
	projects, err := store.Projects(ctx)
	if err != nil {
		return fmt.Errorf("list projects: %w", err)
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tNAME\tDOMAINS\tCONSENT\tPROFILE\tREPLAY")
	for _, p := range projects {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%v\n", p.Key, p.Name, strings.Join(p.Domains, ","), p.Consent, p.Profile, p.Replay)
	}
	return w.Flush()
}

func createProject(ctx context.Context, store meta.Store, args []string, s std) error {
	change, err := parseChange(args)
	if err != nil {
		return err
	}
	now := time.Now()
	p := api.NewProject(now)
	if change.Key != nil {
		if p.Key = wire.ProjectKey(*change.Key); !p.Key.Valid() {
			return usagef("key must have 40 characters from 0-9 and a-f, in lower case")
		}
	}
	stated := change.Purpose != nil && *change.Purpose != "" && change.LegalBasis != nil && *change.LegalBasis != ""
	if change.Replay == nil && stated {
		change.Replay = &stated
	}
	p, changes, err := api.ChangeProject(meta.Project{}, p, change, operator(), now)
	if err != nil {
		return usagef("%s", message(err))
	}
	if err := api.CheckErased(ctx, store, p.Key); err != nil {
		return usagef("%s", message(err))
	}
	if err := store.CreateProject(ctx, p); err != nil {
		if errors.Is(err, meta.ErrExists) {
			return usagef("there is a project with the key %s already", p.Key)
		}
		return fmt.Errorf("create project: %w", err)
	}
	if err := audit(ctx, store, meta.Audit{Action: "project.create", Project: string(p.Key), Subject: p.Name, Detail: strings.Join(changes, "; ")}); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, p.Key)
	return err
}

func showProject(ctx context.Context, store meta.Store, args []string, s std) error {
	if len(args) != 1 {
		return usagef("give one key; footpath project list lists them")
	}
	p, err := store.Project(ctx, wire.ProjectKey(args[0]))
	if err != nil {
		return projectError(args[0], err)
	}
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(p)
}

func setProject(ctx context.Context, store meta.Store, args []string, s std) error {
	if len(args) < 2 {
		return usagef("give a key and what to set, such as sampling=5000")
	}
	change, err := parseChange(args[1:])
	if err != nil {
		return err
	}
	if change.Key != nil {
		return usagef("a project keeps its key")
	}
	old, err := store.Project(ctx, wire.ProjectKey(args[0]))
	if err != nil {
		return projectError(args[0], err)
	}
	p, changes, err := api.ChangeProject(old, old, change, operator(), time.Now())
	if err != nil {
		return usagef("%s", message(err))
	}
	if len(changes) == 0 {
		fmt.Fprintln(s.out, "Nothing to change.")
		return nil
	}
	if err := store.UpdateProject(ctx, p); err != nil {
		return fmt.Errorf("change project: %w", err)
	}
	if err := audit(ctx, store, meta.Audit{Action: "project.update", Project: string(p.Key), Subject: p.Name, Detail: strings.Join(changes, "; ")}); err != nil {
		return err
	}
	for _, c := range changes {
		fmt.Fprintln(s.out, c)
	}
	return nil
}

// parseChange reads setting=value arguments into a change; the kind of each value
// is that of the field of this name.
func parseChange(args []string) (api.ProjectChange, error) {
	var change api.ProjectChange
	fields := map[string]reflect.Value{}
	var names []string
	v := reflect.ValueOf(&change).Elem()
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
		names = append(names, name)
	}
	for _, arg := range args {
		name, text, ok := strings.Cut(arg, "=")
		field := fields[name]
		if !ok || !field.IsValid() || name == "revision" {
			return change, usagef("%q is no setting=value; settings are %s", arg, strings.Join(names, ", "))
		}
		if err := setField(field, text); err != nil {
			return change, usagef("%s: %v", name, err)
		}
	}
	return change, nil
}

func setField(field reflect.Value, text string) error {
	switch to := field.Addr().Interface().(type) {
	case **string:
		*to = &text
	case **bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("write true or false, not %q", text)
		}
		*to = &b
	case **int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("write a whole number, not %q", text)
		}
		*to = &n
	case **[]string:
		list := []string{}
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		*to = &list
	case **time.Time:
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return fmt.Errorf("write a day such as 2027-03-31, not %q", text)
		}
		*to = &day
	default:
		return fmt.Errorf("cannot be set here")
	}
	return nil
}

// projectError tells an unknown key from a failure.
func projectError(key string, err error) error {
	if errors.Is(err, meta.ErrNotFound) {
		return usagef("there is no project with the key %q; footpath project list lists them", key)
	}
	return fmt.Errorf("find project: %w", err)
}

// message is what the API would answer: the text for people, with the field.
func message(err error) string {
	if e, ok := errors.AsType[*httpx.Error](err); ok {
		if e.Field != "" {
			return e.Field + ": " + e.Message
		}
		return e.Message
	}
	return err.Error()
}
