package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Bounds of single fields. Screens, pages and offsets in CSS pixels stay within
// what a browser lays out (about 33 million); shares are ten-thousandths.
const (
	maxPixels = 33_554_432
	maxShare  = 10_000
	maxViews  = 100_000
	// maxSpan is a day in milliseconds: a record ends long before (60 min).
	maxSpan   = 86_400_000
	maxName   = 256 // names of events, classes, campaigns
	maxText   = 512 // 128 characters (rule T), of up to four bytes
	maxProps  = 50
	maxWord   = 64 // roles, tags, languages, zones
	maxCounts = 50
)

func clamp(n *int, low, high int)       { *n = min(max(*n, low), high) }
func clampSpan(n *int64)                { *n = min(max(*n, 0), maxSpan) }
func cut(s *string, limit int)          { *s = Text(*s, limit) }
func badView(v uint32) error            { return fmt.Errorf("%w: view %d", ErrInvalid, v) }
func missing(what string) error         { return fmt.Errorf("%w: no %s", ErrInvalid, what) }
func oneOf(s string, of ...string) bool { return slices.Contains(of, s) }

func (u *UTM) clean() {
	cut(&u.Source, maxName)
	cut(&u.Medium, maxName)
	cut(&u.Campaign, maxName)
}

func (e *Element) clean() {
	cut(&e.Path, MaxString)
	cut(&e.Tag, maxWord)
	cut(&e.Text, maxText)
	cut(&e.Role, maxWord)
	cut(&e.Name, maxText)
}

func (p *Page) clean() error {
	if p.View > maxViews {
		return badView(p.View)
	}
	cut(&p.URL, MaxString)
	cut(&p.Title, MaxString)
	cut(&p.Referrer, MaxString)
	clamp(&p.Width, 0, maxPixels)
	clamp(&p.Height, 0, maxPixels)
	cut(&p.Language, maxWord)
	cut(&p.Zone, maxWord)
	cut(&p.Conn, maxWord)
	cut(&p.Texts, maxWord)
	p.UTM.clean()
	if !oneOf(p.Nav, "load", "virtual", "bfcache") {
		p.Nav = "load"
	}
	if !oneOf(p.Screen, "small", "medium", "large") {
		p.Screen = ""
	}
	if p.URL == "" {
		return missing("address")
	}
	return nil
}

func (t *Time) clean() error {
	if t.View > maxViews {
		return badView(t.View)
	}
	clampSpan(&t.Visible)
	clampSpan(&t.Active)
	t.Active = min(t.Active, t.Visible)
	clamp(&t.Depth, 0, maxShare)
	return nil
}

func (c *Click) clean() error {
	if c.View > maxViews {
		return badView(c.View)
	}
	c.Element.clean()
	clamp(&c.X, 0, maxShare)
	clamp(&c.Y, 0, maxShare)
	clamp(&c.PageX, 0, maxPixels)
	clamp(&c.PageY, 0, maxPixels)
	if !oneOf(c.By, "mouse", "touch", "pen", "key") {
		c.By = "mouse"
	}
	return nil
}

func (i *Input) clean() error {
	if i.View > maxViews {
		return badView(i.View)
	}
	i.Element.clean()
	return nil
}

func (c *Custom) clean() error {
	if c.View > maxViews {
		return badView(c.View)
	}
	cut(&c.Name, maxName)
	if c.Name == "" {
		return missing("name")
	}
	c.Props = cleanProps(c.Props)
	return nil
}

func (p *Props) clean() error {
	p.Props = cleanProps(p.Props)
	return nil
}

// cleanProps keeps strings, numbers and booleans under plain names, at most
// maxProps of them; which strings are kept is for process to say (ruling 15).
func cleanProps(in map[string]json.RawMessage) map[string]json.RawMessage {
	for name, value := range in {
		if name == "" || len(name) > maxName || Text(name, maxName) != name || len(value) == 0 ||
			strings.IndexByte(`{[n`, value[0]) >= 0 || len(value) > MaxString {
			delete(in, name)
		}
	}
	if len(in) > maxProps {
		return nil
	}
	return in
}

func (u *User) clean() error {
	cut(&u.UID, maxName)
	if u.UID == "" {
		return missing("uid")
	}
	return nil
}

func (e *Error) clean() error {
	if e.View > maxViews {
		return badView(e.View)
	}
	cut(&e.Class, maxName)
	cut(&e.File, MaxString)
	cut(&e.Message, maxText)
	clamp(&e.Line, 0, maxPixels)
	return nil
}

func (c *Consent) clean() error {
	cut(&c.Via, maxWord)
	cut(&c.Text, maxWord)
	if !oneOf(c.Choice, "granted", "denied") {
		return missing("choice")
	}
	return nil
}

func (l *Lost) clean() error {
	for name, n := range l.What {
		if n <= 0 || len(name) > maxWord || Text(name, maxWord) != name {
			delete(l.What, name)
		}
	}
	if len(l.What) > maxCounts {
		l.What = nil
	}
	return nil
}

func (c *Count) clean() error {
	cut(&c.URL, MaxString)
	cut(&c.Referrer, MaxString)
	cut(&c.Language, maxWord)
	c.UTM.clean()
	if !oneOf(c.Screen, "small", "medium", "large") {
		c.Screen = ""
	}
	if c.URL == "" {
		return missing("address")
	}
	return nil
}
