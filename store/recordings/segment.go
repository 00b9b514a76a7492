package recordings

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"footpath/wire"

	"github.com/klauspost/compress/zstd"
)

// SegmentVersion is the first byte of a segment's plain form. The history stands
// in docs/format/recording.md.
const SegmentVersion = 1

// MaxSegment bounds a segment's plain form in bytes: one chunk at its limit
// (wire.MaxInflated) in a segment that was just below its cut of 1 MB, with room
// for the heads.
const MaxSegment = wire.MaxInflated + 2<<20

// ErrFormat: the bytes are not a segment that this version can read.
var ErrFormat = errors.New("recordings: not a segment")

// Head is what a segment says about its session, so that the session's rows can
// be derived again from the recording alone.
type Head struct {
	Visitor wire.ID `json:"v"`
	Device  string  `json:"d"`
	Browser string  `json:"b"`
	OS      string  `json:"o"`
	Country string  `json:"c,omitempty"`
	Bot     bool    `json:"bot,omitempty"`
}

// Piece is one chunk inside a segment.
type Piece struct {
	Record  wire.ID
	Seq     uint32
	Flags   wire.Flags
	Arrived int64 // the collector's clock, milliseconds UTC
	SentMs  int64 // the browser's clock, milliseconds UTC
	Skew    int64 // added to client times of the record, milliseconds
	Size    int64 // bytes of the payload as received
	// Events is newline-delimited JSON (wire.Event), after the server's own masking.
	Events []byte
}

type coder struct {
	once sync.Once
	enc  *zstd.Encoder
	dec  *zstd.Decoder
	err  error
}

// shared by all segments: EncodeAll and DecodeAll are safe for concurrent use
// and a coder keeps megabytes of tables.
var zcoder coder

func (c *coder) get() error {
	c.once.Do(func() {
		c.enc, c.err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(4<<20))
		if c.err != nil {
			return
		}
		c.dec, c.err = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(MaxSegment), zstd.WithDecoderConcurrency(1))
	})
	return c.err
}

// Pack writes a segment's plain form and compresses it with zstd; the result is
// what gets sealed.
func Pack(head Head, pieces []Piece) ([]byte, error) {
	if err := zcoder.get(); err != nil {
		return nil, fmt.Errorf("recordings: zstd: %w", err)
	}
	h, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("recordings: head: %w", err)
	}
	size := 16 + len(h)
	for _, p := range pieces {
		size += len(p.Events) + 96
	}
	b := make([]byte, 0, size)
	b = append(b, SegmentVersion)
	b = appendBytes(b, h)
	b = binary.AppendUvarint(b, uint64(len(pieces)))
	for _, p := range pieces {
		b = appendBytes(b, []byte(p.Record))
		b = binary.AppendUvarint(b, uint64(p.Seq))
		b = append(b, byte(p.Flags))
		b = binary.AppendVarint(b, p.Arrived)
		b = binary.AppendVarint(b, p.SentMs)
		b = binary.AppendVarint(b, p.Skew)
		b = binary.AppendVarint(b, p.Size)
		b = appendBytes(b, p.Events)
	}
	if len(b) > MaxSegment {
		return nil, fmt.Errorf("recordings: segment of %d bytes is over the limit of %d", len(b), MaxSegment)
	}
	return zcoder.enc.EncodeAll(b, nil), nil
}

// Unpack reads what Pack wrote. Never panics, and never allocates more than
// MaxSegment for the plain form.
func Unpack(data []byte) (Head, []Piece, error) {
	var head Head
	if err := zcoder.get(); err != nil {
		return head, nil, fmt.Errorf("recordings: zstd: %w", err)
	}
	plain, err := zcoder.dec.DecodeAll(data, nil)
	if err != nil {
		return head, nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	if len(plain) == 0 {
		return head, nil, fmt.Errorf("%w: empty", ErrFormat)
	}
	if plain[0] != SegmentVersion {
		return head, nil, fmt.Errorf("%w: version %d, this program reads %d", ErrFormat, plain[0], SegmentVersion)
	}
	r := reader{b: plain[1:]}
	if err := json.Unmarshal(r.bytes(), &head); err != nil {
		return head, nil, fmt.Errorf("%w: head: %v", ErrFormat, err)
	}
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		return head, nil, fmt.Errorf("%w: %d pieces in %d bytes", ErrFormat, n, len(r.b))
	}
	pieces := make([]Piece, 0, min(n, 1024))
	for range n {
		p := Piece{Record: wire.ID(r.bytes()), Seq: uint32(r.uvarint()), Flags: wire.Flags(r.byte())}
		p.Arrived, p.SentMs, p.Skew, p.Size = r.varint(), r.varint(), r.varint(), r.varint()
		p.Events = r.bytes()
		if r.bad {
			return head, nil, fmt.Errorf("%w: truncated", ErrFormat)
		}
		pieces = append(pieces, p)
	}
	if r.bad || len(r.b) != 0 {
		return head, nil, fmt.Errorf("%w: %d bytes left over", ErrFormat, len(r.b))
	}
	return head, pieces, nil
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// reader reads the fields of a segment; bad stays set once something was short.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

// Additional is the additional data under which a segment is sealed, so that one
// that is moved to another place does not open there.
func Additional(s Segment) []byte {
	return fmt.Appendf(nil, "segment|%s|%s|%d|%d", s.Project, s.Session, s.Day, s.Index)
}
