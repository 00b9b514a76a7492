package replay

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzCheck: whatever comes in, the check neither panics nor lets an address, a
// script or a text in clear through, and what it lets through it lets through again.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(page(`{"type":2,"tagName":"p","attributes":{"style":"a:url(x)","class":"a b"},"childNodes":[{"type":3,"textContent":"xxxxx, 00","id":5}],"id":4}`)))
	f.Add([]byte(increment(`{"source":0,"texts":[{"id":1,"value":"x"}],"attributes":[{"id":1,"attributes":{"style":{"a":["b","important"]}}}],"removes":[],"adds":[]}`)))
	f.Add([]byte(increment(`{"source":8,"adds":[{"rule":"a{}","index":[1,2]}]}`)))
	f.Add([]byte(`{"type":4,"data":{"href":"https://a.example/b?c=d","width":1,"height":2},"timestamp":1}`))
	f.Add([]byte(`{"type":5,"data":{"tag":"fp-x","payload":{"a":1}},"timestamp":1}`))
	f.Fuzz(func(t *testing.T, event []byte) {
		out, _, err := Check(event, Strict)
		if err != nil || out == nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("not JSON: %q", out)
		}
		again, removed, err := Check(out, Strict)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("second check: %v, removed %v\n%q\n%q", err, removed, out, again)
		}
	})
}

// FuzzCSS: cleaned style text stays as it is when cleaned again.
func FuzzCSS(f *testing.F) {
	f.Add(`a{b:url(x)}@import "y";/*c*/[a="true"]`)
	f.Fuzz(func(t *testing.T, s string) {
		once, _ := CSS(s)
		if twice, _ := CSS(once); twice != once {
			t.Fatalf("%q\n%q\n%q", s, once, twice)
		}
	})
}
