package replay

import (
	"regexp"
	"strings"
)

// What becomes of elements. Everything else stays, with its attributes checked.
var (
	// dropped run something, fetch something, or hold what nobody sees: they
	// become an empty fp-drop, so that the ids of the stream keep their meaning.
	dropped = set(`script noscript template meta base object embed applet frame frameset portal fencedframe
		param source track animate animatemotion animatetransform set discard bgsound handler listener datalist
		optgroup option keygen`)
	// fields become an empty fp-field: no form control is ever rebuilt (H15).
	fields = set(`input textarea select`)
)

// publicID of a document type decides the layout mode; those of HTML are kept.
var publicID = regexp.MustCompile(`^-//W3C//DTD [\w .]{1,40}//EN$`)

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(names) {
		m[name] = true
	}
	return m
}

// clean applies the masking to a node and what is below it. style says that its
// parent is a style element.
func (c *Checker) clean(n *node, style bool) error {
	switch n.kind {
	case nodeDocument:
		n.compat = c.word(n.compat)
	case nodeDoctype:
		n.text, n.children = c.word(n.text), nil
		if !publicID.MatchString(n.publicID) {
			n.publicID = ""
		}
	case nodeElement:
		c.element(n)
	case nodeText, nodeCDATA:
		n.children = nil
		n.isStyle = style
		if style {
			n.text = c.css(n.text)
			c.remember(n.id)
		} else {
			n.text = c.text(n.text)
		}
	case nodeComment:
		n.text, n.children = "", nil
	default:
		return ErrMalformed
	}
	inStyle := n.kind == nodeElement && n.tag == "style"
	for _, child := range n.children {
		if err := c.clean(child, inStyle); err != nil {
			return err
		}
	}
	return nil
}

func (c *Checker) word(s string) string {
	if s == "" || markPattern.MatchString(strings.ToLower(s)) {
		return s
	}
	c.Removed[RemovedAttribute]++
	return ""
}

func (c *Checker) element(n *node) {
	tag := strings.ToLower(n.tag)
	switch {
	case !tagPattern.MatchString(tag) || dropped[tag] || tag == "link" && !styleSheet(n.attrs):
		c.Removed[RemovedElement]++
		n.tag, n.attrs, n.children = "fp-drop", nil, nil
		return
	case fields[tag]:
		c.Removed[RemovedField]++
		n.tag, n.children, n.isCustom = "fp-field", nil, false
	case tag == "fp-field" || tag == "fp-drop" || tag == "fp-box" || tag == "iframe":
		n.children = nil
	case tag == "style":
		n.tag = "style"
		c.remember(n.id)
	}
	kept := n.attrs[:0]
	for _, a := range n.attrs {
		if tag == "link" && strings.EqualFold(a.name, "href") {
			continue // its text travels in _cssText
		}
		if v, keep := c.attribute(a.name, a.value); keep {
			kept = append(kept, attr{a.name, v})
		}
	}
	n.attrs = kept
}

// styleSheet says whether a link is a style sheet. Its text travels in _cssText,
// and rrweb leaves out rel then.
func styleSheet(attrs []attr) bool {
	for _, a := range attrs {
		if a.name == "_cssText" {
			return true
		}
		if strings.EqualFold(a.name, "rel") && strings.EqualFold(strings.TrimSpace(a.value.text), "stylesheet") {
			return true
		}
	}
	return false
}

// remember notes that a node's text is a style sheet.
func (c *Checker) remember(id int64) {
	if len(c.styles) < maxStyles {
		c.styles[id] = struct{}{}
	}
}

func (c *Checker) isStyle(id int64) bool {
	_, ok := c.styles[id]
	return ok
}
