package replay

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// page wraps body's child nodes in a full snapshot.
func page(body string) string {
	return `{"type":2,"data":{"node":{"type":0,"compatMode":"CSS1Compat","childNodes":[` +
		`{"type":1,"name":"html","publicId":"","systemId":"","id":2},` +
		`{"type":2,"tagName":"html","attributes":{"lang":"en"},"childNodes":[` + body + `],"id":3}],"id":1},` +
		`"initialOffset":{"left":0,"top":120}},"timestamp":1795000000000}`
}

func increment(data string) string {
	return `{"type":3,"data":` + data + `,"timestamp":1795000000000}`
}

func check(t *testing.T, event string, p Profile) (string, Counts) {
	t.Helper()
	out, removed, err := Check([]byte(event), p)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	if out != nil && !json.Valid(out) {
		t.Fatalf("not JSON: %s", out)
	}
	again, _, err := Check(out, p)
	if out != nil && (err != nil || string(again) != string(out)) {
		t.Fatalf("a second check changed it: %v\n%s", err, cmp.Diff(string(out), string(again)))
	}
	return string(out), removed
}

func TestMaskedPagePassesUnchanged(t *testing.T) {
	in := page(`{"type":2,"tagName":"body","attributes":{"class":"govuk-template__body js-enabled","style":"margin: 0px;"},"childNodes":[` +
		`{"type":2,"tagName":"style","attributes":{"_cssText":"a{color:red}/* rr_split */[aria-hidden=\"true\"]{display:none}.a{background:url(\"\")}"},"childNodes":[],"id":5},` +
		`{"type":2,"tagName":"h1","attributes":{},"childNodes":[{"type":3,"textContent":" ` + "\ue00012\ue001" + ` xxxxx, 00 ","id":7}],"id":6},` +
		`{"type":2,"tagName":"fp-field","attributes":{"class":"govuk-input","data-fp-type":"text","data-fp-filled":"1","data-fp-valid":"0"},"childNodes":[],"id":8},` +
		`{"type":2,"tagName":"svg","attributes":{"viewBox":"0 0 10 10","fill":"currentColor","xmlns":"http://www.w3.org/2000/svg"},"childNodes":[` +
		`{"type":2,"tagName":"path","attributes":{"d":"M0 0h10v-1.5e3z","stroke":"url(#grad)"},"childNodes":[],"isSVG":true,"id":10}],"isSVG":true,"id":9},` +
		`{"type":2,"tagName":"a","attributes":{"href":"#","title":"xxxxx"},"childNodes":[],"id":11},` +
		`{"type":2,"tagName":"img","attributes":{"width":"120","height":"40","alt":"xx"},"childNodes":[],"id":12}],"id":4}`)
	out, removed := check(t, in, Strict)
	if d := cmp.Diff(in, out); d != "" || removed.Total() != 0 {
		t.Fatalf("changed (-in +out), removed %v:\n%s", removed, d)
	}
}

// H13, S1 to S6: nothing that runs or fetches outlives the check.
func TestHostileElements(t *testing.T) {
	out, removed := check(t, page(
		`{"type":2,"tagName":"script","attributes":{"src":"https://evil.example/x.js"},"childNodes":[{"type":3,"textContent":"alert(1)","id":20}],"id":19},`+
			`{"type":2,"tagName":"BASE","attributes":{"href":"https://evil.example/"},"childNodes":[],"id":21},`+
			`{"type":2,"tagName":"meta","attributes":{"http-equiv":"refresh","content":"0;url=https://evil.example"},"childNodes":[],"id":22},`+
			`{"type":2,"tagName":"link","attributes":{"rel":"prefetch","href":"https://evil.example/"},"childNodes":[],"id":23},`+
			`{"type":2,"tagName":"link","attributes":{"rel":"stylesheet","href":"https://evil.example/","_cssText":"@import 'https://evil.example/a';b{background:u\\72l( https://evil.example/b )}"},"childNodes":[],"id":24},`+
			`{"type":2,"tagName":"iframe","attributes":{"src":"https://evil.example/","srcdoc":"<script>evil</script>"},"childNodes":[],"id":25},`+
			`{"type":2,"tagName":"object","attributes":{"data":"https://evil.example/"},"childNodes":[],"id":26},`+
			`{"type":2,"tagName":"img","attributes":{"src":"https://evil.example/","onerror":"evil","srcset":"evil 2x","rr_dataURL":"data:evil"},"childNodes":[],"id":27},`+
			`{"type":2,"tagName":"a","attributes":{"href":"javascript:evil()","ping":"https://evil.example/"},"childNodes":[],"id":28},`+
			`{"type":2,"tagName":"use","attributes":{"xlink:href":"https://evil.example/#a"},"childNodes":[],"isSVG":true,"id":29},`+
			`{"type":2,"tagName":"animate","attributes":{"onbegin":"evil"},"childNodes":[],"isSVG":true,"id":30},`+
			`{"type":2,"tagName":"p","attributes":{"style":"background:image-set(\"https://evil.example/\" 1x);width:expression(1)","__proto__":"evil","onclick":"evil"},"childNodes":[],"id":31},`+
			`{"type":2,"tagName":"rect","attributes":{"fill":"url(https://evil.example/#a)"},"childNodes":[],"isSVG":true,"id":32},`+
			`{"type":2,"tagName":"<img src=evil>","attributes":{},"childNodes":[],"id":33},`+
			`{"type":5,"textContent":"evil","id":34},`+
			`{"type":2,"tagName":"input","attributes":{"value":"evil","type":"text","class":"x"},"childNodes":[],"id":35},`+
			`{"type":2,"tagName":"select","attributes":{},"childNodes":[{"type":2,"tagName":"option","attributes":{"value":"evil"},"childNodes":[],"id":37}],"id":36}`), Strict)
	if strings.Contains(out, "evil") || strings.Contains(out, "javascript") || strings.Contains(out, "__proto__") {
		t.Fatalf("left over: %s", out)
	}
	for name, n := range map[string]int{"element": removed[RemovedElement], "field": removed[RemovedField], "attribute": removed[RemovedAttribute], "css": removed[RemovedCSS]} {
		if n == 0 {
			t.Errorf("%s: nothing counted", name)
		}
	}
}

// H03, S31: a forged recorder that sends text in clear is masked here, and counted.
func TestUnmaskedTextIsMasked(t *testing.T) {
	body := `{"type":2,"tagName":"p","attributes":{"title":"Jo Bloggs","aria-label":"jo@bloggs.example"},"childNodes":[` +
		`{"type":3,"textContent":"Dear Jo Bloggs, 12345 is due! jo@bloggs.example","id":21}],"id":20}`
	out, removed := check(t, page(body), Strict)
	for _, secret := range []string{"Jo", "Bloggs", "bloggs", "12345", "due"} {
		if strings.Contains(out, secret) {
			t.Errorf("%q left over in %s", secret, out)
		}
	}
	if removed[RemovedText] != 3 {
		t.Errorf("removed %d texts, want 3", removed[RemovedText])
	}
	out, _ = check(t, page(body), Smartlook)
	if strings.Contains(out, "12345") || strings.Contains(out, "bloggs.example") || !strings.Contains(out, "Dear Jo Bloggs, 00000 is due!") {
		t.Errorf("smartlook: %s", out)
	}
}

// S2: the same through increments. Typed values, selections, canvas and console
// events are never kept.
func TestIncrements(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		out, _ := check(t, increment(in), Strict)
		if want != "" {
			want = increment(want)
		}
		if out != want {
			t.Errorf("%s\n got %s\nwant %s", in, out, want)
		}
	}
	f(`{"source":5,"text":"secret","isChecked":false,"id":3}`, "")
	f(`{"source":14,"ranges":[]}`, "")
	f(`{"source":9,"id":4,"type":0,"commands":[]}`, "")
	f(`{"source":10,"family":"x","fontSource":"url(evil)"}`, "")
	f(`{"source":11,"level":"log"}`, "")
	f(`{"id":9,"x":10,"y":20.5,"source":3,"extra":"secret"}`, `{"source":3,"id":9,"x":10,"y":20.5}`)
	f(`{"source":1,"positions":[{"x":1,"y":2,"id":3,"timeOffset":-9e15,"n":"secret"}]}`, `{"source":1,"positions":[{"x":1,"y":2,"id":3,"timeOffset":-60000}]}`)
	f(`{"source":2,"type":2,"id":5,"x":1,"y":2,"pointerType":0}`, `{"source":2,"type":2,"id":5,"x":1,"y":2,"pointerType":0}`)
	f(`{"source":8,"id":5,"adds":[{"rule":"p::after{content:\"secret\"}","index":[0,2]}]}`, `{"source":8,"id":5,"adds":[{"rule":"p::after{content:\"\"}","index":[0,2]}]}`)
	f(`{"source":13,"id":5,"index":[0],"set":{"property":"background","value":"url(secret)","priority":"important"}}`,
		`{"source":13,"id":5,"set":{"property":"background","value":"url(\"\")","priority":"important"},"index":[0]}`)
	f(`{"source":15,"id":1,"styles":[{"styleId":1,"rules":[{"rule":"a{b:'secret'}","index":0}]}],"styleIds":[1]}`,
		`{"source":15,"id":1,"styles":[{"styleId":1,"rules":[{"rule":"a{b:''}","index":0}]}],"styleIds":[1]}`)
	f(`{"source":0,"texts":[{"id":1,"value":"Secret 12"}],"attributes":[{"id":2,"attributes":{"src":"secret","onclick":"secret","class":"a","style":{"color":"red","background":["url(secret)","important"],"x":false}}}],"removes":[{"parentId":1,"id":2}],"adds":[{"parentId":3,"nextId":null,"node":{"type":3,"textContent":"Secret","id":9}}]}`,
		`{"source":0,"texts":[{"id":1,"value":"xxxxx 00"}],"attributes":[{"id":2,"attributes":{"class":"a","style":{"color":"red","background":["url(\"\")","important"],"x":false}}}],"removes":[{"parentId":1,"id":2}],"adds":[{"parentId":3,"nextId":null,"node":{"type":3,"textContent":"xxxxx","id":9}}]}`)
}

// The text of a style element that changes later is a style sheet, not a text.
func TestStyleTextChanges(t *testing.T) {
	c := NewChecker(Strict)
	first := page(`{"type":2,"tagName":"style","attributes":{},"childNodes":[{"type":3,"textContent":"a{color:red}","isStyle":true,"id":21}],"id":20}`)
	if out, err := c.Check([]byte(first)); err != nil || !strings.Contains(string(out), "a{color:red}") {
		t.Fatalf("%s, %v", out, err)
	}
	out, err := c.Check([]byte(increment(`{"source":0,"texts":[{"id":21,"value":"a{color:blue;content:'x'}"}],"attributes":[],"removes":[],"adds":[{"parentId":20,"nextId":null,"node":{"type":3,"textContent":"b{top:0}","id":22}}]}`)))
	if err != nil || !strings.Contains(string(out), "a{color:blue;content:''}") || !strings.Contains(string(out), "b{top:0}") {
		t.Fatalf("%s, %v", out, err)
	}
}

// H17, S14: a million nodes and ten thousand levels end in an error, not in memory.
func TestLimits(t *testing.T) {
	many := page(strings.Repeat(`{},`, MaxNodes) + `{}`)
	if _, _, err := Check([]byte(many), Strict); err != ErrTooLarge {
		t.Errorf("many nodes: %v", err)
	}
	deep := page(strings.Repeat(`{"type":2,"tagName":"p","attributes":{},"childNodes":[`, MaxDepth) + strings.Repeat(`],"id":1}`, MaxDepth))
	if _, _, err := Check([]byte(deep), Strict); err != ErrTooLarge {
		t.Errorf("deep: %v", err)
	}
	for _, bad := range []string{``, `{}`, `[]`, `{"type":2}`, `{"type":2,"data":{"node":{"type":3,"textContent":"x","id":1}}}`, `{"type":3,"data":{"source":0,"adds":[{}]}}`} {
		if out, _, err := Check([]byte(bad), Strict); err == nil {
			t.Errorf("%q passed as %s", bad, out)
		}
	}
}

func TestCSS(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got, _ := CSS(in)
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
		if again, n := CSS(got); again != got || n != 0 {
			t.Errorf("%q again: %q, %d removed", got, again, n)
		}
	}
	f(`a{color:red}`, `a{color:red}`)
	f(`a::before{content:"Jo \" Bloggs"}`, `a::before{content:""}`)
	f(`/* secret */a{}/* rr_split */b{}`, ` a{}/* rr_split */b{}`)
	f(`@import url("x;y") screen;a{}`, ` a{}`)
	f(`@\69mport "x";a{}`, ` a{}`)
	f(`a{b:\75rl(x)}`, `a{b:url("")}`)
	f(`a{b:URL( "x" )}`, `a{b:url("")}`)
	f(`a{b:url(data:image/svg+xml,{secret})}c{}`, `a{b:url("")}c{}`)
	f(`[type="checkbox"][data-x="secret"]{}`, `[type="checkbox"][data-x=""]{}`)
	f(`.md\:flex{width:calc(1px + (2px))}`, `.md\:flex{width:calc(1px + (2px))}`)
	f(`@media (width<=600px){a{b:c}}`, `@media (width<=600px){a{b:c}}`)
	f("a{b:\"secret\nc:d}", "a{b:\"\"\nc:d}")
	f(`a{b:"secret`, `a{b:""`)
	f(`</style><script>`, `< /style><script>`)
}
