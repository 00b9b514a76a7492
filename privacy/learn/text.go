package learn

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxText is the longest text that is kept, in UTF-16 code units: a long
// paragraph has 600.
const maxText = 2_000

// text is one text of a page and whether it names an interface part.
type text struct {
	value string
	part  bool
}

// page is what a document says.
type page struct {
	texts    []text
	links    []string
	register bool // the page lists people or cases: none of its texts is taken
	noindex  bool // the site does not want it found
	nofollow bool
}

// parts are the elements whose words are the service's own even when single.
var parts = []atom.Atom{
	atom.Button, atom.Label, atom.Legend, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
	atom.Th, atom.Summary, atom.Title, atom.Nav,
}

// partRoles are the same for elements that play such a part by their role.
var partRoles = []string{"button", "heading", "menuitem", "navigation", "tab"}

// isPart says whether an element's words name an interface part.
func isPart(n *html.Node) bool {
	return slices.Contains(parts, n.DataAtom) || slices.Contains(partRoles, strings.ToLower(attr(n, "role")))
}

// unseen elements hold no text that a reader sees; a field's text is its value.
var unseen = []atom.Atom{
	atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Textarea, atom.Select, atom.Datalist,
	atom.Iframe, atom.Object, atom.Svg, atom.Math,
}

// spoken are the attributes that the recorder masks by the text rule.
var spoken = []string{"aria-label", "aria-description", "aria-roledescription", "alt", "title", "placeholder"}

// parse reads a document. Its links are absolute and without fragment.
func parse(doc *html.Node, base *url.URL) page {
	var p page
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			p.head(n)
		}
	}
	p.walk(doc, place{base: base})
	return p
}

// head reads what the page says about itself.
func (p *page) head(n *html.Node) {
	if n.DataAtom != atom.Meta {
		return
	}
	content := strings.ToLower(attr(n, "content"))
	switch strings.ToLower(attr(n, "name")) {
	case "robots", "footpath-learn":
		p.rules(content)
	case "footpath":
		p.register = p.register || strings.Contains(content, "register")
	}
}

// rules obeys the robots directives of a meta element or an X-Robots-Tag header.
func (p *page) rules(content string) {
	for rule := range strings.SplitSeq(strings.ToLower(content), ",") {
		switch strings.TrimSpace(rule) {
		case "noindex":
			p.noindex = true
		case "nofollow":
			p.nofollow = true
		case "none":
			p.noindex, p.nofollow = true, true
		}
	}
}

// place is what a node stands in.
type place struct {
	base    *url.URL
	part    bool // of the interface
	private bool // the site marks it as a register or masks it for recorders
}

func (p *page) walk(n *html.Node, at place) {
	switch n.Type {
	case html.TextNode:
		p.add(n.Data, at)
		return
	case html.ElementNode:
		if slices.Contains(unseen, n.DataAtom) {
			return
		}
		at.part = at.part || isPart(n)
		at.private = at.private || private(n)
		p.element(n, at)
	}
	for child := range n.ChildNodes() {
		p.walk(child, at)
	}
}

// element takes the attributes of n that are read out, and where it leads: links
// are followed out of a register too, since the pages behind it have texts of
// their own.
func (p *page) element(n *html.Node, at place) {
	for _, name := range spoken {
		named := at
		named.part = at.part || name == "aria-label" && n.DataAtom != atom.A
		p.add(attr(n, name), named)
	}
	switch n.DataAtom {
	case atom.Input:
		switch strings.ToLower(attr(n, "type")) {
		case "submit", "button", "reset":
			at.part = true
			p.add(attr(n, "value"), at)
		}
	case atom.A, atom.Area:
		if rel := strings.Fields(strings.ToLower(attr(n, "rel"))); slices.Contains(rel, "nofollow") {
			return
		}
		if u, err := at.base.Parse(attr(n, "href")); err == nil && has(n, "href") && !has(n, "download") {
			u.Fragment, u.RawFragment = "", ""
			p.links = append(p.links, u.String())
		}
	}
}

// add keeps a text by ruling 16: three words, or a word of an interface part.
func (p *page) add(raw string, at place) {
	value := Normal(raw)
	if at.private || value == "" || len(utf16.Encode([]rune(value))) > maxText || !strings.ContainsFunc(value, letter) {
		return
	}
	if !at.part && strings.Count(value, " ") < 2 {
		return
	}
	p.texts = append(p.texts, text{value, at.part})
}

// private: the site marks this element as a register, or masks it for recorders.
func private(n *html.Node) bool {
	if strings.Contains(attr(n, "data-footpath"), "register") || has(n, "data-recording-sensitive") || has(n, "data-recording-disable") {
		return true
	}
	if sl := attr(n, "data-sl"); strings.Contains(sl, "mask") && !strings.Contains(sl, "unmask") || strings.Contains(sl, "exclude") {
		return true
	}
	return slices.Contains(strings.Fields(attr(n, "class")), "smartlook-hide")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f }
