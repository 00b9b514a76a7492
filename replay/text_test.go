package replay

import (
	"encoding/json"
	"testing"

	"footpath/wire"

	"pgregory.net/rapid"
)

const mark12 = string(wire.TextMark) + "12" + string(wire.TextEnd)

func TestMask(t *testing.T) {
	f := func(in, strict, smartlook string) {
		t.Helper()
		if got := Mask(in); got != strict {
			t.Errorf("strict %q: %q, want %q", in, got, strict)
		}
		if got, _ := Smartlook.Text(in); got != smartlook {
			t.Errorf("smartlook %q: %q, want %q", in, got, smartlook)
		}
	}
	f("", "", "")
	f("Jo, call 07700 900123!", "xx, xxxxx 00000 00000!", "Jo, call 00000 000000!")
	f("a  b\tc", "xx xx xx", "a  b\tc")
	f("one\n  two", "xx\nxx", "one\n  two")
	f(mark12+" Smith", mark12+" xxxxx", mark12+" Smith")
	f("mail jo@bloggs.example, now", "xxxxx xxxxxxxxxxxx, xx", "mail xxxxxxxxxxxx, now")
	f("٣٤٥ "+string(wire.TextMark), "00 xx", "000 x")
	f("...", "...", "...") // in the form already
}

// Whatever a text is, its masked form is in the form, stays as it is, and holds no
// letter of the text but x.
func TestMaskedFormHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		m := Mask(s)
		if !IsMasked(m) || Mask(m) != m {
			t.Fatalf("%q became %q", s, m)
		}
		b, _ := Smartlook.Text(s)
		if again, _ := Smartlook.Text(b); again != b {
			t.Fatalf("smartlook: %q became %q, then %q", s, b, again)
		}
	})
}

// S30, H03: what has the shape of personal data is found, addresses keep origin
// and path alone (S10).
func TestPersonalAndURL(t *testing.T) {
	for s, want := range map[string]bool{
		"jo@bloggs.example": true, "user=jo%40bloggs.example": true, "4111 1111 1111 1111": true, "+44 7700 900123": true,
		"QQ123456C": true, "AB 12 34 56 C": true, "GB82WEST12345698765432": true,
		"govuk-grid-column-two-thirds": false, "search": false, "2026-11-23": false, "html > body > p:nth-of-type(12)": false, "": false,
	} {
		// QQ is not a valid prefix of an insurance number; it is used in examples.
		if s == "QQ123456C" {
			want = false
		}
		if got := Personal(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
	for in, want := range map[string]string{
		"https://a.example/b?c=d#e":           "https://a.example/b",
		"https://jo:secret@a.example:8443/":   "https://a.example:8443/",
		"https://a.example/people/jo@b.org/x": "https://a.example/people/:id/x",
		"javascript:alert(1)":                 "",
		"data:text/html,x":                    "",
		"http://<script>/":                    "",
	} {
		if got, _ := URL(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A public text is put in place as JSON, also where it needs escaping; an unknown
// index shows as a masked word.
func TestResolve(t *testing.T) {
	texts := make([]string, 13)
	texts[12] = "Say \"yes\"\n</script>"
	event, err := json.Marshal(map[string]string{"t": "a " + mark12 + " b"})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(Resolve(event, texts), &got); err != nil || got["t"] != "a "+texts[12]+" b" {
		t.Errorf("%q, %v", got["t"], err)
	}
	if got := ResolveText("a "+mark12, nil); got != "a xxxxx" {
		t.Errorf("unknown index: %q", got)
	}
}

// Fault 47: an event stays near its chunk's arrival whatever the clocks say.
func TestCorrectIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arrived := rapid.Int64Range(1_600_000_000_000, 2_000_000_000_000).Draw(t, "arrived")
		got := Correct(rapid.Int64().Draw(t, "time"), rapid.Int64().Draw(t, "skew"), arrived)
		if got < arrived-oldest || got > arrived+newest {
			t.Fatalf("%d for an arrival at %d", got, arrived)
		}
	})
}
