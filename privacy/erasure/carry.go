package erasure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/wire"
)

// Place says where a session's key, recording and rows are.
type Place struct {
	Project wire.ProjectKey
	Session wire.ID
	Day     int32 // of birth, yyyymmdd UTC
	Start   int64 // milliseconds UTC
}

// ErrUnknown: neither the tables nor the journal know the session.
var ErrUnknown = errors.New("erasure: no such session")

// Find looks a session up, in the tables and in the journal.
func (e *Eraser) Find(ctx context.Context, project wire.ProjectKey, session wire.ID) (Place, error) {
	at := Place{Project: project, Session: session}
	rows, err := e.deps.Events.Query(ctx, events.Query{
		Table: events.Sessions, Project: project, From: 0, To: events.MaxTime,
		Where: []events.Filter{events.Is("session", string(session))}, Select: []string{"day", "start"},
	})
	if err != nil {
		return at, fmt.Errorf("find session %s: %w", session, err)
	}
	if len(rows.Values) > 0 {
		at.Day, at.Start = int32(rows.Values[0][0].(int64)), rows.Values[0][1].(int64)
		return at, nil
	}
	entries, err := e.deps.Log.Session(ctx, project, session)
	if err != nil {
		return at, fmt.Errorf("find session %s: %w", session, err)
	}
	if len(entries) == 0 {
		return at, fmt.Errorf("%w: %s", ErrUnknown, session)
	}
	at.Day, at.Start = entries[0].Chunk.Day, entries[0].Chunk.Arrived
	return at, nil
}

// step carries out one step, unless a test says that the process dies before it.
func (e *Eraser) step(name string, do func() error) error {
	if err := e.fail(name); err != nil {
		return err
	}
	return do()
}

// carry does the steps, one after the other, and counts what it destroyed.
func (e *Eraser) carry(ctx context.Context, entry *meta.Erasure) error {
	entry.Keys, entry.Sessions, entry.Rows, entry.Counts, entry.Segments, entry.Chunks = 0, 0, 0, 0, 0, 0
	type part struct {
		name string
		do   func(context.Context, *meta.Erasure) error
	}
	parts := []part{{"keys", e.sessionKey}, {"rows", e.sessionRows}, {"recordings", e.sessionRecording}, {"journal", e.sessionChunks}}
	if entry.Session == "" {
		parts = []part{{"close", e.closeProject}, {"keys", e.projectKeys}, {"rows", e.projectRows}, {"recordings", e.projectRecordings}, {"journal", e.projectChunks}, {"facts", e.projectFacts}}
	}
	for _, p := range parts {
		if err := e.step(p.name, func() error { return p.do(ctx, entry) }); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return e.step("scrub", func() error { return e.deps.Events.Scrub(ctx) })
}

func (e *Eraser) sessionKey(ctx context.Context, entry *meta.Erasure) error {
	name := keys.Name{Project: entry.Project, ID: entry.Session, Day: entry.Day}
	_, err := e.deps.Keys.Get(ctx, name)
	switch {
	case errors.Is(err, keys.ErrErased):
		return nil
	case errors.Is(err, keys.ErrUnknown) && !entry.Done.IsZero():
		return nil // repeated after the day's keys have expired
	case err == nil:
		entry.Keys++
	}
	// Also one that cannot be read, or is not known: it may be in the making.
	return e.deps.Keys.Destroy(ctx, name)
}

// around is how far from a session's start its rows are looked for: clocks that
// are set, and events that came first but late, move it (events.MaxSession).
const around = events.MaxSession + 24*int64(time.Hour/time.Millisecond)

func (e *Eraser) sessionRows(ctx context.Context, entry *meta.Erasure) error {
	counts := map[events.Table]*int64{events.Sessions: &entry.Sessions, events.Events: &entry.Rows}
	for table, n := range counts {
		rows, err := e.deps.Events.Query(ctx, events.Query{
			Table: table, Project: entry.Project, From: max(entry.Start-around, 0), To: min(entry.Start+around, events.MaxTime),
			Where:      []events.Filter{events.Is("session", string(entry.Session))},
			Aggregates: []events.Aggregate{{Func: events.CountRows}},
		})
		if err != nil {
			return err
		}
		*n = rows.Values[0][0].(int64)
	}
	if entry.Sessions == 0 && entry.Rows == 0 {
		return nil // a month without anything to erase need not be rewritten
	}
	var where []events.SessionKey
	months := map[string]bool{}
	for _, start := range []int64{entry.Start, max(entry.Start-around, 0), min(entry.Start+around, events.MaxTime-1)} {
		if month := time.UnixMilli(start).UTC().Format("2006-01"); !months[month] {
			months[month] = true
			where = append(where, events.SessionKey{Project: entry.Project, Session: entry.Session, Start: start})
		}
	}
	return e.deps.Events.Erase(ctx, where)
}

func (e *Eraser) sessionRecording(ctx context.Context, entry *meta.Erasure) error {
	infos, err := e.deps.Recordings.List(ctx, entry.Day, entry.Project, entry.Session)
	if err != nil {
		return err
	}
	entry.Segments = int64(len(infos))
	return e.deps.Recordings.Erase(ctx, entry.Day, entry.Project, entry.Session)
}

func (e *Eraser) sessionChunks(ctx context.Context, entry *meta.Erasure) error {
	entries, err := e.deps.Log.Session(ctx, entry.Project, entry.Session)
	if err != nil {
		return err
	}
	var positions []journal.Position
	for i := range entries {
		positions = append(positions, entries[i].Position)
	}
	entry.Chunks = int64(len(positions))
	return e.deps.Log.Forget(ctx, positions)
}

func (e *Eraser) closeProject(ctx context.Context, entry *meta.Erasure) error {
	return e.close(ctx, entry.Project)
}

func (e *Eraser) projectKeys(ctx context.Context, entry *meta.Erasure) error {
	n, err := e.deps.Keys.DestroyProject(ctx, entry.Project)
	entry.Keys = int64(n)
	return err
}

func (e *Eraser) projectRows(ctx context.Context, entry *meta.Erasure) error {
	removed, err := e.deps.Events.Expire(ctx, entry.Project, events.MaxTime)
	entry.Sessions, entry.Rows, entry.Counts = removed.Sessions, removed.Events, removed.Counts
	return err
}

func (e *Eraser) projectRecordings(ctx context.Context, entry *meta.Erasure) error {
	_, segments, err := e.deps.Recordings.EraseProject(ctx, entry.Project)
	entry.Segments = int64(segments)
	return err
}

func (e *Eraser) projectChunks(ctx context.Context, entry *meta.Erasure) error {
	var positions []journal.Position
	err := e.deps.Log.Each(ctx, func(one journal.Entry) error {
		if one.Chunk.Project == entry.Project {
			positions = append(positions, one.Position)
		}
		return nil
	})
	if err != nil {
		return err
	}
	entry.Chunks = int64(len(positions))
	return e.deps.Log.Forget(ctx, positions)
}

func (e *Eraser) projectFacts(ctx context.Context, entry *meta.Erasure) error {
	return e.deps.Meta.ForgetValues(ctx, entry.Project)
}
