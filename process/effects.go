package process

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/replay"
	"footpath/store/events"
	"footpath/wire"
)

// handle gives an input to the core and carries out what follows, in order, until
// nothing follows any more. Builds alone are answered later.
func (p *Processor) handle(ctx context.Context, in input) error {
	queue := []input{in}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for _, e := range step(p.state, next, p.deps.Now().UnixMilli()) {
			answers, err := p.carry(ctx, e)
			if err != nil {
				return err
			}
			queue = append(queue, answers...)
		}
	}
	p.metrics.open.Set(float64(len(p.state.sessions)))
	return nil
}

func (p *Processor) carry(ctx context.Context, e effect) ([]input, error) {
	switch e := e.(type) {
	case lookup:
		answer, err := p.lookup(ctx, e)
		return []input{answer}, err
	case write:
		return p.write(ctx, e)
	case build:
		p.start(ctx, e)
	case forget:
		return nil, p.forget(ctx, e.positions)
	case forgetSession:
		entries, err := p.deps.Log.Session(ctx, e.key.project, e.key.session)
		if err != nil {
			return nil, fmt.Errorf("journal of session %s: %w", e.key.session, err)
		}
		var positions []journal.Position
		for i := range entries {
			positions = append(positions, entries[i].Position)
		}
		return nil, p.forget(ctx, positions)
	case note:
		p.metrics.notes.WithLabelValues(noteNames[e.what]).Add(float64(e.n))
	}
	return nil, nil
}

// lookup asks the stores about sessions that are new to the core, all in one
// question. A session's month is known only by its day of birth here, so that and
// the day before are asked for.
func (p *Processor) lookup(ctx context.Context, ask lookup) (found, error) {
	answer := found{sessions: make(map[key]status, len(ask.sessions))}
	var asked []events.SessionKey
	for k, day := range ask.sessions {
		answer.sessions[k] = status{}
		asked = append(asked, sessionKeys(k, []int64{dayMs(day), dayMs(day) - 86_400_000})...)
	}
	for n := 0; ; n++ {
		err := p.look(ctx, ask, asked, answer.sessions)
		if err == nil {
			return answer, nil
		}
		if err := p.pause(ctx, "lookup", n, err); err != nil {
			return answer, err
		}
	}
}

func (p *Processor) look(ctx context.Context, ask lookup, asked []events.SessionKey, answer map[key]status) error {
	sealed, err := p.deps.Events.Sealed(ctx, asked)
	if err != nil {
		return fmt.Errorf("which sessions are sealed: %w", err)
	}
	for sk, at := range sealed {
		k := key{sk.Project, sk.Session}
		st := answer[k]
		st.sealed = max(st.sealed, at)
		answer[k] = st
	}
	for k, day := range ask.sessions {
		infos, err := p.deps.Recordings.List(ctx, day, k.project, k.session)
		if err != nil {
			return fmt.Errorf("recording of session %s: %w", k.session, err)
		}
		st := answer[k]
		st.recorded = len(infos) > 0
		answer[k] = st
	}
	return nil
}

// write commits a batch: property values first, so that reading the same entries
// again after a crash keeps the same ones, then rows and offset in one.
func (p *Processor) write(ctx context.Context, w write) ([]input, error) {
	b := events.Batch{Offset: w.offset, Replace: w.replace, Sessions: w.sessions, Counts: w.counts}
	answers := append([]input{wrote{}}, p.skipErased(ctx, &w, &b)...)
	b.Events = make([]events.Event, 0, len(w.rows))
	for _, r := range w.rows {
		b.Events = append(b.Events, p.resolve(ctx, r))
	}
	for n := 0; ; n++ {
		err := p.commit(ctx, w, b)
		if err == nil {
			break
		}
		if errors.Is(err, events.ErrBatch) {
			// A fault of ours; stopping for good would lose more than these rows.
			p.log.Error("process: rows that the tables do not take are left out", "rows", len(b.Events), "err", err)
			p.metrics.quarantined.WithLabelValues("batch").Inc()
			b = events.Batch{Offset: w.offset}
			continue
		}
		if err := p.pause(ctx, "write", n, err); err != nil {
			return nil, err
		}
	}
	back, err := p.undo(ctx, b)
	if err != nil {
		return nil, err
	}
	answers = append(answers, back...)
	p.metrics.rows.Add(float64(len(b.Events)))
	p.metrics.behind.Set(float64(p.deps.Log.End() - min(w.offset, p.deps.Log.End())))
	if len(w.sessions) > 0 {
		p.metrics.lag.Set(float64(p.deps.Now().UnixMilli()-p.state.newest()) / 1000)
	}
	return answers, nil
}

func (p *Processor) commit(ctx context.Context, w write, b events.Batch) error {
	for _, project := range w.values {
		if err := p.deps.Meta.SetValue(ctx, valuesName(project), p.values.export(project)); err != nil {
			return fmt.Errorf("keep property values: %w", err)
		}
	}
	if err := p.fail("write"); err != nil {
		return err
	}
	if err := p.deps.Events.Write(ctx, b); err != nil {
		return fmt.Errorf("write rows up to entry %d: %w", b.Offset, err)
	}
	return p.fail("written")
}

// skipErased leaves out what belongs to sessions whose key was destroyed since
// their chunks were read: an erasure must not be undone by rows that waited.
func (p *Processor) skipErased(ctx context.Context, w *write, b *events.Batch) (answers []input) {
	gone := map[key]bool{}
	for i := range b.Sessions {
		s := &b.Sessions[i]
		_, err := p.deps.Keys.Get(ctx, keys.Name{Project: s.Project, ID: s.Session, Day: s.Day})
		if errors.Is(err, keys.ErrErased) || errors.Is(err, keys.ErrUnknown) {
			gone[key{s.Project, s.Session}] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	rows, sessions := w.rows, b.Sessions
	w.rows, b.Sessions = nil, nil
	for _, r := range rows {
		if !gone[key{r.Project, r.Session}] {
			w.rows = append(w.rows, r)
		}
	}
	for _, s := range sessions {
		if !gone[key{s.Project, s.Session}] {
			b.Sessions = append(b.Sessions, s)
		}
	}
	for k := range gone {
		p.metrics.dropped.WithLabelValues("erased").Inc()
		answers = append(answers, erased{k})
	}
	return answers
}

// resolve puts public texts in the place of their marks: the tables hold words,
// the recordings keep the marks.
func (p *Processor) resolve(ctx context.Context, r row) events.Event {
	e := r.Event
	for _, s := range []*string{&e.Title, &e.Text, &e.Name} {
		if strings.ContainsRune(*s, wire.TextMark) {
			*s = replay.ResolveText(*s, p.projects.words(ctx, e.Project, r.texts))
		}
	}
	return e
}

func (p *Processor) forget(ctx context.Context, positions []journal.Position) error {
	if err := p.fail("forget"); err != nil {
		return err
	}
	if err := p.deps.Log.Forget(ctx, positions); err != nil {
		if errors.Is(err, journal.ErrClosed) {
			return err
		}
		// It is advice: after a restart the entries come again and are forgotten then.
		p.metrics.failures.WithLabelValues("forget").Inc()
		p.log.Warn("process: journal entries are kept until the next start", "entries", len(positions), "err", err)
	}
	return nil
}
