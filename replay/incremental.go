package replay

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

func (c *Checker) incremental(out, data []byte) ([]byte, error) {
	source, err := sourceOf(data)
	if err != nil {
		return nil, err
	}
	switch source {
	case sourceMutation:
		return c.mutation(out, data)
	case sourceMouseMove, sourceTouchMove, sourceDrag:
		return rewrite(out, data, &moves{})
	case sourceMouseInteraction:
		return rewrite(out, data, &interaction{})
	case sourceScroll:
		return rewrite(out, data, &scroll{})
	case sourceViewport:
		return rewrite(out, data, &viewport{})
	case sourceMedia:
		return rewrite(out, data, &media{})
	case sourceStyleRule, sourceStyleDeclaration, sourceAdopted:
		return c.styleChange(out, data, source)
	case sourceCustomElement:
		return rewrite(out, data, &customElement{})
	}
	// Typed values, selections, canvas, fonts, console: never kept.
	return nil, nil
}

// sourceOf reads the source of incremental data, wherever it stands.
func sourceOf(data []byte) (int64, error) {
	source := int64(-1)
	r := treeReader{dec: jsontext.NewDecoder(bytes.NewBuffer(data), lenient)}
	if rest, ok := bytes.CutPrefix(data, []byte(`{"source":`)); ok {
		if i := bytes.IndexAny(rest, ",}"); i > 0 && i < 3 {
			if v, err := strconv.ParseInt(string(rest[:i]), 10, 8); err == nil {
				return v, nil
			}
		}
	}
	err := r.object(func(name string) (err error) {
		if name == "source" {
			source, err = r.integer()
			return err
		}
		return r.skip()
	})
	return source, err
}

// The small kinds of incremental data: numbers only.
type (
	moves struct {
		Source    int64 `json:"source"`
		Positions []struct {
			X          float64 `json:"x"`
			Y          float64 `json:"y"`
			ID         int64   `json:"id"`
			TimeOffset float64 `json:"timeOffset"`
		} `json:"positions"`
	}
	interaction struct {
		Source  int64    `json:"source"`
		Type    int64    `json:"type"`
		ID      int64    `json:"id"`
		X       *float64 `json:"x,omitzero"`
		Y       *float64 `json:"y,omitzero"`
		Pointer *int64   `json:"pointerType,omitzero"`
	}
	scroll struct {
		Source int64   `json:"source"`
		ID     int64   `json:"id"`
		X      float64 `json:"x"`
		Y      float64 `json:"y"`
	}
	viewport struct {
		Source int64   `json:"source"`
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
	}
	media struct {
		Source int64    `json:"source"`
		Type   int64    `json:"type"`
		ID     int64    `json:"id"`
		Time   *float64 `json:"currentTime,omitzero"`
		Volume *float64 `json:"volume,omitzero"`
		Muted  *bool    `json:"muted,omitzero"`
		Loop   *bool    `json:"loop,omitzero"`
		Rate   *float64 `json:"playbackRate,omitzero"`
	}
	customElement struct {
		Source int64 `json:"source"`
		Define *struct {
			Name tagName `json:"name"`
		} `json:"define,omitzero"`
	}
)

// tagName is a string that is empty unless it is an element's name.
type tagName string

// UnmarshalText keeps element names only.
func (t *tagName) UnmarshalText(b []byte) error {
	if tagPattern.Match(b) {
		*t = tagName(b)
	}
	return nil
}

func (m *moves) bound() {
	for i := range m.Positions {
		p := &m.Positions[i]
		// Offsets go back in time by what a flush gathers; more would send the
		// player back by years (S15).
		p.TimeOffset = min(max(p.TimeOffset, -60_000), 0)
	}
}

// rewrite decodes data as v, which drops unknown members, and writes it again.
func rewrite(out, data []byte, v any) ([]byte, error) {
	if json.Unmarshal(data, v, lenient) != nil {
		return nil, ErrMalformed
	}
	if m, ok := v.(*moves); ok {
		m.bound()
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, ErrMalformed
	}
	return append(out, b...), nil
}

// mutation holds the changes of one flush.
type mutation struct {
	texts   []textChange
	attrs   []attrChange
	removes []removal
	adds    []addition
	iframe  bool
}

type textChange struct {
	id    int64
	value string
}

type attrChange struct {
	id    int64
	attrs []attr
}

type removal struct {
	parent, id int64
	shadow     bool
}

type addition struct {
	parent         int64
	next, previous int64
	hasNext        bool
	node           *node
}

func (c *Checker) mutation(out, data []byte) ([]byte, error) {
	r := treeReader{dec: jsontext.NewDecoder(bytes.NewBuffer(data), lenient)}
	var m mutation
	err := r.object(func(name string) error {
		switch name {
		case "texts":
			return r.array(func() error { return r.textChange(&m) })
		case "attributes":
			return r.array(func() error { return r.attrChange(&m) })
		case "removes":
			return r.array(func() error { return r.removal(&m) })
		case "adds":
			return r.array(func() error { return r.addition(&m) })
		case "isAttachIframe":
			m.iframe = r.dec.PeekKind() == 't'
		}
		return r.skip()
	})
	if err != nil {
		return nil, err
	}
	if err := c.cleanMutation(&m); err != nil {
		return nil, err
	}
	return m.append(out), nil
}

func (c *Checker) cleanMutation(m *mutation) error {
	// Additions first: they say which nodes are style sheets.
	for _, a := range m.adds {
		if err := c.clean(a.node, a.node.kind == nodeText && c.isStyle(a.parent)); err != nil {
			return err
		}
	}
	for i := range m.texts {
		t := &m.texts[i]
		if c.isStyle(t.id) {
			t.value = c.css(t.value)
		} else {
			t.value = c.text(t.value)
		}
	}
	for i := range m.attrs {
		kept := m.attrs[i].attrs[:0]
		for _, a := range m.attrs[i].attrs {
			if v, keep := c.attribute(a.name, a.value); keep {
				kept = append(kept, attr{a.name, v})
			}
		}
		m.attrs[i].attrs = kept
	}
	return nil
}

func (r *treeReader) textChange(m *mutation) error {
	var t textChange
	err := r.object(func(name string) (err error) {
		switch name {
		case "id":
			t.id, err = r.integer()
		case "value":
			t.value, err = r.text()
		default:
			err = r.skip()
		}
		return err
	})
	m.texts = append(m.texts, t)
	return err
}

func (r *treeReader) attrChange(m *mutation) error {
	var a attrChange
	err := r.object(func(name string) (err error) {
		switch name {
		case "id":
			a.id, err = r.integer()
		case "attributes":
			a.attrs, err = r.attributes()
		default:
			err = r.skip()
		}
		return err
	})
	m.attrs = append(m.attrs, a)
	return err
}

func (r *treeReader) removal(m *mutation) error {
	var v removal
	err := r.object(func(name string) (err error) {
		switch name {
		case "id":
			v.id, err = r.integer()
		case "parentId":
			v.parent, err = r.integer()
		default:
			v.shadow = v.shadow || name == "isShadow" && r.dec.PeekKind() == 't'
			err = r.skip()
		}
		return err
	})
	m.removes = append(m.removes, v)
	return err
}

func (r *treeReader) addition(m *mutation) error {
	var a addition
	err := r.object(func(name string) (err error) {
		switch name {
		case "parentId":
			a.parent, err = r.integer()
		case "nextId":
			a.hasNext = r.dec.PeekKind() == '0'
			a.next, err = r.integer()
		case "previousId":
			a.previous, err = r.integer()
		case "node":
			a.node, err = r.node(0)
		default:
			err = r.skip()
		}
		return err
	})
	if err == nil && a.node == nil {
		err = ErrMalformed
	}
	m.adds = append(m.adds, a)
	return err
}

func (m *mutation) append(b []byte) []byte {
	b = append(b, `{"source":0,"texts":[`...)
	for i, t := range m.texts {
		b = strconv.AppendInt(append(comma(b, i), `{"id":`...), t.id, 10)
		b = append(appendText(append(b, `,"value":`...), t.value), '}')
	}
	b = append(b, `],"attributes":[`...)
	for i, a := range m.attrs {
		b = strconv.AppendInt(append(comma(b, i), `{"id":`...), a.id, 10)
		b = append(appendAttrs(append(b, `,"attributes":`...), a.attrs), '}')
	}
	b = append(b, `],"removes":[`...)
	for i, v := range m.removes {
		b = strconv.AppendInt(append(comma(b, i), `{"parentId":`...), v.parent, 10)
		b = strconv.AppendInt(append(b, `,"id":`...), v.id, 10)
		b = append(appendFlag(b, `,"isShadow":true`, v.shadow), '}')
	}
	b = append(b, `],"adds":[`...)
	for i, a := range m.adds {
		b = strconv.AppendInt(append(comma(b, i), `{"parentId":`...), a.parent, 10)
		if a.previous != 0 {
			b = strconv.AppendInt(append(b, `,"previousId":`...), a.previous, 10)
		}
		if a.hasNext {
			b = strconv.AppendInt(append(b, `,"nextId":`...), a.next, 10)
		} else {
			b = append(b, `,"nextId":null`...)
		}
		b = append(a.node.append(append(b, `,"node":`...)), '}')
	}
	b = append(b, ']')
	return append(appendFlag(b, `,"isAttachIframe":true`, m.iframe), '}')
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}
