package replay

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// node is one node of a snapshot. Fields that are not named here are dropped.
type node struct {
	kind       int64
	id, rootID int64
	tag        string
	attrs      []attr
	children   []*node
	text       string // text; a doctype's name
	publicID   string
	isSVG      bool
	isShadow   bool
	isHost     bool
	isStyle    bool
	isCustom   bool
	compat     string
}

type attr struct {
	name  string
	value value
}

type valueKind uint8

const (
	valueText valueKind = iota
	valueNumber
	valueTrue
	valueFalse
	valueNull
	valueStyle
)

// value is an attribute's value: text, a number as written, or in mutations a
// style object.
type value struct {
	kind  valueKind
	text  string
	style []declaration
}

type declaration struct {
	property, value, priority string
	removed                   bool
}

// treeReader reads nodes with a budget that all nodes of one event share.
type treeReader struct {
	dec   *jsontext.Decoder
	nodes int
}

func (r *treeReader) node(depth int) (*node, error) {
	if r.nodes++; r.nodes > MaxNodes || depth > MaxDepth {
		return nil, ErrTooLarge
	}
	n := &node{kind: -1}
	err := r.object(func(name string) (err error) {
		switch name {
		case "type":
			n.kind, err = r.integer()
		case "id":
			n.id, err = r.integer()
		case "rootId":
			n.rootID, err = r.integer()
		case "tagName", "compatMode", "textContent", "name", "publicId":
			var s string
			s, err = r.text()
			switch name {
			case "tagName":
				n.tag = s
			case "compatMode":
				n.compat = s
			case "publicId":
				n.publicID = s
			default:
				n.text = s
			}
		case "attributes":
			n.attrs, err = r.attributes()
		case "childNodes":
			n.children, err = r.list(depth + 1)
		default:
			err = r.flag(n, name)
		}
		return err
	})
	return n, err
}

func (r *treeReader) flag(n *node, name string) error {
	var to *bool
	switch name {
	case "isSVG":
		to = &n.isSVG
	case "isShadow":
		to = &n.isShadow
	case "isShadowHost":
		to = &n.isHost
	case "isStyle":
		to = &n.isStyle
	case "isCustom":
		to = &n.isCustom
	default:
		return r.skip()
	}
	*to = r.dec.PeekKind() == 't'
	return r.skip()
}

func (r *treeReader) list(depth int) ([]*node, error) {
	var nodes []*node
	err := r.array(func() error {
		n, err := r.node(depth)
		if err == nil {
			nodes = append(nodes, n)
		}
		return err
	})
	return nodes, err
}

func (r *treeReader) attributes() ([]attr, error) {
	var attrs []attr
	err := r.object(func(name string) error {
		v, err := r.value()
		if err == nil {
			attrs = append(attrs, attr{name, v})
		}
		return err
	})
	return attrs, err
}

func (r *treeReader) value() (value, error) {
	switch r.dec.PeekKind() {
	case 't':
		return value{kind: valueTrue}, r.skip()
	case 'f':
		return value{kind: valueFalse}, r.skip()
	case 'n':
		return value{kind: valueNull}, r.skip()
	case '0':
		raw, err := r.dec.ReadValue()
		return value{kind: valueNumber, text: string(raw)}, r.wrap(err)
	case '{':
		style, err := r.declarations()
		return value{kind: valueStyle, style: style}, err
	case '"':
		s, err := r.text()
		return value{text: s}, err
	}
	return value{kind: valueNull}, r.skip()
}

func (r *treeReader) declarations() ([]declaration, error) {
	var style []declaration
	err := r.object(func(name string) (err error) {
		d := declaration{property: name}
		switch r.dec.PeekKind() {
		case '"':
			d.value, err = r.text()
		case '[':
			var parts []string
			err = r.array(func() error {
				s, err := r.text()
				parts = append(parts, s)
				return err
			})
			if len(parts) > 0 {
				d.value = parts[0]
			}
			if len(parts) > 1 {
				d.priority = parts[1]
			}
		default:
			d.removed, err = true, r.skip()
		}
		style = append(style, d)
		return err
	})
	return style, err
}

// object calls fn with the name of each member; fn reads its value.
func (r *treeReader) object(fn func(name string) error) error {
	if r.dec.PeekKind() != '{' {
		return r.other()
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.wrap(err)
	}
	for r.dec.PeekKind() == '"' {
		name, err := r.dec.ReadToken()
		if err != nil {
			return r.wrap(err)
		}
		if err := fn(name.String()); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return r.wrap(err)
}

func (r *treeReader) array(fn func() error) error {
	if r.dec.PeekKind() != '[' {
		return r.other()
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.wrap(err)
	}
	for {
		switch r.dec.PeekKind() {
		case ']':
			_, err := r.dec.ReadToken()
			return r.wrap(err)
		case 0:
			_, err := r.dec.ReadToken()
			return r.wrap(err)
		}
		if err := fn(); err != nil {
			return err
		}
	}
}

// other passes over null and refuses everything else that stands where an object
// or array is wanted.
func (r *treeReader) other() error {
	if r.dec.PeekKind() == 'n' {
		return r.skip()
	}
	return fmt.Errorf("%w: unexpected value", ErrMalformed)
}

func (r *treeReader) integer() (int64, error) {
	if r.dec.PeekKind() != '0' {
		return 0, r.skip()
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return 0, r.wrap(err)
	}
	if v, err := tok.Int(); err == nil {
		return v, nil
	}
	v, err := tok.Float()
	if err != nil {
		return 0, ErrMalformed
	}
	return int64(min(max(v, -maxTime), maxTime)), nil
}

// text reads a string; anything else counts as empty.
func (r *treeReader) text() (string, error) {
	if r.dec.PeekKind() != '"' {
		return "", r.skip()
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return "", r.wrap(err)
	}
	return tok.String(), nil
}

func (r *treeReader) skip() error { return r.wrap(r.dec.SkipValue()) }

func (r *treeReader) wrap(err error) error {
	if err == nil {
		return nil
	}
	// The decoder's own words quote the input, which must not reach a log.
	return ErrMalformed
}

// append writes the node as rrweb has it.
func (n *node) append(b []byte) []byte {
	b = append(b, `{"type":`...)
	b = strconv.AppendInt(b, n.kind, 10)
	switch n.kind {
	case nodeDocument:
		if n.compat != "" {
			b = appendText(append(b, `,"compatMode":`...), n.compat)
		}
		b = appendNodes(append(b, `,"childNodes":`...), n.children)
	case nodeDoctype:
		b = appendText(append(b, `,"name":`...), n.text)
		b = appendText(append(b, `,"publicId":`...), n.publicID)
		b = append(b, `,"systemId":""`...)
	case nodeElement:
		b = appendText(append(b, `,"tagName":`...), n.tag)
		b = appendAttrs(append(b, `,"attributes":`...), n.attrs)
		b = appendNodes(append(b, `,"childNodes":`...), n.children)
		b = appendFlag(b, `,"isSVG":true`, n.isSVG)
		b = appendFlag(b, `,"isShadowHost":true`, n.isHost)
		b = appendFlag(b, `,"isCustom":true`, n.isCustom)
	default:
		b = appendText(append(b, `,"textContent":`...), n.text)
		b = appendFlag(b, `,"isStyle":true`, n.isStyle)
	}
	b = appendFlag(b, `,"isShadow":true`, n.isShadow)
	if n.rootID != 0 {
		b = strconv.AppendInt(append(b, `,"rootId":`...), n.rootID, 10)
	}
	b = strconv.AppendInt(append(b, `,"id":`...), n.id, 10)
	return append(b, '}')
}

func appendNodes(b []byte, nodes []*node) []byte {
	b = append(b, '[')
	for i, n := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.append(b)
	}
	return append(b, ']')
}

func appendFlag(b []byte, s string, on bool) []byte {
	if on {
		return append(b, s...)
	}
	return b
}

// appendText writes a JSON string; what is not UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	out, _ := jsontext.AppendQuote(b, s) // its error says only that it replaced bytes
	return out
}

func appendAttrs(b []byte, attrs []attr) []byte {
	b = append(b, '{')
	for i, a := range attrs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, a.name), ':')
		b = a.value.append(b)
	}
	return append(b, '}')
}

func (v value) append(b []byte) []byte {
	switch v.kind {
	case valueNumber:
		return append(b, v.text...)
	case valueTrue:
		return append(b, "true"...)
	case valueFalse:
		return append(b, "false"...)
	case valueNull:
		return append(b, "null"...)
	case valueStyle:
		b = append(b, '{')
		for i, d := range v.style {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendText(b, d.property), ':')
			switch {
			case d.removed:
				b = append(b, "false"...)
			case d.priority != "":
				b = appendText(append(b, '['), d.value)
				b = appendText(append(b, ','), d.priority)
				b = append(b, ']')
			default:
				b = appendText(b, d.value)
			}
		}
		return append(b, '}')
	}
	return appendText(b, v.text)
}
