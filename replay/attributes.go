package replay

import (
	"regexp"
	"strings"
)

// rule is what an attribute's value must be to stay. The table mirrors the
// recorder's (docs/format/masking.md): what is not named in it is dropped.
type rule uint8

const (
	ruleDrop     rule = iota
	ruleNames         // ids and classes: words that do not look personal
	ruleWord          // a state or a class of things, one of few
	ruleNumber        // a length, a number, a percentage
	ruleText          // the profile's text rule
	ruleStyle         // CSS
	ruleGeometry      // numbers and keywords of SVG; addresses only within the page
	ruleHref          // becomes "#" (fragments of SVG stay)
	ruleMark          // one of our own data-fp- values
	ruleScroll        // a scroll offset
)

// attributeRules is read only.
var attributeRules = buildRules()

// ruleLists names the attributes of each rule, in lower case.
var ruleLists = map[rule]string{
	ruleNames: `class id part slot for headers list aria-labelledby aria-describedby aria-controls aria-owns
		aria-activedescendant aria-details aria-errormessage aria-flowto exportparts popovertarget commandfor
		data-testid data-test data-id data-module`,
	ruleWord: `role type dir lang hidden open disabled checked readonly required selected multiple scope
		aria-atomic aria-autocomplete aria-busy aria-checked aria-current aria-disabled aria-expanded aria-haspopup
		aria-hidden aria-invalid aria-live aria-modal aria-multiline aria-multiselectable aria-orientation
		aria-pressed aria-readonly aria-relevant aria-required aria-selected aria-sort align valign bgcolor
		color face border nowrap inert popover rel rr_mediastate rr_open_mode reversed wrap
		shadowrootmode controls translate novalidate draggable popovertargetaction aria-keyshortcuts`,
	ruleNumber: `colspan rowspan span width height tabindex size rows cols start cellpadding cellspacing
		aria-level aria-posinset aria-setsize aria-colcount aria-colindex aria-colspan aria-rowcount
		aria-rowindex aria-rowspan rr_width rr_height`,
	ruleText: `title alt placeholder label summary abbr aria-label aria-description aria-placeholder
		aria-roledescription aria-valuetext aria-braillelabel data-fp-label`,
	ruleStyle:  `style _csstext media`,
	ruleScroll: `rr_scrollleft rr_scrolltop`,
	ruleHref:   `href xlink:href`,
	ruleMark:   `data-fp-type data-fp-filled data-fp-valid data-fp-checked data-fp-box data-fp-drop`,
	ruleGeometry: `d viewbox x y x1 y1 x2 y2 cx cy r rx ry dx dy fx fy fr points transform fill fill-opacity
		fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray
		stroke-dashoffset stroke-opacity opacity preserveaspectratio offset stop-color stop-opacity
		gradientunits gradienttransform spreadmethod patternunits patterntransform patterncontentunits
		clip-path clip-rule clippathunits mask maskunits maskcontentunits text-anchor dominant-baseline alignment-baseline
		font-size font-weight font-style font-family letter-spacing textlength lengthadjust rotate
		marker-start marker-mid marker-end markerwidth markerheight markerunits refx refy orient pathlength
		vector-effect visibility display overflow baseline-shift focusable version xmlns xmlns:xlink xml:space
		color-interpolation-filters filter filterunits primitiveunits in in2 result stddeviation mode type
		values operator k1 k2 k3 k4 flood-color flood-opacity shape-rendering text-rendering`,
}

// buildRules turns the lists into a table; where a name stands in two lists, the
// stricter one, later in this order, wins.
func buildRules() map[string]rule {
	table := map[string]rule{}
	for _, r := range []rule{ruleGeometry, ruleNames, ruleWord, ruleNumber, ruleText, ruleStyle, ruleScroll, ruleHref, ruleMark} {
		for _, name := range strings.Fields(ruleLists[r]) {
			table[name] = r
		}
	}
	return table
}

var (
	wordPattern     = regexp.MustCompile(`^[a-zA-Z#][\w #,:;./+-]{0,63}$`)
	numberPattern   = regexp.MustCompile(`^[-+]?[0-9.]{1,20}(px|em|rem|%|vw|vh|pt)?$`)
	geometryPattern = regexp.MustCompile(`^[\w\s.,()%+#-]{0,256}$`)
	pathPattern     = regexp.MustCompile(`^[\d\s.,+\-eMmLlHhVvCcSsQqTtAaZz]*$`)
	localPattern    = regexp.MustCompile(`^url\(["']?#[\w-]{1,64}["']?\)$`)
	markPattern     = regexp.MustCompile(`^[a-z0-9-]{1,20}$`)
	tagPattern      = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9._-]{0,63}$`)
	propPattern     = regexp.MustCompile(`^-{0,2}[a-zA-Z][\w-]{0,63}$`)
)

// namespaces that xmlns may name.
var namespaces = map[string]bool{
	"http://www.w3.org/2000/svg":         true,
	"http://www.w3.org/1999/xhtml":       true,
	"http://www.w3.org/1999/xlink":       true,
	"http://www.w3.org/1998/Math/MathML": true,
}

// attribute applies the allow list to one attribute; keep is false when it goes.
func (c *Checker) attribute(name string, v value) (out value, keep bool) {
	r := attributeRules[strings.ToLower(name)]
	if r == ruleDrop {
		c.Removed[RemovedAttribute]++
		return v, false
	}
	switch v.kind {
	case valueNull:
		return v, true
	case valueTrue, valueFalse:
		return v, r != ruleText
	case valueNumber:
		return v, r == ruleNumber || r == ruleScroll || r == ruleGeometry
	case valueStyle:
		if r != ruleStyle {
			c.Removed[RemovedAttribute]++
			return v, false
		}
		return c.styleObject(v), true
	}
	if s, ok := c.attributeText(name, r, v.text); ok {
		v.text = s
		return v, true
	}
	c.Removed[RemovedAttribute]++
	return v, false
}

func (c *Checker) attributeText(name string, r rule, s string) (string, bool) {
	switch r {
	case ruleNames:
		return c.names(s), true
	case ruleWord:
		return s, s == "" || (wordPattern.MatchString(s) || numberPattern.MatchString(s)) && !Personal(s)
	case ruleNumber, ruleScroll:
		return s, s == "" || numberPattern.MatchString(s)
	case ruleText:
		return c.text(s), true
	case ruleStyle:
		return c.css(s), true
	case ruleMark:
		return s, s == "" || markPattern.MatchString(s)
	case ruleHref:
		if strings.HasPrefix(s, "#") && len(s) <= 64 && nameShape(s) && !Personal(s) {
			return s, true
		}
		return "#", true
	case ruleGeometry:
		return s, geometry(strings.ToLower(name), s)
	}
	return "", false
}

// geometry says whether s may stand in a drawing attribute; the one address that
// drawings need names a part of the same page.
func geometry(name, s string) bool {
	switch {
	case strings.HasPrefix(name, "xmlns"):
		return namespaces[s]
	case name == "d" || name == "points":
		return pathPattern.MatchString(s)
	case strings.Contains(strings.ToLower(s), "url"):
		return localPattern.MatchString(s) && !Personal(s)
	}
	return geometryPattern.MatchString(s) && !Personal(s)
}

// names keeps the words of a list of ids or classes that do not look personal.
func (c *Checker) names(s string) string {
	words := strings.Fields(s)
	kept := words[:0]
	for _, w := range words {
		if !nameShape(w) {
			c.Removed[RemovedAttribute]++
			continue
		}
		if Personal(w) {
			c.Removed[RemovedPersonal]++
			continue
		}
		kept = append(kept, w)
	}
	if len(kept) == len(words) {
		return s
	}
	return strings.Join(kept, " ")
}

// nameShape says whether s may be an id or a class: no longer than such names are,
// without spaces, quotes and angle brackets.
func nameShape(s string) bool {
	if s == "" || len(s) > 96 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c == '<', c == '>', c == '"', c == '\'', c == '=', c == 0x7f:
			return false
		}
	}
	return true
}

func (c *Checker) text(s string) string {
	out, changed := c.profile.Text(s)
	if changed {
		c.Removed[RemovedText]++
	}
	return out
}

func (c *Checker) css(s string) string {
	out, n := CSS(s)
	c.Removed[RemovedCSS] += n
	return out
}

// styleObject cleans the changed declarations of an element's style.
func (c *Checker) styleObject(v value) value {
	kept := v.style[:0]
	for _, d := range v.style {
		if !propPattern.MatchString(d.property) {
			c.Removed[RemovedCSS]++
			continue
		}
		d.value, d.priority = c.css(d.value), strings.TrimSpace(d.priority)
		if d.priority != "" && d.priority != "important" {
			d.priority = ""
		}
		kept = append(kept, d)
	}
	v.style = kept
	return v
}
