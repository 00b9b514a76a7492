package wire

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
)

// Errors of decoding. Each maps to one answer (ReasonOf); an error wraps exactly
// one of them and says what was wrong without repeating the input.
var (
	// ErrMalformed: not an envelope, or damaged on the way (400).
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge: past a limit of size (413).
	ErrTooLarge = errors.New("too large")
	// ErrEncoding: a version or codec this server does not know (415).
	ErrEncoding = errors.New("unknown encoding")
	// ErrInvalid: well-formed but out of bounds (422).
	ErrInvalid = errors.New("invalid")
)

// ReasonOf names the answer to an error of this package.
func ReasonOf(err error) Reason {
	switch {
	case errors.Is(err, ErrTooLarge):
		return ReasonTooLarge
	case errors.Is(err, ErrEncoding):
		return ReasonEncoding
	case errors.Is(err, ErrInvalid):
		return ReasonInvalid
	default:
		return ReasonMalformed
	}
}

// Offsets of the fixed header; docs/format/envelope.md draws it.
const (
	offVersion = 0
	offCodec   = 1
	offFlags   = 2
	offToken   = 3
	offProject = 4
	offSession = 24
	offRecord  = 45
	offVisitor = 66
	offZero    = 87
	offSeq     = 88
	offEvents  = 92
	offSent    = 96
	offSum     = 104

	keyBytes   = 20
	knownFlags = FlagTierB | FlagLast | FlagAutomation | FlagConsent
	// maxSeq bounds a record: one chunk a second for the longest record (12 h,
	// fault 54) is 43,200; a million is far past it and far from overflow.
	maxSeq = 1_000_000
	// maxSent is the year 9999 in milliseconds: later than any clock, and safe to
	// subtract in 64 bits.
	maxSent = 253_402_300_799_999
)

// Append writes an envelope behind dst: the header, the token, and the gzip
// payload. It fills in the payload's checksum; h.Sum is ignored.
func Append(dst []byte, h Header, payload []byte) ([]byte, error) {
	var fixed [HeaderLen]byte
	if err := h.check(); err != nil {
		return dst, err
	}
	fixed[offVersion], fixed[offCodec], fixed[offFlags] = Version, byte(h.Codec), byte(h.Flags)
	fixed[offToken] = byte(len(h.Token))
	if _, err := hex.Decode(fixed[offProject:offSession], []byte(h.Project)); err != nil {
		return dst, fmt.Errorf("%w: project key", ErrInvalid)
	}
	copy(fixed[offSession:offRecord], h.Session)
	copy(fixed[offRecord:offVisitor], h.Record)
	copy(fixed[offVisitor:offZero], h.Visitor)
	binary.BigEndian.PutUint32(fixed[offSeq:], h.Seq)
	binary.BigEndian.PutUint32(fixed[offEvents:], h.Events)
	binary.BigEndian.PutUint64(fixed[offSent:], uint64(h.SentMs))
	binary.BigEndian.PutUint32(fixed[offSum:], crc32.ChecksumIEEE(payload))
	dst = append(dst, fixed[:]...)
	dst = append(dst, h.Token...)
	return append(dst, payload...), nil
}

// Decode reads an envelope's header and returns the payload that follows it,
// which shares body's memory. It checks everything that can be checked without
// unpacking: version, flags, ids, bounds, checksum.
func Decode(body []byte) (Header, []byte, error) {
	if len(body) > MaxBody {
		return Header{}, nil, fmt.Errorf("%w: body of %d bytes", ErrTooLarge, len(body))
	}
	if len(body) < HeaderLen {
		return Header{}, nil, fmt.Errorf("%w: %d bytes, a header has %d", ErrMalformed, len(body), HeaderLen)
	}
	if body[offVersion] != Version {
		return Header{}, nil, fmt.Errorf("%w: version %d", ErrEncoding, body[offVersion])
	}
	end := HeaderLen + int(body[offToken])
	if len(body) < end || body[offZero] != 0 {
		return Header{}, nil, fmt.Errorf("%w: header", ErrMalformed)
	}
	h := Header{
		Codec:   Codec(body[offCodec]),
		Flags:   Flags(body[offFlags]),
		Project: ProjectKey(hex.EncodeToString(body[offProject:offSession])),
		Session: idAt(body, offSession),
		Record:  idAt(body, offRecord),
		Visitor: idAt(body, offVisitor),
		Seq:     binary.BigEndian.Uint32(body[offSeq:]),
		Events:  binary.BigEndian.Uint32(body[offEvents:]),
		SentMs:  int64(binary.BigEndian.Uint64(body[offSent:])),
		Sum:     binary.BigEndian.Uint32(body[offSum:]),
		Token:   string(body[HeaderLen:end]),
	}
	if err := h.check(); err != nil {
		return Header{}, nil, err
	}
	payload := body[end:]
	if crc32.ChecksumIEEE(payload) != h.Sum {
		return Header{}, nil, fmt.Errorf("%w: checksum", ErrMalformed)
	}
	return h, payload, nil
}

// idAt reads the ID at an offset; 21 zero bytes are the empty ID.
func idAt(body []byte, at int) ID {
	b := body[at : at+IDLen]
	for _, c := range b {
		if c != 0 {
			return ID(b)
		}
	}
	return ""
}

// check says whether a header keeps the rules of its tier and its bounds.
func (h Header) check() error {
	switch {
	case h.Codec != CodecRRWeb:
		return fmt.Errorf("%w: codec %d", ErrEncoding, h.Codec)
	case h.Flags&^knownFlags != 0:
		return fmt.Errorf("%w: flags %#x", ErrInvalid, uint8(h.Flags))
	case !h.Project.Valid():
		return fmt.Errorf("%w: project key", ErrInvalid)
	case !h.Record.Valid():
		return fmt.Errorf("%w: record id", ErrInvalid)
	case h.TierB() && (!h.Session.Valid() || !h.Visitor.Valid()):
		return fmt.Errorf("%w: a chunk of a session needs session and visitor ids", ErrInvalid)
	case !h.TierB() && (h.Session != "" || h.Visitor != "" || h.Token != ""):
		return fmt.Errorf("%w: a counting chunk must not have session, visitor or token", ErrInvalid)
	case h.Seq > maxSeq:
		return fmt.Errorf("%w: sequence number %d", ErrInvalid, h.Seq)
	case h.Events == 0 || h.Events > MaxEvents:
		return fmt.Errorf("%w: %d events", ErrInvalid, h.Events)
	case h.SentMs < 0 || h.SentMs > maxSent:
		return fmt.Errorf("%w: time of sending", ErrInvalid)
	case len(h.Token) > MaxToken || !printable(h.Token):
		return fmt.Errorf("%w: token", ErrInvalid)
	}
	return nil
}

// TierB says whether the chunk belongs to a session.
func (h Header) TierB() bool { return h.Flags&FlagTierB != 0 }

// printable says whether s holds visible ASCII only, as every token does.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Additional is the additional data under which a chunk's payload is sealed:
// "project|session|record|seq". A body that is moved to another chunk's place
// does not open there.
func Additional(h Header) []byte {
	return fmt.Appendf(nil, "%s|%s|%s|%d", h.Project, h.Session, h.Record, h.Seq)
}
