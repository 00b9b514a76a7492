package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestCheck covers faults 8 and 11 to 14 for payloads, and that Inflate agrees
// with Check on what it sees too.
func TestCheck(t *testing.T) {
	line := `{"k":"page","t":1,"d":{"u":"x"}}`
	pack := func(s string) []byte { return Deflate([]byte(s)) }
	long := `{"k":"dom","t":1,"d":"` + strings.Repeat("a", MaxInflated) + `"}`
	deep := func(n int) string {
		return `{"k":"dom","t":1,"d":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	tests := []struct {
		name    string
		payload []byte
		want    error
	}{
		{"one event", pack(line + "\n"), nil},
		{"no last newline", pack(line), nil},
		{"two events", pack(line + "\n" + line + "\n"), nil},
		{"spaces", pack(`{ "k" : "page" , "t" : 1 , "d" : [ ] }`), nil},
		{"numbers", pack(`{"k":"page","t":0,"d":[0,-0,1.5,-2e10,3E-7,1e308,0.1e+2,true,false,null]}`), nil},
		{"strings", pack(`{"k":"page","t":1,"d":["\"\\\/\b\f\n\r\té\ud800","` + "\u00e9\xff" + `"]}`), nil},
		{"deepest", pack(deep(MaxDepth - 1)), nil},
		{"empty", nil, ErrMalformed},
		{"no gzip", []byte(line), ErrMalformed},
		{"no events", pack(""), ErrMalformed},
		{"cut (fault 8)", pack(line)[:20], ErrMalformed},
		{"bomb (fault 11)", pack(long), ErrTooLarge},
		{"two members (fault 12)", append(pack(line+"\n"), pack(line)...), ErrMalformed},
		{"nested gzip (fault 12)", Deflate(pack(line)), ErrMalformed},
		{"bytes behind", append(pack(line), 0), ErrMalformed},
		{"too deep (fault 13)", pack(deep(MaxDepth)), ErrInvalid},
		{"depth bomb (fault 13)", pack(`{"k":"dom","t":1,"d":` + strings.Repeat("[", 1<<22)), ErrInvalid},
		{"too many events (fault 13)", pack(strings.Repeat(line+"\n", MaxEvents+1)), ErrInvalid},
		{"NaN (fault 14)", pack(`{"k":"page","t":NaN,"d":1}`), ErrMalformed},
		{"1e400 (fault 14)", pack(`{"k":"page","t":1e400,"d":1}`), ErrInvalid},
		{"long number", pack(`{"k":"page","t":` + strings.Repeat("1", 60) + `,"d":1}`), ErrInvalid},
		{"leading zero", pack(`{"k":"page","t":01,"d":1}`), ErrMalformed},
		{"NUL (fault 14)", pack("{\"k\":\"page\",\"t\":1,\"d\":\"\x00\"}"), ErrMalformed},
		{"newline in a string", pack("{\"k\":\"page\",\"t\":1,\"d\":\"\n\"}"), ErrMalformed},
		{"bad escape", pack(`{"k":"page","t":1,"d":"\x"}`), ErrMalformed},
		{"bad word", pack(`{"k":"page","t":1,"d":nul}`), ErrMalformed},
		{"bracket mismatch", pack(`{"k":"page","t":1,"d":[}`), ErrMalformed},
		{"trailing comma", pack(`{"k":"page","t":1,"d":[1,]}`), ErrMalformed},
		{"two values on a line", pack(line + line), ErrMalformed},
		{"array line", pack(`[1]`), ErrMalformed},
		{"no kind", pack(`{"t":1,"d":1}`), ErrInvalid},
		{"two kinds", pack(`{"k":"count","k":"dom","t":1,"d":1}`), ErrInvalid},
		{"kind in disguise", pack(`{"k":"\u0064om","t":1,"d":1}`), ErrInvalid},
		{"key in disguise", pack(`{"\u006b":"dom","k":"count","t":1,"d":1}`), ErrInvalid},
		{"kind not a string", pack(`{"k":1,"t":1,"d":1}`), ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Check(test.payload); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if _, err := Inflate(test.payload); errors.Is(err, ErrTooLarge) != errors.Is(test.want, ErrTooLarge) {
				t.Errorf("Inflate: %v", err)
			}
		})
	}
}

func TestCheckCounts(t *testing.T) {
	got, err := Check(Deflate([]byte(`{"k":"dom","t":1,"d":1}` + "\n" + `{"d":{"k":"count"},"k":"count","t":1}` + "\n" + `{"k":"novel","t":1,"d":1}`)))
	want := Summary{Events: 3, DOM: 1, Count: 1, Unknown: 1, Bytes: 87}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestEvents: one bad line costs that line, and it is said.
func TestEvents(t *testing.T) {
	text := strings.Join([]string{
		`{"k":"page","t":5,"d":{"v":1,"u":"https://a.example/","n":"odd","s":"huge","w":-3}}`,
		`{"t":6,"k":"click","d":{"v":1,"x":99999999,"by":"thought","e":{"t":"a"}}}`,
		`{"k":"novel","t":7,"d":{}}`,
		`{"k":"page","t":-7,"d":{}}`,
		`{"k":"page","t":8}`,
		`broken`,
		"{\"k\":\"error\",\"t\":9,\"d\":{\"c\":\"Type\xffError\\u0000\\u202e\",\"m\":\"" + strings.Repeat("é", 2000) + "\"}}",
	}, "\n")
	var kinds []Kind
	var failed []int
	n := 0
	for ev, err := range Events([]byte(text)) {
		n++
		if err != nil {
			failed = append(failed, n)
			if n == 3 && !errors.Is(err, ErrKind) {
				t.Errorf("unknown kind: %v", err)
			}
			continue
		}
		kinds = append(kinds, ev.Kind)
		switch ev.Kind {
		case KindPage:
			p, err := As[Page](ev)
			if err != nil || p.Nav != "load" || p.Screen != "" || p.Width != 0 || ev.Time != 5 {
				t.Errorf("page %+v, %v", p, err)
			}
		case KindClick:
			if c, err := As[Click](ev); err != nil || c.X != maxShare || c.By != "mouse" {
				t.Errorf("click %+v, %v", c, err)
			}
		case KindError:
			e, err := As[Error](ev)
			if err != nil || e.Class != "Type\uFFFDError" || len(e.Message) > maxText || !strings.HasSuffix(e.Message, "é") {
				t.Errorf("error %q %d, %v", e.Class, len(e.Message), err)
			}
		}
	}
	if len(kinds) != 3 || len(failed) != 4 {
		t.Errorf("kinds %v, failed lines %v", kinds, failed)
	}
}

func TestAsRefuses(t *testing.T) {
	if _, err := As[Page](Event{Kind: KindPage, Data: json.RawMessage(`{"v":-1}`)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("negative view: %v", err)
	}
	if _, err := As[Page](Event{Kind: KindPage, Data: json.RawMessage(`{"v":4000000000,"u":"x"}`)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("large view: %v", err)
	}
	c, err := As[Custom](Event{Kind: KindCustom, Data: json.RawMessage(`{"n":"buy","p":{"a":1,"b":"x","c":true,"d":{},"e":[1],"f":null,"":1,"g\n":2}}`)})
	if err != nil || len(c.Props) != 3 {
		t.Errorf("props %v, %v", c.Props, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors() {
		body, err := Append(nil, v.header(), Deflate([]byte(v.Text)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h, payload, err := Decode(body)
		if err != nil {
			return
		}
		again, err := Append(nil, h, payload)
		if err != nil || !bytes.Equal(again, body) {
			t.Fatalf("decoded and encoded again: %v", err)
		}
	})
}

// FuzzEvents: what Check accepts is JSON to the standard library too, line by
// line, and Events and the payload types take it without failing.
func FuzzEvents(f *testing.F) {
	for _, v := range vectors() {
		f.Add([]byte(v.Text))
	}
	f.Add([]byte(`{"k":"page","t":1,"d":[0,-0,1.5e-3,"\ud800\u0000",{"":[]}]}`))
	f.Add([]byte(`{"k":"custom","t":1,"d":{"n":"x","p":{"__proto__":1}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		sum, err := Check(Deflate(text))
		if err != nil {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(text))
		n := 0
		for ; ; n++ {
			var v any
			if err := dec.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("Check accepts what encoding/json does not: %v", err)
			}
		}
		if n != sum.Events {
			t.Fatalf("%d events by Check, %d values by encoding/json", sum.Events, n)
		}
		lines := 0
		for ev, err := range Events(text) {
			lines++
			if err == nil {
				if !json.Valid(ev.Data) {
					t.Fatalf("data is not JSON: %s", ev.Data)
				}
				_, _ = As[Page](ev)
				_, _ = As[Click](ev)
				_, _ = As[Custom](ev)
				_, _ = As[Count](ev)
			}
		}
		if lines != n {
			t.Fatalf("%d lines by Events, %d values", lines, n)
		}
	})
}

func benchText() []byte {
	return bytes.Repeat([]byte(`{"k":"dom","t":1795456800100,"d":{"type":3,"data":{"source":0,"texts":[],"attributes":[{"id":12,"attributes":{"class":"xx xxxxx"}}],"removes":[],"adds":[]},"timestamp":1795456800100}}`+"\n"), 600)
}

func BenchmarkDecode(b *testing.B) {
	body, err := Append(nil, vectors()[0].header(), Deflate(benchText()))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, _, err := Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	payload := Deflate(benchText())
	b.SetBytes(int64(len(benchText())))
	for b.Loop() {
		if _, err := Check(payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var s scanner
		if err := s.feed(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, err := range Events(text) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkGunzip(b *testing.B) {
	payload := Deflate(benchText())
	b.SetBytes(int64(len(benchText())))
	for b.Loop() {
		zr, err := gzip.NewReader(bytes.NewReader(payload))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, zr); err != nil {
			b.Fatal(err)
		}
	}
}
