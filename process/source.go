package process

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/replay"
	"footpath/store/recordings"
	"footpath/wire"
)

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
