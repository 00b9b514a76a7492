package process

import (
	"fmt"

	"footpath/privacy/keys"
	"footpath/store/recordings"
)

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
