package process

import (
	"context"
	"errors"
	"fmt"

	"footpath/privacy/keys"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/wire"
)

// undo looks, after a batch was committed, whether something of it was erased
// meanwhile, and takes that back. An erasure destroys the key (or removes the
// project) first and the rows afterwards; so either it comes after our rows and
// removes them, or we see here that it came before.
func (p *Processor) undo(ctx context.Context, b events.Batch) ([]input, error) {
	for n := 0; ; n++ {
		answers, err := p.tryUndo(ctx, b)
		if err == nil {
			return answers, nil
		}
		if err := p.pause(ctx, "undo", n, err); err != nil {
			return nil, err
		}
	}
}

func (p *Processor) tryUndo(ctx context.Context, b events.Batch) (answers []input, err error) {
	projects, err := p.goneProjects(ctx, b)
	if err != nil {
		return nil, err
	}
	var sessions []events.SessionKey
	for i := range b.Sessions {
		s := &b.Sessions[i]
		if projects[s.Project] {
			answers = append(answers, erased{key{s.Project, s.Session}})
			continue
		}
		_, err := p.deps.Keys.Get(ctx, keys.Name{Project: s.Project, ID: s.Session, Day: s.Day})
		if errors.Is(err, keys.ErrErased) {
			answers = append(answers, erased{key{s.Project, s.Session}})
			sessions = append(sessions, events.SessionKey{Project: s.Project, Session: s.Session, Start: s.Start})
		}
	}
	if len(projects) == 0 && len(sessions) == 0 {
		return nil, nil
	}
	p.metrics.dropped.WithLabelValues("erased").Add(float64(len(answers)))
	for project := range projects {
		if err := p.removeProject(ctx, project); err != nil {
			return nil, fmt.Errorf("take back rows of erased project %s: %w", project, err)
		}
	}
	if len(sessions) > 0 {
		if err := p.deps.Events.Erase(ctx, sessions); err != nil {
			return nil, fmt.Errorf("take back rows of %d erased sessions: %w", len(sessions), err)
		}
	}
	return answers, p.deps.Events.Scrub(ctx)
}

// goneProjects gives the projects of a batch that no longer exist; what is
// remembered of their settings may be seconds old, so the store is asked.
func (p *Processor) goneProjects(ctx context.Context, b events.Batch) (map[wire.ProjectKey]bool, error) {
	there := map[wire.ProjectKey]bool{}
	for i := range b.Sessions {
		there[b.Sessions[i].Project] = true
	}
	for i := range b.Counts {
		there[b.Counts[i].Project] = true
	}
	gone := map[wire.ProjectKey]bool{}
	for project := range there {
		_, err := p.deps.Meta.Project(ctx, project)
		switch {
		case errors.Is(err, meta.ErrNotFound):
			gone[project] = true
		case err != nil:
			return nil, fmt.Errorf("project %s: %w", project, err)
		}
	}
	return gone, nil
}

// removeProject destroys what came in while the project was being erased: the door
// learns of it within a second, and sessions begun in that second have new keys.
func (p *Processor) removeProject(ctx context.Context, project wire.ProjectKey) error {
	if _, err := p.deps.Keys.DestroyProject(ctx, project); err != nil {
		return err
	}
	if _, err := p.deps.Events.Expire(ctx, project, events.MaxTime); err != nil {
		return err
	}
	if _, _, err := p.deps.Recordings.EraseProject(ctx, project); err != nil {
		return err
	}
	return p.deps.Meta.ForgetValues(ctx, project)
}
