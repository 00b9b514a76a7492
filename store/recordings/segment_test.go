package recordings

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"footpath/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

var update = flag.Bool("update", false, "write the golden files of the newest version")

func golden() (Head, []Piece) {
	head := Head{Visitor: "visitor-0000000000001", Device: "desktop", Browser: "Chrome 156", OS: "Linux", Country: "GB"}
	return head, []Piece{
		{Record: "record-00000000000001", Seq: 0, Flags: wire.FlagTierB, Arrived: 1_795_435_202_000, SentMs: 1_795_435_201_000, Size: 99, Events: []byte("{\"k\":\"dom\",\"t\":1795435200000,\"d\":{\"type\":0}}\n")},
		{Record: "record-00000000000001", Seq: 7, Flags: wire.FlagTierB | wire.FlagLast, Arrived: 1_795_435_262_000, SentMs: 1_495_435_201_000, Skew: 300_000_061_000, Size: 1, Events: []byte{}},
	}
}

// What version 1 wrote is read for ever.
func TestGoldenSegment(t *testing.T) {
	const name = "testdata/segment-v1.bin"
	head, pieces := golden()
	packed, err := Pack(head, pieces)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, packed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	gotHead, gotPieces, err := Unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(head, gotHead) + cmp.Diff(pieces, gotPieces); d != "" {
		t.Error(d)
	}
}

// Fault 74: a later version is refused by its number; faults 8 and 11: what is cut
// short or unpacks without end is refused within its bound.
func TestUnpackRefuses(t *testing.T) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	head, pieces := golden()
	packed, err := Pack(head, pieces)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty": {}, "noise": []byte("noise"), "cut": packed[:len(packed)-1],
		"later version": enc.EncodeAll([]byte{SegmentVersion + 1}, nil),
		"bomb":          enc.EncodeAll(bytes.Repeat([]byte{1}, MaxSegment+1), nil),
		"many pieces":   enc.EncodeAll([]byte{1, 2, '{', '}', 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, nil),
	} {
		if _, _, err := Unpack(data); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		} else if name == "later version" && !strings.Contains(err.Error(), "version 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzUnpack: no input makes the decoder panic or read past its bytes.
func FuzzUnpack(f *testing.F) {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1, 2, '{', '}', 0})
	f.Fuzz(func(t *testing.T, plain []byte) {
		head, pieces, err := Unpack(enc.EncodeAll(plain, nil))
		if err != nil {
			return
		}
		again, err := Pack(head, pieces)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := Unpack(again); err != nil || len(got) != len(pieces) {
			t.Fatalf("%d pieces became %d: %v", len(pieces), len(got), err)
		}
	})
}
