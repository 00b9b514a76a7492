package report

import (
	"context"
	"fmt"

	"footpath/store/events"
	"footpath/store/meta"
	"footpath/wire"
)

// maxSteps bounds the event list of one session: 20 a second for an hour is
// more than anybody does; what is beyond is left out from the end.
const maxSteps = 72_000

var stepColumns = []string{
	"time", "record", "seq", "idx", "kind", "view", "url", "title", "text", "name", "path", "x", "y", "prop_keys", "prop_values", "tag", "session",
}

// Steps is what happened in a session, in order of time.
func (r *Reports) Steps(ctx context.Context, p meta.Project, id wire.ID) ([]Step, error) {
	row, err := r.Session(ctx, p, id)
	if err != nil {
		return nil, err
	}
	return r.stepsOf(ctx, p, row)
}

// stepsOf reads the events of a session whose row is known: its times narrow the
// search to a few row groups.
func (r *Reports) stepsOf(ctx context.Context, p meta.Project, row SessionRow) ([]Step, error) {
	out := []Step{}
	err := r.Events.Scan(ctx, events.Query{
		Table: events.Events, Project: p.Key, From: row.Start, To: max(row.End, row.Start) + 1,
		Where: []events.Filter{events.Is("session", string(row.ID))}, Select: stepColumns,
		Order: []events.Order{{Output: 0}, {Output: 1}, {Output: 2}, {Output: 3}, {Output: 16}}, Limit: maxSteps,
	}, func(v []any) error {
		out = append(out, stepOf(v))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("steps of %s: %w", row.ID, err)
	}
	return out, nil
}

func stepOf(v []any) Step {
	s := Step{Time: num(v[0]), Record: wire.ID(str(v[1])), Kind: str(v[4]), View: int32(num(v[5])), URL: str(v[6])}
	title, text, name, path := str(v[7]), str(v[8]), str(v[9]), str(v[10])
	switch s.Kind {
	case "page", "leave":
		s.Label = title
	case "custom":
		s.Label = name
		s.Props = props(v[13], v[14])
	case "error":
		s.Label = name
		if text != "" {
			s.Label += ": " + text
		}
		s.Detail = path
		if line := num(v[11]); line > 0 {
			s.Detail = fmt.Sprintf("%s:%d", path, line)
		}
	default: // click, input, submit and what comes later
		s.Label, s.Detail = firstOf(name, text, str(v[15])), path
		s.X, s.Y = int32(num(v[11])), int32(num(v[12]))
	}
	return s
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func props(keys, values any) map[string]string {
	k, _ := keys.([]string)
	v, _ := values.([]string)
	if len(k) == 0 {
		return nil
	}
	out := make(map[string]string, len(k))
	for i := range min(len(k), len(v)) {
		out[k[i]] = v[i]
	}
	return out
}
