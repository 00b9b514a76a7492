package disk

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"footpath/store/recordings"
	"footpath/wire"
)

// Groups implements recordings.Store. Objects without an index count too: a drop
// that a crash cut short left them, and the next one removes them.
func (s *Store) Groups(ctx context.Context) ([]recordings.Group, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list()
}

func (s *Store) list() ([]recordings.Group, error) {
	if s.closed {
		return nil, errClosed
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("recordings: list: %w", err)
	}
	var out []recordings.Group
	for _, e := range entries {
		parts := strings.Split(e.Name(), ".")
		if len(parts) < 3 || len(parts[0]) != 8 || !classPattern.MatchString(parts[1]) {
			continue
		}
		day, err := strconv.ParseInt(parts[0], 10, 32)
		if last := parts[len(parts)-1]; err == nil && (last == "idx" || last == "pack") {
			out = append(out, recordings.Group{Day: int32(day), Class: parts[1]})
		}
	}
	slices.SortFunc(out, func(a, b recordings.Group) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Class, b.Class))
	})
	return slices.Compact(out), nil
}

// Sessions implements recordings.Store.
func (s *Store) Sessions(ctx context.Context, at recordings.Group, project wire.ProjectKey) ([]wire.ID, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(at.Day, at.Class, false)
	if err != nil || g == nil {
		return nil, err
	}
	var out []wire.ID
	for key := range g.sessions {
		if key.project == project {
			out = append(out, key.session)
		}
	}
	slices.Sort(out)
	return out, nil
}

// EraseProject implements recordings.Store.
func (s *Store) EraseProject(ctx context.Context, project wire.ProjectKey) (sessions, segments int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	groups, err := s.list()
	if err != nil {
		return 0, 0, err
	}
	for _, at := range groups {
		if err := ctx.Err(); err != nil {
			return sessions, segments, err
		}
		g, err := s.group(at.Day, at.Class, false)
		if err != nil {
			return sessions, segments, err
		}
		if g == nil {
			continue
		}
		for key, places := range g.sessions {
			if key.project != project {
				continue
			}
			if err := g.erase(key); err != nil {
				return sessions, segments, fmt.Errorf("recordings: erase session %s: %w", key.session, err)
			}
			sessions, segments = sessions+1, segments+len(places)
		}
	}
	return sessions, segments, nil
}
