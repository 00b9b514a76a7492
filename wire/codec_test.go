package wire

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden vectors anew")

// vector is one case of testdata/envelope-v1.json, which the recorder's tests
// read too: the same fields must give the same bytes on both sides.
type vector struct {
	Name    string `json:"name"`
	Codec   uint8  `json:"codec"`
	Flags   uint8  `json:"flags"`
	Token   string `json:"token"`
	Project string `json:"project"`
	Session string `json:"session"`
	Record  string `json:"record"`
	Visitor string `json:"visitor"`
	Seq     uint32 `json:"seq"`
	Events  uint32 `json:"events"`
	SentMs  int64  `json:"sentMs"`
	// Payload is the gzip payload as hex; its unpacked text stands in Text. The
	// two sides need not pack alike, so tests take the payload as given.
	Payload  string `json:"payload"`
	Text     string `json:"text"`
	Envelope string `json:"envelope"` // hex
}

const vectorFile = "testdata/envelope-v1.json"

func vectors() []vector {
	page := `{"k":"page","t":1795456800000,"d":{"v":0,"u":"https://planning.example/search","ti":"Search","n":"load","w":1440,"h":900,"s":"large"}}`
	dom := `{"k":"dom","t":1795456800100,"d":{"type":4,"data":{"href":"https://planning.example/search","width":1440,"height":900},"timestamp":1795456800100}}`
	count := `{"k":"count","t":1795456800000,"d":{"u":"https://planning.example/","s":"small"}}`
	return []vector{
		{
			Name: "first chunk of a session", Codec: 1, Flags: 9, Project: "0123456789abcdef0123456789abcdef01234567",
			Session: "S-23456789012345678_1", Record: "R-23456789012345678_1", Visitor: "V-23456789012345678_1",
			Events: 2, SentMs: 1795456801234, Text: page + "\n" + dom + "\n",
		},
		{
			Name: "last chunk with token", Codec: 1, Flags: 11, Project: "ffffffffffffffffffffffffffffffffffffffff",
			Session: "abcdefghijklmnopqrstu", Record: "ABCDEFGHIJKLMNOPQRSTU", Visitor: "000000000000000000000",
			Token: "dG9rZW4tdG9rZW4tdG9rZW4tdG9rZW4x", Seq: 77, Events: 1, SentMs: 1795456899999, Text: dom + "\n",
		},
		{
			Name: "counting chunk", Codec: 1, Project: "0123456789abcdef0123456789abcdef01234567",
			Record: "R-23456789012345678_2", Events: 1, SentMs: 1795456800500, Text: count + "\n",
		},
	}
}

func (v vector) header() Header {
	return Header{
		Codec: Codec(v.Codec), Flags: Flags(v.Flags), Token: v.Token, Project: ProjectKey(v.Project),
		Session: ID(v.Session), Record: ID(v.Record), Visitor: ID(v.Visitor), Seq: v.Seq, Events: v.Events, SentMs: v.SentMs,
	}
}

func TestVectors(t *testing.T) {
	if *update {
		vs := vectors()
		for i := range vs {
			payload := Deflate([]byte(vs[i].Text))
			body, err := Append(nil, vs[i].header(), payload)
			if err != nil {
				t.Fatal(err)
			}
			vs[i].Payload, vs[i].Envelope = hex.EncodeToString(payload), hex.EncodeToString(body)
		}
		out, err := json.MarshalIndent(vs, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, append(out, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(data, &vs); err != nil {
		t.Fatal(err)
	}
	for _, v := range vs {
		t.Run(v.Name, func(t *testing.T) {
			payload, _ := hex.DecodeString(v.Payload)
			body, err := Append(nil, v.header(), payload)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(body); got != v.Envelope {
				t.Errorf("bytes differ:\n got %s\nwant %s", got, v.Envelope)
			}
			h, gotPayload, err := Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			h.Sum = 0
			if d := cmp.Diff(v.header(), h); d != "" {
				t.Error(d)
			}
			text, err := Inflate(gotPayload)
			if err != nil || string(text) != v.Text {
				t.Errorf("text %q, %v", text, err)
			}
			sum, err := Check(gotPayload)
			if err != nil || sum.Events != int(v.Events) {
				t.Errorf("check: %+v, %v", sum, err)
			}
		})
	}
}

// TestDecodeRefuses covers faults 8 and 14 as far as the header goes.
func TestDecodeRefuses(t *testing.T) {
	good := func() []byte {
		v := vectors()[0]
		body, err := Append(nil, v.header(), Deflate([]byte(v.Text)))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	tests := []struct {
		name string
		edit func([]byte) []byte
		want error
	}{
		{"empty", func([]byte) []byte { return nil }, ErrMalformed},
		{"half a header", func(b []byte) []byte { return b[:50] }, ErrMalformed},
		{"token past the end", func(b []byte) []byte { b[3] = 255; return b[:HeaderLen+10] }, ErrMalformed},
		{"another version", func(b []byte) []byte { b[0] = 2; return b }, ErrEncoding},
		{"another codec", func(b []byte) []byte { b[1] = 9; return b }, ErrEncoding},
		{"unknown flag", func(b []byte) []byte { b[2] |= 0x80; return b }, ErrInvalid},
		{"tier A with a session", func(b []byte) []byte { b[2] = 0; return b }, ErrInvalid},
		{"session id with a space", func(b []byte) []byte { b[24] = ' '; return b }, ErrInvalid},
		{"no visitor", func(b []byte) []byte { clear(b[66:87]); return b }, ErrInvalid},
		{"byte 87 set", func(b []byte) []byte { b[87] = 1; return b }, ErrMalformed},
		{"sequence number near 2^32", func(b []byte) []byte { b[88] = 0xff; return b }, ErrInvalid},
		{"no events", func(b []byte) []byte { clear(b[92:96]); return b }, ErrInvalid},
		{"too many events", func(b []byte) []byte { b[92] = 1; return b }, ErrInvalid},
		{"negative time", func(b []byte) []byte { b[96] = 0x80; return b }, ErrInvalid},
		{"payload cut (fault 8)", func(b []byte) []byte { return b[:len(b)-1] }, ErrMalformed},
		{"payload changed", func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, ErrMalformed},
		{"oversize", func([]byte) []byte { return make([]byte, MaxBody+1) }, ErrTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, _, err := Decode(test.edit(good())); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestReasonOf(t *testing.T) {
	for err, want := range map[error]Reason{
		ErrMalformed: ReasonMalformed, ErrTooLarge: ReasonTooLarge, ErrEncoding: ReasonEncoding, ErrInvalid: ReasonInvalid,
	} {
		if got := ReasonOf(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

func TestAdditionalNamesTheChunk(t *testing.T) {
	h := vectors()[1].header()
	want := strings.Join([]string{string(h.Project), string(h.Session), string(h.Record), "77"}, "|")
	if got := string(Additional(h)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
