package api

import (
	"fmt"
	"net/http"
	"strings"
)

// Snippet is what to paste into a site, in the forms that sites need.
type Snippet struct {
	HTML  string `json:"html"`  // asynchronous loader with the footpath() queue
	Nonce string `json:"nonce"` // the same for a policy with nonces: replace NONCE in each answer
	Tag   string `json:"tag"`   // plain tag: no inline script, for the strictest policies
	NPM   string `json:"npm"`   // smartlook-client, pointed here
	CSP   string `json:"csp"`   // what to add to the site's Content-Security-Policy
}

// loader queues calls until the recorder has come; the recorder drains the
// queue and takes the function over. A site that comes from Smartlook calls it by
// the other name, also before the recorder has come: that name has no queue of its
// own, so that nothing is run twice.
const loader = `<script{{nonce}}>
  (function (w, d, src, key) {
    var f = w.footpath = w.footpath || function () { f.api.push(arguments); };
    f.api = f.api || [];
    w.smartlook = w.smartlook || function () { f.apply(w, arguments); };
    f('init', key);
    var s = d.createElement('script');
    s.async = true;
    s.crossOrigin = 'anonymous';
    s.referrerPolicy = 'no-referrer';
    s.src = src;
    d.head.appendChild(s);
  })(window, document, '{{src}}', '{{key}}');
</script>
`

const tag = `<script async crossorigin="anonymous" referrerpolicy="no-referrer" src="{{src}}" data-key="{{key}}"></script>
`

const npm = `// npm install smartlook-client
import Smartlook from 'smartlook-client'

Smartlook.init('{{key}}', { relayProxyUrl: '{{origin}}/' })
`

// npmBelow is for installations below a path: the client keeps the host alone.
const npmBelow = `
// smartlook-client drops the path of relayProxyUrl. Have your web server pass
// /recorder.js, /recorder-core.*.js and /v1/ of {{origin}} on to {{base}}.
`

func (a *API) snippet(c *call) error {
	origin := a.peers.Origin(c.r)
	return c.answer(http.StatusOK, makeSnippet(origin, a.collector(c.r), string(c.project.Key)))
}

// makeSnippet fills the forms. Origin and base come from the operator's settings
// or the request's host: what could end a string or an attribute is escaped.
func makeSnippet(origin, base, key string) Snippet {
	fill := func(form, nonce string) string {
		return strings.NewReplacer("{{nonce}}", nonce, "{{src}}", safe(base)+"/recorder.js", "{{key}}", key,
			"{{origin}}", safe(origin), "{{base}}", safe(base)).Replace(form)
	}
	s := Snippet{
		HTML: fill(loader, ""), Nonce: fill(loader, ` nonce="NONCE"`), Tag: fill(tag, ""), NPM: fill(npm, ""),
		CSP: "script-src " + safe(origin) + "; connect-src " + safe(origin),
	}
	if base != origin {
		s.NPM += fill(npmBelow, "")
	}
	return s
}

// safe percent-encodes what has no place in an address, so that a forged host can
// end neither a string of a script nor an attribute nor a directive (S26).
func safe(address string) string {
	var b strings.Builder
	for i := range len(address) {
		c := address[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".:/-_[]~%", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}
