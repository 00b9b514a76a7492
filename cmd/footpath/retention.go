package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"footpath/internal/obs"
	"footpath/privacy/retention"
)

const retentionUsage = `Usage: footpath retention plan [-at DAY] [flags]
       footpath retention run [-clock-is-right] [flags]

The server removes by itself, once a day, what its projects no longer keep. plan
prints what a run would remove now, or would have removed at midnight UTC of a day;
it removes nothing. run removes it. Both need the server to be stopped, because only
one process may use the data directory.

run does nothing while the clock is far from the last time the server saw, unless
you say with -clock-is-right that you have looked at it.

  footpath retention plan -at 2027-01-31
`

func runRetention(ctx context.Context, args []string, s std) (err error) {
	set := flags("retention", retentionUsage, s)
	at := set.String("at", "", "plan as of midnight UTC of this day, such as 2027-01-31")
	right := set.Bool("clock-is-right", false, "run although the clock is far from the last time seen")
	cfg, rest, err := load(set, args, s)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "plan" && rest[0] != "run" {
		return usagef("say what to do: footpath retention plan or run")
	}
	now := time.Now()
	if *at != "" {
		if rest[0] == "run" {
			return usagef("-at is for plan alone")
		}
		if now, err = time.Parse(time.DateOnly, *at); err != nil {
			return usagef("-at: write a day such as 2027-01-31, not %q", *at)
		}
	}
	log, err := obs.Logger(s.err, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return err
	}
	st, err := openStores(cfg, log, obs.NewRegistry(version))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	room, err := retention.New(st.keeping(log, nil))
	if err != nil {
		return err
	}
	if rest[0] == "plan" {
		plan, err := room.Plan(ctx, now)
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(s.out, plan)
		return err
	}
	return removeNow(ctx, room, *right, s)
}

func removeNow(ctx context.Context, room *retention.Retention, right bool, s std) error {
	if !right {
		doubt, err := room.Doubt(ctx)
		if err != nil {
			return err
		}
		if doubt != "" {
			return fmt.Errorf("nothing removed: %s; look at the clock, then say -clock-is-right", doubt)
		}
	}
	did, err := room.Once(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Removed: days of recordings %d, single recordings %d, sessions %d, events %d, counts %d, days of keys %d\n",
		did.Groups, did.Replays, did.Rows.Sessions, did.Rows.Events, did.Rows.Counts, did.Keys)
	return err
}

// keeping is what retention works with.
func (s *stores) keeping(log *slog.Logger, metrics prometheus.Registerer) retention.Deps {
	return retention.Deps{
		Keys: s.keys, Recordings: s.recordings, Events: s.events, Log: s.log, Meta: s.meta, Logger: log, Registerer: metrics,
	}
}
