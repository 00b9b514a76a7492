package process

import (
	"context"
	"errors"
	"fmt"

	"footpath/privacy/keys"
)

// work carries out builds one after the other, beside the writing of rows.
func (p *Processor) work(ctx context.Context, jobs <-chan build, results chan<- built) {
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-jobs:
			select {
			case results <- p.build(ctx, b):
			case <-ctx.Done():
				return
			}
		}
	}
}

// build derives a session from all its chunks: those that were sealed before and
// those in the journal up to a position; with seal it stores the recording.
func (p *Processor) build(ctx context.Context, b build) built {
	out := built{key: b.key, upto: b.upto, seal: b.seal, outcome: buildFailed}
	err := p.tryBuild(ctx, b, &out)
	switch {
	case err == nil:
	case errors.Is(err, keys.ErrErased), errors.Is(err, keys.ErrUnknown):
		out.outcome = buildGone
	case ctx.Err() == nil:
		p.metrics.failures.WithLabelValues("build").Inc()
		p.log.Error("process: session is derived again later", "session", b.key.session, "err", err)
	}
	return out
}

func (p *Processor) tryBuild(ctx context.Context, b build, out *built) error {
	set, err := p.projects.settings(ctx, b.key.project)
	if err != nil {
		return err
	}
	src := source{p: p, build: b, set: set}
	if err := src.list(ctx); err != nil {
		return err
	}
	out.positions = src.positions
	if set == nil || len(src.refs) == 0 {
		out.outcome = buildGone
		return nil
	}
	src.key, err = p.deps.Keys.Get(ctx, keys.Name{Project: b.key.project, ID: b.key.session, Day: b.day})
	if err != nil {
		return fmt.Errorf("key of session %s: %w", b.key.session, err)
	}
	var sealer *sealer
	if b.seal {
		sealer = newSealer(p.cfg, b, set, src.key)
	}
	if err := src.fold(ctx, out, sealer); err != nil {
		return err
	}
	if out.session == nil {
		out.outcome = buildGone
		return nil
	}
	out.rows = out.session.leaveEnded(out.rows, b.seal)
	if sealer != nil {
		if err := p.store(ctx, b, sealer); err != nil {
			return err
		}
	}
	out.session.last = b.upto
	out.session.rebuild, out.session.stale = false, false
	out.outcome = buildDone
	return nil
}

// store puts a recording. Every step may be repeated: the same session's segments
// are replaced as a whole.
func (p *Processor) store(ctx context.Context, b build, s *sealer) error {
	if err := s.finish(); err != nil {
		return err
	}
	if err := p.fail("put"); err != nil {
		return err
	}
	if err := p.deps.Recordings.Put(ctx, s.segments); err != nil {
		return fmt.Errorf("store recording of session %s: %w", b.key.session, err)
	}
	if err := p.fail("stored"); err != nil {
		return err
	}
	// Erased while it was being stored: the bytes are unreadable, and go too.
	if _, err := p.deps.Keys.Get(ctx, keys.Name{Project: b.key.project, ID: b.key.session, Day: b.day}); errors.Is(err, keys.ErrErased) {
		if err := p.deps.Recordings.Erase(ctx, b.day, b.key.project, b.key.session); err != nil {
			return fmt.Errorf("erase recording of session %s: %w", b.key.session, err)
		}
		return keys.ErrErased
	}
	return nil
}
