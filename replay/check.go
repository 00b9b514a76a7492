package replay

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient reads what browsers send: lone surrogates become U+FFFD, and a name
// that stands twice in an object is no reason to lose the page.
var lenient = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// maxTime bounds timestamps: the year 2286 in milliseconds (S15).
const maxTime = 9_999_999_999_999

// maxStyles bounds how many nodes a Checker remembers as parts of style sheets.
const maxStyles = 20_000

// Checker checks the events of one record, in order: it remembers which text
// nodes are style sheets. Not safe for concurrent use.
type Checker struct {
	profile Profile
	styles  map[int64]struct{}
	// Removed counts what was taken out of all events so far.
	Removed Counts
}

// NewChecker makes a checker for a record that begins.
func NewChecker(p Profile) *Checker {
	return &Checker{profile: p, styles: map[int64]struct{}{}}
}

// Check checks a single event on its own.
func Check(event []byte, p Profile) (clean []byte, removed Counts, err error) {
	c := NewChecker(p)
	clean, err = c.Check(event)
	return clean, c.Removed, err
}

// Check rewrites one rrweb event by the allow lists. clean is nil when the event
// is of a kind that is never kept. Whatever the input, it neither panics nor
// takes more memory than MaxNodes nodes need.
func (c *Checker) Check(event []byte) (clean []byte, err error) {
	kind, at, data, err := split(event)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(event)+64)
	out = strconv.AppendInt(append(out, `{"type":`...), kind, 10)
	out = append(out, `,"data":`...)
	switch kind {
	case TypeDOMContentLoaded, TypeLoad:
		out = append(out, "{}"...)
	case TypeFullSnapshot:
		out, err = c.snapshot(out, data)
	case TypeIncremental:
		out, err = c.incremental(out, data)
	case TypeMeta:
		out, err = c.meta(out, data)
	case TypeCustom:
		out, err = c.custom(out, data)
	default:
		out = nil
	}
	if err != nil {
		return nil, err
	}
	if out == nil {
		c.Removed[RemovedEvent]++
		return nil, nil
	}
	out = strconv.AppendInt(append(out, `,"timestamp":`...), at, 10)
	return append(out, '}'), nil
}

// split reads an event's three members; data is a part of event.
func split(event []byte) (kind, at int64, data []byte, err error) {
	r := treeReader{dec: jsontext.NewDecoder(bytes.NewBuffer(event), lenient)}
	kind = -1
	err = r.object(func(name string) (err error) {
		switch name {
		case "type":
			kind, err = r.integer()
		case "timestamp":
			at, err = r.integer()
		case "data":
			var v jsontext.Value
			v, err = r.dec.ReadValue()
			err = r.wrap(err)
			end := r.dec.InputOffset()
			data = event[end-int64(len(v)) : end]
		default:
			err = r.skip()
		}
		return err
	})
	if err == nil && kind < 0 {
		err = ErrMalformed
	}
	return kind, min(max(at, 0), maxTime), data, err
}

// Snapshot says whether an event is a full snapshot, without decoding it.
func Snapshot(event []byte) bool { return kindOf(event) == TypeFullSnapshot }

// kindOf reads the type of an event as rrweb spells it, -1 when it cannot.
func kindOf(event []byte) int {
	rest, ok := bytes.CutPrefix(event, []byte(`{"type":`))
	if ok && len(rest) > 1 && rest[0] >= '0' && rest[0] <= '9' && rest[1] == ',' {
		return int(rest[0] - '0')
	}
	kind, _, _, err := split(event)
	if err != nil {
		return -1
	}
	return int(kind)
}

func (c *Checker) snapshot(out, data []byte) ([]byte, error) {
	c.styles = map[int64]struct{}{}
	r := treeReader{dec: jsontext.NewDecoder(bytes.NewBuffer(data), lenient)}
	var root *node
	var left, top int64
	err := r.object(func(name string) (err error) {
		switch name {
		case "node":
			root, err = r.node(0)
		case "initialOffset":
			err = r.object(func(name string) (err error) {
				var v int64
				if v, err = r.integer(); name == "left" {
					left = v
				} else if name == "top" {
					top = v
				}
				return err
			})
		default:
			err = r.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if root == nil || root.kind != nodeDocument {
		return nil, ErrMalformed
	}
	if err := c.clean(root, false); err != nil {
		return nil, err
	}
	out = root.append(append(out, `{"node":`...))
	out = strconv.AppendInt(append(out, `,"initialOffset":{"left":`...), left, 10)
	out = strconv.AppendInt(append(out, `,"top":`...), top, 10)
	return append(out, "}}"...), nil
}

func (c *Checker) meta(out, data []byte) ([]byte, error) {
	var m struct {
		Href   string  `json:"href"`
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
	}
	if json.Unmarshal(data, &m, lenient) != nil {
		return nil, ErrMalformed
	}
	href, clean := URL(m.Href)
	if !clean {
		c.Removed[RemovedAttribute]++
	}
	out = appendText(append(out, `{"href":`...), href)
	out = strconv.AppendInt(append(out, `,"width":`...), pixels(m.Width), 10)
	out = strconv.AppendInt(append(out, `,"height":`...), pixels(m.Height), 10)
	return append(out, '}'), nil
}

// pixels bounds a length to what a browser lays out.
func pixels(v float64) int64 { return int64(min(max(v, 0), 33_554_432)) }

// custom keeps our own custom events (tags that begin with fp-) with numbers and
// booleans, and drops a site's.
func (c *Checker) custom(out, data []byte) ([]byte, error) {
	var m struct {
		Tag     string                    `json:"tag"`
		Payload map[string]jsontext.Value `json:"payload"`
	}
	if json.Unmarshal(data, &m, lenient) != nil {
		return nil, nil
	}
	if len(m.Tag) < 4 || m.Tag[:3] != "fp-" || !markPattern.MatchString(m.Tag) {
		return nil, nil
	}
	for name, v := range m.Payload {
		if k := v.Kind(); !propPattern.MatchString(name) || k != '0' && k != 't' && k != 'f' {
			delete(m.Payload, name)
			c.Removed[RemovedAttribute]++
		}
	}
	b, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		return nil, ErrMalformed
	}
	return append(out, b...), nil
}
