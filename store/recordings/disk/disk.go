// Package disk keeps sealed recordings in files: per day and retention class a
// row of packed objects of at most Config.ObjectBytes, to which segments are
// appended, and one index, an append-only list of what stands where. An object is
// synced before the index names it, so a crash in between leaves unused bytes and
// never an entry without bytes. Retention unlinks whole files. Formats:
// docs/format/recording.md.
package disk

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"footpath/store/recordings"
	"footpath/wire"
)

// Config of a store.
type Config struct {
	// ObjectBytes is the size at which a new object is begun; 32 MB by default, so
	// that one transfer of an object to other storage stays short
	// (architecture.md, Recordings).
	ObjectBytes int64
	// Groups is how many (day, class) indexes stay in memory; 8 by default. An
	// index of 100,000 sessions takes about 40 MB.
	Groups int
	// Logger reports torn tails and damage; slog.Default when nil.
	Logger *slog.Logger
}

// Store is recordings.Store on files.
type Store struct {
	dir string
	cfg Config
	log *slog.Logger

	mu     sync.Mutex
	groups map[string]*group // by name, "20261123.30d"
	recent []string          // names, least recently used first
	closed bool
}

var errClosed = errors.New("recordings: store is closed")

// classes become parts of file names.
var classPattern = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

// Open opens or makes a store in dir.
func Open(dir string, cfg Config) (*Store, error) {
	if cfg.ObjectBytes <= 0 {
		cfg.ObjectBytes = 32 << 20
	}
	if cfg.Groups <= 0 {
		cfg.Groups = 8
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("recordings: make directory: %w", err)
	}
	return &Store{dir: dir, cfg: cfg, log: cfg.Logger, groups: map[string]*group{}}, nil
}

// Put implements recordings.Store.
func (s *Store) Put(ctx context.Context, segments []recordings.Segment) error {
	if len(segments) == 0 {
		return nil
	}
	key := sessionKey{segments[0].Project, segments[0].Session}
	day, class := segments[0].Day, segments[0].Class
	if err := checkSegments(segments); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(day, class, true)
	if err != nil {
		return err
	}
	if err := g.put(key, segments); err != nil {
		return fmt.Errorf("recordings: put session %s: %w", key.session, err)
	}
	// A session that stood in another class (its project's retention changed
	// while it was open) now stands in this one alone.
	others, err := s.classes(day)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other == class {
			continue
		}
		if err := s.eraseIn(day, other, key); err != nil {
			return err
		}
	}
	return nil
}

func checkSegments(segments []recordings.Segment) error {
	first := segments[0]
	if !first.Project.Valid() || !first.Session.Valid() {
		return fmt.Errorf("recordings: segment without a project or session")
	}
	if !classPattern.MatchString(first.Class) {
		return fmt.Errorf("recordings: class %q: want 1 to 16 of a-z and 0-9", first.Class)
	}
	if first.Day < 19700101 || first.Day > 99991231 {
		return fmt.Errorf("recordings: day %d: want yyyymmdd", first.Day)
	}
	for i, seg := range segments {
		if seg.Project != first.Project || seg.Session != first.Session || seg.Day != first.Day || seg.Class != first.Class {
			return fmt.Errorf("recordings: segment %d belongs to another session", i)
		}
		if seg.Index != int32(i) {
			return fmt.Errorf("recordings: segment %d has index %d", i, seg.Index)
		}
	}
	return nil
}

// List implements recordings.Store.
func (s *Store) List(ctx context.Context, day int32, project wire.ProjectKey, session wire.ID) ([]recordings.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	classes, err := s.classes(day)
	if err != nil {
		return nil, err
	}
	key := sessionKey{project, session}
	for _, class := range classes {
		g, err := s.group(day, class, false)
		if err != nil {
			return nil, err
		}
		if g == nil {
			continue
		}
		places := g.sessions[key]
		if len(places) == 0 {
			continue
		}
		infos := make([]recordings.Info, 0, len(places))
		for _, p := range places {
			infos = append(infos, p.info(key, day, class, g.objectName(p.object)))
		}
		return infos, nil
	}
	return nil, nil
}

// Get implements recordings.Store.
func (s *Store) Get(ctx context.Context, info recordings.Info) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return nil, errClosed
	}
	// Object comes from List; a name with a path in it never does.
	if info.Object == "" || info.Object != filepath.Base(info.Object) || !strings.HasSuffix(info.Object, ".pack") {
		return nil, fmt.Errorf("recordings: object %q: %w", info.Object, recordings.ErrNotFound)
	}
	f, err := os.Open(filepath.Join(s.dir, info.Object))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("recordings: object %s: %w", info.Object, recordings.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("recordings: open object: %w", err)
	}
	defer f.Close()
	if info.Length < 0 || info.Length > recordings.MaxSegment || info.Offset < headLen {
		return nil, fmt.Errorf("recordings: segment %d of %s: %w", info.Index, info.Session, recordings.ErrDamaged)
	}
	data := make([]byte, info.Length)
	if _, err := f.ReadAt(data, info.Offset); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("recordings: segment %d of %s is short: %w", info.Index, info.Session, recordings.ErrDamaged)
		}
		return nil, fmt.Errorf("recordings: read %s: %w", info.Object, err)
	}
	if crc32.Checksum(data, castagnoli) != info.Checksum {
		return nil, fmt.Errorf("recordings: segment %d of %s: %w", info.Index, info.Session, recordings.ErrDamaged)
	}
	return data, nil
}

// Erase implements recordings.Store.
func (s *Store) Erase(ctx context.Context, day int32, project wire.ProjectKey, session wire.ID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	classes, err := s.classes(day)
	if err != nil {
		return err
	}
	for _, class := range classes {
		if err := s.eraseIn(day, class, sessionKey{project, session}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eraseIn(day int32, class string, key sessionKey) error {
	g, err := s.group(day, class, false)
	if err != nil || g == nil {
		return err
	}
	if err := g.erase(key); err != nil {
		return fmt.Errorf("recordings: erase session %s: %w", key.session, err)
	}
	return nil
}

// DropDay implements recordings.Store. The index goes first: after a crash in
// between the objects are no longer named by anything and the next call, or the
// next one for that day, removes them.
func (s *Store) DropDay(ctx context.Context, day int32, class string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	name := groupName(day, class)
	if g := s.groups[name]; g != nil {
		g.close()
		s.forget(name)
	}
	names, err := filepath.Glob(filepath.Join(s.dir, name+".*"))
	if err != nil {
		return fmt.Errorf("recordings: drop day %d: %w", day, err)
	}
	slices.Sort(names) // ".idx" stands after ".0001.pack", so it is moved to the front
	slices.SortStableFunc(names, func(a, b string) int {
		return indexLast(b) - indexLast(a)
	})
	for _, file := range names {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("recordings: drop day %d: %w", day, err)
		}
	}
	return syncDir(s.dir)
}

func indexLast(name string) int {
	if strings.HasSuffix(name, ".idx") {
		return 1
	}
	return 0
}

// Close implements recordings.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var errs []error
	for _, g := range s.groups {
		errs = append(errs, g.close())
	}
	s.groups, s.recent = map[string]*group{}, nil
	return errors.Join(errs...)
}
