package disk

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"

	"footpath/journal"
	"footpath/wire"
)

// The layout of a segment; docs/format/journal.md draws it.
//
//	header: magic 8, first position 8, acknowledged through 8, made ms 8, CRC-32C 4
//	frame:  magic 4, length 4, CRC-32C 4, position 8, batch 8, body
const (
	headerLen   = 36
	frameHeader = 28
	// maxFrame bounds a frame: the largest body that collect admits, sealed, with
	// its header and client; twice is ample and stops a damaged length.
	maxFrame = 2*wire.MaxBody + frameHeader

	segmentMagic = "FPJRNL1\n"
	frameMagic   = 0xF0_07_9A_7E // not ASCII, no byte of it zero
	bodyVersion  = 1
	idLen        = wire.IDLen
	// bodyFixed is the fixed part of a body: version, codec, flags, bot 4; arrived
	// 8; day 4; project 20; three ids 63; seq 4; events 4; sent 8; sum 4.
	bodyFixed = 4 + 8 + 4 + 20 + 3*idLen + 4 + 4 + 8 + 4
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errFrame   = errors.New("damaged record")
)

// header opens a segment.
type header struct {
	first   journal.Position // of the segment's first entry
	through journal.Position // everything up to here was acknowledged from older segments
	made    int64            // ms since 1970 UTC
}

func (h header) encode() []byte {
	b := make([]byte, 0, headerLen)
	b = append(b, segmentMagic...)
	b = binary.BigEndian.AppendUint64(b, uint64(h.first))
	b = binary.BigEndian.AppendUint64(b, uint64(h.through))
	b = binary.BigEndian.AppendUint64(b, uint64(h.made))
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeHeader(b []byte) (header, bool) {
	if len(b) < headerLen || !bytes.HasPrefix(b, []byte(segmentMagic)) ||
		binary.BigEndian.Uint32(b[32:]) != crc32.Checksum(b[:32], castagnoli) {
		return header{}, false
	}
	return header{
		first:   journal.Position(binary.BigEndian.Uint64(b[8:])),
		through: journal.Position(binary.BigEndian.Uint64(b[16:])),
		made:    int64(binary.BigEndian.Uint64(b[24:])),
	}, true
}

// appendFrame writes a chunk's frame behind dst. batch is the position of the
// first entry of the write that carries it: recovery tells a torn write from
// later damage by it.
func appendFrame(dst []byte, at, batch journal.Position, c *journal.Chunk) []byte {
	start := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, frameMagic)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0) // length and CRC, below
	dst = binary.BigEndian.AppendUint64(dst, uint64(at))
	dst = binary.BigEndian.AppendUint64(dst, uint64(batch))
	dst = appendBody(dst, c)
	binary.BigEndian.PutUint32(dst[start+4:], uint32(len(dst)-start-frameHeader))
	binary.BigEndian.PutUint32(dst[start+8:], frameSum(dst[start:]))
	return dst
}

// frameSum covers the length and all that follows the checksum.
func frameSum(frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(frame[4:8], castagnoli), castagnoli, frame[12:])
}

// frame is one record as read.
type frame struct {
	at, batch journal.Position
	body      []byte
}

// readFrame reads the frame at the start of b, which may hold more. The magic
// keeps a run of zeros from ever being a frame.
func readFrame(b []byte) (frame, int, bool) {
	if len(b) < frameHeader || binary.BigEndian.Uint32(b) != frameMagic {
		return frame{}, 0, false
	}
	n := int64(binary.BigEndian.Uint32(b[4:])) + frameHeader
	if n > maxFrame || n > int64(len(b)) || n < frameHeader+bodyFixed {
		return frame{}, 0, false
	}
	if binary.BigEndian.Uint32(b[8:]) != frameSum(b[:n]) {
		return frame{}, 0, false
	}
	return frame{
		at:    journal.Position(binary.BigEndian.Uint64(b[12:])),
		batch: journal.Position(binary.BigEndian.Uint64(b[20:])),
		body:  b[frameHeader:n],
	}, int(n), true
}

func appendBody(dst []byte, c *journal.Chunk) []byte {
	bot := byte(0)
	if c.Client.Bot {
		bot = 1
	}
	dst = append(dst, bodyVersion, byte(c.Codec), byte(c.Flags), bot)
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.Arrived))
	dst = binary.BigEndian.AppendUint32(dst, uint32(c.Day))
	var project [20]byte
	// Append has checked that the key is 40 hexadecimal characters.
	_, _ = hex.Decode(project[:], []byte(c.Project))
	dst = append(dst, project[:]...)
	dst = appendID(dst, c.Session)
	dst = appendID(dst, c.Record)
	dst = appendID(dst, c.Visitor)
	dst = binary.BigEndian.AppendUint32(dst, c.Seq)
	dst = binary.BigEndian.AppendUint32(dst, c.Events)
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.SentMs))
	dst = binary.BigEndian.AppendUint32(dst, c.Sum)
	for _, s := range []string{c.Token, c.Client.Device, c.Client.Browser, c.Client.OS, c.Client.Country} {
		s = s[:min(len(s), 255)]
		dst = append(append(dst, byte(len(s))), s...)
	}
	return append(dst, c.Body...)
}

func appendID(dst []byte, id wire.ID) []byte {
	var fixed [idLen]byte
	copy(fixed[:], id)
	return append(dst, fixed[:]...)
}

// decodeBody reads a chunk; its Body shares b's memory.
func decodeBody(b []byte) (journal.Chunk, error) {
	if len(b) < bodyFixed || b[0] != bodyVersion {
		return journal.Chunk{}, errFrame
	}
	var c journal.Chunk
	c.Codec, c.Flags, c.Client.Bot = wire.Codec(b[1]), wire.Flags(b[2]), b[3] == 1
	c.Arrived = int64(binary.BigEndian.Uint64(b[4:]))
	c.Day = int32(binary.BigEndian.Uint32(b[12:]))
	c.Project = wire.ProjectKey(hex.EncodeToString(b[16:36]))
	c.Session, c.Record, c.Visitor = idAt(b, 36), idAt(b, 36+idLen), idAt(b, 36+2*idLen)
	rest := b[36+3*idLen:]
	c.Seq, c.Events = binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:])
	c.SentMs = int64(binary.BigEndian.Uint64(rest[8:]))
	c.Sum = binary.BigEndian.Uint32(rest[16:])
	rest = rest[20:]
	for _, s := range []*string{&c.Token, &c.Client.Device, &c.Client.Browser, &c.Client.OS, &c.Client.Country} {
		if len(rest) == 0 || len(rest) < 1+int(rest[0]) {
			return journal.Chunk{}, errFrame
		}
		*s = string(rest[1 : 1+rest[0]])
		rest = rest[1+rest[0]:]
	}
	c.Body = rest
	return c, nil
}

func idAt(b []byte, at int) wire.ID {
	id := b[at : at+idLen]
	if id[0] == 0 {
		return ""
	}
	return wire.ID(id)
}

// sessionKey names a session in the index: the bytes of project key and id.
type sessionKey [20 + idLen]byte

func keyOf(project wire.ProjectKey, session wire.ID) (k sessionKey) {
	_, _ = hex.Decode(k[:20], []byte(project)) // a wrong key finds nothing
	copy(k[20:], session)
	return k
}

// bodyKey reads the session's key from an encoded body; false for Tier A.
func bodyKey(b []byte) (sessionKey, bool) {
	return sessionKey(b[16 : 36+idLen]), b[36] != 0
}
