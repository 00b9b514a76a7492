package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/replay"
	"footpath/store/recordings"
	"footpath/wire"
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

// source reads a session's chunks one after the other in their order: by record,
// in the order in which the records began, then by number.
type source struct {
	p         *Processor
	build     build
	set       *settings
	key       keys.Key
	refs      []ref
	positions []journal.Position
	head      recordings.Head
	infos     []recordings.Info
	loaded    int // the segment that pieces holds, -1 for none
	pieces    []recordings.Piece
}

// ref is a chunk that stands in the journal (entry) or in a segment.
type ref struct {
	record  wire.ID
	seq     uint32
	arrived int64
	entry   *journal.Entry
	segment int
	piece   int
}

func (s *source) list(ctx context.Context) error {
	s.loaded = -1
	seen := map[wire.ID]*spans{}
	add := func(r ref) {
		if seen[r.record] == nil {
			seen[r.record] = &spans{}
		}
		if seen[r.record].add(r.seq) {
			s.refs = append(s.refs, r)
		}
	}
	var err error
	if s.infos, err = s.p.deps.Recordings.List(ctx, s.build.day, s.build.key.project, s.build.key.session); err != nil {
		return fmt.Errorf("list recording: %w", err)
	}
	for i := range s.infos {
		if err := s.load(ctx, i); err != nil {
			return err
		}
		for j, piece := range s.pieces {
			add(ref{record: piece.Record, seq: piece.Seq, arrived: piece.Arrived, segment: i, piece: j})
		}
	}
	entries, err := s.p.deps.Log.Session(ctx, s.build.key.project, s.build.key.session)
	if err != nil {
		return fmt.Errorf("journal of session: %w", err)
	}
	for i := range entries {
		e := &entries[i]
		if e.Position > s.build.upto {
			continue
		}
		s.positions = append(s.positions, e.Position)
		add(ref{record: e.Chunk.Record, seq: e.Chunk.Seq, arrived: e.Chunk.Arrived, entry: e})
	}
	s.sort()
	return nil
}

func (s *source) sort() {
	begun := map[wire.ID]int64{}
	for _, r := range s.refs {
		if at, ok := begun[r.record]; !ok || r.arrived < at {
			begun[r.record] = r.arrived
		}
	}
	slices.SortFunc(s.refs, func(a, b ref) int {
		return cmp.Or(cmp.Compare(begun[a.record], begun[b.record]), cmp.Compare(a.record, b.record), cmp.Compare(a.seq, b.seq))
	})
}

// load opens a segment. One that is damaged counts as empty: what else there is of
// the session is worth keeping (fault 65).
func (s *source) load(ctx context.Context, i int) error {
	if s.loaded == i {
		return nil
	}
	s.loaded, s.pieces = i, nil
	if s.key == nil {
		k, err := s.p.deps.Keys.Get(ctx, keys.Name{Project: s.build.key.project, ID: s.build.key.session, Day: s.build.day})
		if err != nil {
			return fmt.Errorf("key of session %s: %w", s.build.key.session, err)
		}
		s.key = k
	}
	info := s.infos[i]
	data, err := s.p.deps.Recordings.Get(ctx, info)
	var plain []byte
	if err == nil {
		plain, err = s.key.Open(data, recordings.Additional(info.Segment))
	}
	if err == nil {
		s.head, s.pieces, err = recordings.Unpack(plain)
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.p.metrics.quarantined.WithLabelValues("segment").Inc()
		s.p.log.Error("process: segment of a recording cannot be read", "session", s.build.key.session, "segment", info.Index, "err", err)
	}
	return nil
}

// fold derives the session and its rows; with a sealer it also gathers segments.
func (s *source) fold(ctx context.Context, out *built, sealer *sealer) error {
	var check *replay.Checker
	var record wire.ID
	var removed replay.Counts
	for _, r := range s.refs {
		if check == nil || r.record != record {
			if check != nil {
				removed.Add(check.Removed)
			}
			check, record = replay.NewChecker(s.set.profile), r.record
		}
		c, lines, err := s.chunk(ctx, r, check, sealer != nil)
		if err != nil {
			return err
		}
		if c == nil || c.gone {
			continue
		}
		if out.session == nil {
			out.session = newSession(c, s.p.cfg)
			out.session.deferred = true
		}
		rows, did := out.session.fold(c)
		if did == foldOver {
			continue
		}
		out.rows = append(out.rows, rows...)
		if sealer != nil {
			if err := sealer.add(c, out.session.records[c.record].clock.Skew, lines); err != nil {
				return err
			}
		}
	}
	if check != nil && sealer != nil {
		removed.Add(check.Removed)
		s.p.metrics.count(removed, 0)
	}
	return nil
}

// chunk reads one chunk, and with full its lines as they are stored.
func (s *source) chunk(ctx context.Context, r ref, check *replay.Checker, full bool) (*chunk, []byte, error) {
	if r.entry == nil {
		if err := s.load(ctx, r.segment); err != nil {
			return nil, nil, err
		}
		if r.piece >= len(s.pieces) {
			return nil, nil, nil
		}
		piece := s.pieces[r.piece]
		return s.p.decoder.pieceOf(s.build.key, s.build.day, s.head, piece, s.set), piece.Events, nil
	}
	if full {
		return s.p.decoder.readAll(ctx, *r.entry, check)
	}
	c, err := s.p.decoder.read(ctx, *r.entry)
	return c, nil, err
}

// sealer packs chunks into segments of about 30 s or 1 MB and seals them.
type sealer struct {
	cfg      Config
	build    build
	set      *settings
	key      keys.Key
	head     recordings.Head
	pieces   []recordings.Piece
	size     int
	first    int64
	last     int64
	segments []recordings.Segment
}

func newSealer(cfg Config, b build, set *settings, k keys.Key) *sealer {
	return &sealer{cfg: cfg, build: b, set: set, key: k}
}

func (s *sealer) add(c *chunk, skew int64, lines []byte) error {
	at := c.correct(c.sent, skew)
	if len(s.pieces) > 0 && (s.size+len(lines) > s.cfg.SegmentBytes || at-s.first > s.cfg.SegmentSpan.Milliseconds() || c.record != s.pieces[0].Record) {
		if err := s.finish(); err != nil {
			return err
		}
	}
	if len(s.pieces) == 0 {
		s.head = recordings.Head{Visitor: c.visitor, Device: c.client.Device, Browser: c.client.Browser, OS: c.client.OS, Country: c.client.Country, Bot: c.client.Bot}
		s.first, s.last = at, at
	}
	for _, it := range c.items {
		t := c.correct(it.time, skew)
		s.first, s.last = min(s.first, t), max(s.last, t)
	}
	s.last = max(s.last, at)
	s.size += len(lines)
	s.pieces = append(s.pieces, recordings.Piece{
		Record: c.record, Seq: c.seq, Flags: c.flags, Arrived: c.arrived, SentMs: c.sent, Skew: skew, Size: c.size, Events: lines,
	})
	return nil
}

// finish packs and seals the segment at hand.
func (s *sealer) finish() error {
	if len(s.pieces) == 0 {
		return nil
	}
	data, err := recordings.Pack(s.head, s.pieces)
	if err != nil {
		return fmt.Errorf("session %s: %w", s.build.key.session, err)
	}
	seg := recordings.Segment{
		Project: s.build.key.project, Session: s.build.key.session, Day: s.build.day, Class: s.set.class,
		Index: int32(len(s.segments)), First: s.first, Last: s.last,
	}
	seg.Data = s.key.Seal(data, recordings.Additional(seg))
	s.segments = append(s.segments, seg)
	s.pieces, s.size = nil, 0
	return nil
}

// newest is when the newest chunk of an open session arrived, milliseconds UTC.
func (s *state) newest() int64 {
	newest := int64(0)
	for open := range maps.Values(s.sessions) {
		newest = max(newest, open.lastArrived)
	}
	return newest
}
