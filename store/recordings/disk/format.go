package disk

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"footpath/store/recordings"
	"footpath/wire"
)

// The bytes are specified in docs/format/recording.md.
const (
	// Version is the version byte of both kinds of file.
	Version = 1

	objectMagic = "FPRO"
	indexMagic  = "FPRI"
	headLen     = 8 // magic, version, three zero bytes

	opPut   = 1
	opErase = 2

	// maxRecord bounds an index record: a session of 12 h in segments of 30 s has
	// 1,440 of them at about 40 bytes.
	maxRecord = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fileHead is what every file starts with.
func fileHead(magic string) []byte {
	return append([]byte(magic), Version, 0, 0, 0)
}

func checkHead(head []byte, magic, name string) error {
	if len(head) < headLen || string(head[:4]) != magic {
		return fmt.Errorf("%s: not a %s file of footpath", name, magic)
	}
	if head[4] != Version {
		return fmt.Errorf("%s: format %d, this program reads %d", name, head[4], Version)
	}
	return nil
}

// place is where one segment's bytes stand, as kept in memory and in the index.
type place struct {
	index    int32
	object   uint32
	offset   int64
	length   int64
	checksum uint32
	first    int64
	last     int64
}

type sessionKey struct {
	project wire.ProjectKey
	session wire.ID
}

// frame wraps an index record: length, CRC-32C of the payload, payload.
func frame(payload []byte) []byte {
	b := make([]byte, 8, 8+len(payload))
	binary.LittleEndian.PutUint32(b, uint32(len(payload)))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(payload, castagnoli))
	return append(b, payload...)
}

func putRecord(key sessionKey, places []place) []byte {
	b := []byte{opPut}
	b = appendKey(b, key)
	b = binary.AppendUvarint(b, uint64(len(places)))
	for _, p := range places {
		b = binary.AppendVarint(b, int64(p.index))
		b = binary.AppendUvarint(b, uint64(p.object))
		b = binary.AppendVarint(b, p.offset)
		b = binary.AppendVarint(b, p.length)
		b = binary.LittleEndian.AppendUint32(b, p.checksum)
		b = binary.AppendVarint(b, p.first)
		b = binary.AppendVarint(b, p.last)
	}
	return b
}

func eraseRecord(key sessionKey) []byte {
	return appendKey([]byte{opErase}, key)
}

func appendKey(b []byte, key sessionKey) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(key.project))), key.project...)
	return append(binary.AppendUvarint(b, uint64(len(key.session))), key.session...)
}

// readIndex calls fn for every whole record. good is the end of the last one:
// what follows is a torn tail (fault 34). A stretch that cannot be read with whole
// records behind it is damage, never the end of the list (fault 35): it is skipped
// byte by byte and counted.
func readIndex(data []byte, fn func(op byte, key sessionKey, places []place)) (good int64, damaged int) {
	good = headLen
	skipped := 0
	for pos := headLen; pos+8 <= len(data); {
		n, op, key, places := readFrame(data[pos:])
		if n == 0 {
			if skipped == 0 {
				skipped = 1
			}
			pos++
			continue
		}
		damaged += skipped
		skipped = 0
		pos += n
		good = int64(pos)
		fn(op, key, places)
	}
	return good, damaged
}

// readFrame reads the record at the start of b; n is 0 when there is none.
func readFrame(b []byte) (n int, op byte, key sessionKey, places []place) {
	length := binary.LittleEndian.Uint32(b)
	if length == 0 || length > maxRecord || int(length) > len(b)-8 {
		return 0, 0, key, nil
	}
	payload := b[8 : 8+length]
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return 0, 0, key, nil
	}
	op, key, places, err := parseRecord(payload)
	if err != nil {
		return 0, 0, key, nil
	}
	return 8 + int(length), op, key, places
}

func parseRecord(b []byte) (op byte, key sessionKey, places []place, err error) {
	if len(b) == 0 {
		return 0, key, nil, io.ErrUnexpectedEOF
	}
	r := fields{b: b[1:]}
	key = sessionKey{project: wire.ProjectKey(r.str()), session: wire.ID(r.str())}
	switch b[0] {
	case opErase:
	case opPut:
		n := r.uvarint()
		for range min(n, uint64(len(b))) {
			p := place{index: int32(r.varint()), object: uint32(r.uvarint()), offset: r.varint(), length: r.varint()}
			p.checksum, p.first, p.last = r.u32(), r.varint(), r.varint()
			places = append(places, p)
		}
	default:
		return 0, key, nil, fmt.Errorf("unknown operation %d", b[0])
	}
	if r.bad {
		return 0, key, nil, io.ErrUnexpectedEOF
	}
	return b[0], key, places, nil
}

func (p place) info(key sessionKey, day int32, class, object string) recordings.Info {
	return recordings.Info{
		Segment: recordings.Segment{
			Project: key.project, Session: key.session, Day: day, Class: class,
			Index: p.index, First: p.first, Last: p.last,
		},
		Object: object, Offset: p.offset, Length: p.length, Checksum: p.checksum,
	}
}

// fields reads an index record; bad stays set once something was short.
type fields struct {
	b   []byte
	bad bool
}

func (r *fields) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *fields) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *fields) u32() uint32 {
	if len(r.b) < 4 {
		r.bad, r.b = true, nil
		return 0
	}
	v := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func (r *fields) str() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return ""
	}
	v := string(r.b[:n])
	r.b = r.b[n:]
	return v
}
