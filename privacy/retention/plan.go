package retention

import (
	"context"
	"fmt"
	"strings"
	"time"

	"footpath/journal"
	"footpath/store/recordings"
	"footpath/wire"
)

// Plan is what retention would remove at a time.
type Plan struct {
	Now time.Time
	// Groups are the recordings of whole days.
	Groups []recordings.Group
	// Replays are recordings whose project now keeps them for a shorter time than
	// when they were made, or keeps their rows for less.
	Replays []Replay
	// Rows are the cut-offs of the projects.
	Rows []CutOff
	// Keys are the days of birth whose keys nothing needs any more.
	Keys []int32
}

// Replay is one session's recording.
type Replay struct {
	Project wire.ProjectKey
	Session wire.ID
	Day     int32
}

// CutOff says that a project's rows before an instant go.
type CutOff struct {
	Project wire.ProjectKey
	Name    string
	Before  time.Time
}

// keyGrace is how long the keys of a day stay at least: collect looks three days
// back for the key of a session that comes late, and erased ones must be found
// among them.
const keyGrace = 4

// Plan says what a run at now would remove; it removes nothing.
func (r *Retention) Plan(ctx context.Context, now time.Time) (Plan, error) {
	plan := Plan{Now: now.UTC()}
	projects, err := r.deps.Meta.Projects(ctx)
	if err != nil {
		return plan, fmt.Errorf("retention: projects: %w", err)
	}
	for _, p := range projects {
		plan.Rows = append(plan.Rows, CutOff{p.Key, p.Name, cutOff(now, zoneOf(p), eventMonths(p))})
	}
	groups, err := r.deps.Recordings.Groups(ctx)
	if err != nil {
		return plan, fmt.Errorf("retention: recordings: %w", err)
	}
	held := map[int32]bool{} // days of which some recording stays
	for _, g := range groups {
		if !now.Before(ends(g.Day, classDays(g.Class))) {
			plan.Groups = append(plan.Groups, g)
			continue
		}
		held[g.Day] = true
		for i, p := range projects {
			if now.Before(ends(g.Day, replayDays(p))) && plan.Rows[i].Before.Before(ends(g.Day, 0)) {
				continue
			}
			sessions, err := r.deps.Recordings.Sessions(ctx, g, p.Key)
			if err != nil {
				return plan, fmt.Errorf("retention: recordings of project %s: %w", p.Key, err)
			}
			for _, session := range sessions {
				plan.Replays = append(plan.Replays, Replay{p.Key, session, g.Day})
			}
		}
	}
	return plan, r.keyDays(ctx, now, held, &plan)
}

// keyDays adds the days whose keys can go: no recording of the day stays, and the
// journal holds nothing of it.
func (r *Retention) keyDays(ctx context.Context, now time.Time, held map[int32]bool, plan *Plan) error {
	days, err := r.deps.Keys.Days(ctx)
	if err != nil {
		return fmt.Errorf("retention: keys: %w", err)
	}
	candidates := map[int32]bool{}
	for _, day := range days {
		if !held[day] && !now.Before(ends(day, keyGrace)) {
			candidates[day] = true
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	err = r.deps.Log.Each(ctx, func(e journal.Entry) error {
		delete(candidates, e.Chunk.Day)
		return nil
	})
	if err != nil {
		return fmt.Errorf("retention: journal: %w", err)
	}
	for _, day := range days {
		if candidates[day] {
			plan.Keys = append(plan.Keys, day)
		}
	}
	return nil
}

// String lists the plan for people.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "At %s retention removes:\n", p.Now.Format(time.DateTime))
	for _, g := range p.Groups {
		fmt.Fprintf(&b, "  recordings of %d, kept for %d days\n", g.Day, classDays(g.Class))
	}
	for _, s := range p.Replays {
		fmt.Fprintf(&b, "  recording of session %s of %d: its project keeps it no longer\n", s.Session, s.Day)
	}
	for _, c := range p.Rows {
		fmt.Fprintf(&b, "  rows of %q before %s UTC\n", c.Name, c.Before.Format(time.DateTime))
	}
	for _, day := range p.Keys {
		fmt.Fprintf(&b, "  keys of %d\n", day)
	}
	return b.String()
}
