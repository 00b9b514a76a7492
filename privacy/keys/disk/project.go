package disk

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"footpath/privacy/keys"
	"footpath/wire"
)

// Days implements keys.Store.
func (s *Store) Days(context.Context) ([]int32, error) {
	s.files.Lock()
	defer s.files.Unlock()
	return s.listDays()
}

// listDays reads the days from the names of the files; s.files is held.
func (s *Store) listDays() ([]int32, error) {
	all, err := s.fs.List(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	var days []int32
	for _, name := range all {
		day, rest, _ := strings.Cut(name, ".")
		n, err := strconv.ParseInt(day, 10, 32)
		if err == nil && len(day) == 8 && strings.HasSuffix(rest, ".keys") {
			days = append(days, int32(n))
		}
	}
	slices.Sort(days)
	return slices.Compact(days), nil
}

// DestroyProject implements keys.Store. Records are overwritten in place, with one
// sync a file: a record is written whole or not at all, so that a crash leaves
// each key either destroyed or as it was, to be destroyed by the repetition.
func (s *Store) DestroyProject(ctx context.Context, project wire.ProjectKey) (int, error) {
	if err := check(keys.Name{Project: project, Day: 19700101}); err != nil {
		return 0, err
	}
	prefix, err := hex.DecodeString(string(project))
	if err != nil {
		return 0, fmt.Errorf("destroy keys of project %s: %w", project, err)
	}
	s.files.Lock()
	defer s.files.Unlock()
	days, err := s.listDays()
	if err != nil {
		return 0, err
	}
	total := 0
	for _, day := range days {
		if err := ctx.Err(); err != nil {
			return total, err
		}
		n, err := s.destroyProject(day, prefix)
		total += n
		if err != nil {
			return total, fmt.Errorf("destroy keys of project %s of day %d: %w", project, day, err)
		}
	}
	s.destroyed.Add(float64(total))
	return total, nil
}

func (s *Store) destroyProject(n int32, prefix []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.day(n)
	if err != nil {
		return 0, err
	}
	found := map[recordID]bool{}
	for i, kf := range d.files {
		dirty := false
		for at := uint32(1); at < kf.count; at++ {
			rec, err := d.read(place{file: uint16(i), record: at})
			if err != nil || rec[offState] == stateDestroyed || !bytes.Equal(rec[offProject:offID], prefix) {
				continue
			}
			name := rec.id()
			tomb := newRecord(stateDestroyed, name, nil)
			if _, err := kf.f.WriteAt(tomb[:], int64(at)*recordLen); err != nil {
				return len(found), fmt.Errorf("overwrite in %s: %w", kf.name, err)
			}
			delete(d.open, name)
			found[name], dirty = true, true
		}
		if !dirty {
			continue
		}
		if err := kf.f.Sync(); err != nil {
			kf.failed = true
			return len(found), fmt.Errorf("sync %s: %w", kf.name, err)
		}
	}
	return len(found), nil
}
