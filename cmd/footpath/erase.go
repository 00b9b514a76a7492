package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/config"
	"footpath/internal/obs"
	"footpath/privacy/erasure"
	"footpath/store/meta"
	"footpath/wire"
)

const eraseUsage = `Usage: footpath erase -project KEY [flags]
       footpath erase -session ID [-project KEY] [flags]
       footpath erase -prove -marker TEXT [flags]

Destroys one session, or a project with everything recorded for it: keys first, then
rows, recordings and what waits in the journal; then the files are rewritten. It
cannot be undone. The server must be stopped, because only one process may use the
data directory; while it runs, delete a project in its settings on the dashboard.

-prove searches every file of the data directory for the plain bytes of -marker,
something that was recorded (a page's address, say), after the erasure or alone. It
fails when there is a place left.

  footpath erase -session 3kTMdTdJ0d0XGqBHPuYmW -why "asked for by letter of 3 May"
  footpath erase -prove -marker /planning/apply/upload
`

// eraseFlags are what is asked for beside the configuration.
type eraseFlags struct {
	project, session, why, marker string
	prove                         bool
}

func runErase(ctx context.Context, args []string, s std) error {
	var ask eraseFlags
	set := flags("erase", eraseUsage, s)
	set.StringVar(&ask.project, "project", "", "key of the project")
	set.StringVar(&ask.session, "session", "", "id of the session, as in its address on the dashboard")
	set.StringVar(&ask.why, "why", "", "reason, for the audit log")
	set.StringVar(&ask.marker, "marker", "", "text that must not be found")
	set.BoolVar(&ask.prove, "prove", false, "search the data directory for -marker")
	cfg, rest, err := load(set, args, s)
	if err != nil {
		return err
	}
	if err := only(rest); err != nil {
		return err
	}
	switch {
	case ask.prove != (ask.marker != ""):
		return usagef("-prove and -marker go together")
	case ask.project == "" && ask.session == "" && !ask.prove:
		return usagef("say what to erase: -project KEY or -session ID")
	case ask.project != "" && !wire.ProjectKey(ask.project).Valid():
		return usagef("-project must have 40 characters from 0-9 and a-f")
	case ask.session != "" && !wire.ID(ask.session).Valid():
		return usagef("-session must be an id of 21 characters")
	}
	if ask.project != "" || ask.session != "" {
		if err := eraseNow(ctx, cfg, ask, s); err != nil {
			return err
		}
	}
	if ask.prove {
		return prove(cfg.Data.Dir, ask.marker, s)
	}
	return nil
}

// eraseNow opens the stores, erases, and closes them again, so that a search finds
// the files as they stay.
func eraseNow(ctx context.Context, cfg config.Config, ask eraseFlags, s std) (err error) {
	log, err := obs.Logger(s.err, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return err
	}
	st, err := openStores(cfg, log, obs.NewRegistry(version))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	eraser, err := erasure.New(st.erasing(nil, log, nil))
	if err != nil {
		return err
	}
	var receipt meta.Erasure
	if ask.session == "" {
		key := wire.ProjectKey(ask.project)
		if _, err := st.meta.Project(ctx, key); err != nil {
			return projectError(ask.project, err)
		}
		receipt, err = eraser.Project(ctx, key, orText(ask.why, "erased at the console"), operator())
	} else {
		var at erasure.Place
		if at, err = findSession(ctx, st, eraser, ask); err == nil {
			receipt, err = eraser.Session(ctx, at, orText(ask.why, "erased at the console"), operator())
		}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Erasure %d: %s\n", receipt.ID, erasure.Describe(receipt))
	return err
}

// findSession looks in the project given, or in all.
func findSession(ctx context.Context, st *stores, eraser *erasure.Eraser, ask eraseFlags) (erasure.Place, error) {
	keys := []wire.ProjectKey{wire.ProjectKey(ask.project)}
	if ask.project == "" {
		projects, err := st.meta.Projects(ctx)
		if err != nil {
			return erasure.Place{}, fmt.Errorf("list projects: %w", err)
		}
		keys = nil
		for _, p := range projects {
			keys = append(keys, p.Key)
		}
	}
	for _, key := range keys {
		at, err := eraser.Find(ctx, key, wire.ID(ask.session))
		if !errors.Is(err, erasure.ErrUnknown) {
			return at, err
		}
	}
	return erasure.Place{}, usagef("there is no session %s; it may have expired or been erased", ask.session)
}

func prove(dir, marker string, s std) error {
	hits, files, err := erasure.Search(dir, []byte(marker))
	if err != nil {
		return err
	}
	for _, h := range hits {
		fmt.Fprintf(s.out, "found in %s at byte %d\n", h.File, h.Offset)
	}
	if len(hits) > 0 {
		return fmt.Errorf("the marker is in %d of %d files", len(hits), files)
	}
	_, err = fmt.Fprintf(s.out, "Searched %d files: the marker is in none.\n", files)
	return err
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// erasing is what an eraser of these stores works with.
func (s *stores) erasing(changed func(), log *slog.Logger, metrics prometheus.Registerer) erasure.Deps {
	return erasure.Deps{
		Keys: s.keys, Recordings: s.recordings, Events: s.events, Log: s.log, Meta: s.meta,
		Changed: changed, Logger: log, Registerer: metrics,
	}
}
