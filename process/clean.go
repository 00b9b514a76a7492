package process

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"footpath/replay"
	"footpath/wire"
)

// typed is an input or submit event, which share a payload.
type typed struct {
	wire.Input
	kind wire.Kind
}

// cleaner applies the server's own masking to analytics events: the recorder has
// done it, and what a forged one did not is done here and counted (H03, S31).
type cleaner struct {
	set     *settings
	project wire.ProjectKey
	secret  []byte
	removed replay.Counts
	refused int // string properties that the project has not allowed, users refused
}

// decode reads an event as its payload type, cleaned. ok is false for events that
// are not analytics or cannot be read.
func (c *cleaner) decode(ev wire.Event) (value any, err error) {
	switch ev.Kind {
	case wire.KindPage:
		v, err := wire.As[wire.Page](ev)
		c.page(&v)
		return v, err
	case wire.KindTime:
		return anyOf(wire.As[wire.Time](ev))
	case wire.KindClick:
		v, err := wire.As[wire.Click](ev)
		c.element(&v.Element)
		return v, err
	case wire.KindInput, wire.KindSubmit:
		v, err := wire.As[wire.Input](ev)
		c.element(&v.Element)
		return typed{v, ev.Kind}, err
	case wire.KindCustom:
		v, err := wire.As[wire.Custom](ev)
		c.plain(&v.Name)
		c.props(v.Props)
		return v, err
	case wire.KindProps:
		v, err := wire.As[wire.Props](ev)
		c.props(v.Props)
		return v, err
	case wire.KindUser:
		v, err := wire.As[wire.User](ev)
		if !c.user(&v) {
			return nil, err
		}
		return v, err
	case wire.KindError:
		v, err := wire.As[wire.Error](ev)
		c.failure(&v)
		return v, err
	case wire.KindConsent:
		v, err := wire.As[wire.Consent](ev)
		if v.Via != "api" && v.Via != "cookie" {
			v.Via = "none"
		}
		c.plain(&v.Text)
		return v, err
	case wire.KindLost:
		v, err := wire.As[wire.Lost](ev)
		for name := range v.What {
			if !wordShape.MatchString(name) {
				delete(v.What, name)
			}
		}
		return v, err
	case wire.KindCount:
		v, err := wire.As[wire.Count](ev)
		c.address(&v.URL)
		v.Referrer = replay.Origin(v.Referrer)
		c.campaign(&v.UTM)
		c.word(&v.Language)
		return v, err
	}
	return nil, nil
}

func anyOf[T any](v T, err error) (any, error) { return v, err }

var wordShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_/+.-]{0,63}$`)

func (c *cleaner) page(p *wire.Page) {
	c.address(&p.URL)
	c.text(&p.Title)
	p.Referrer = replay.Origin(p.Referrer)
	c.word(&p.Language)
	c.word(&p.Zone)
	c.word(&p.Conn)
	c.campaign(&p.UTM)
}

func (c *cleaner) campaign(u *wire.UTM) {
	c.plain(&u.Source)
	c.plain(&u.Medium)
	c.plain(&u.Campaign)
}

func (c *cleaner) element(e *wire.Element) {
	c.plain(&e.Path)
	c.word(&e.Tag)
	c.word(&e.Role)
	c.text(&e.Text)
	c.text(&e.Name)
}

func (c *cleaner) failure(e *wire.Error) {
	c.plain(&e.Class)
	if e.File != "" {
		c.address(&e.File)
	}
	// The words of an error come from code that has data at hand: shape in every
	// profile (docs/format/masking.md).
	out := replay.Mask(e.Message)
	if out != e.Message {
		c.removed[replay.RemovedText]++
	}
	e.Message = out
}

// address brings an address into the stored form.
func (c *cleaner) address(s *string) {
	out, clean := replay.URL(*s)
	if !clean {
		c.removed[replay.RemovedPersonal]++
	}
	*s = out
}

// text applies the profile's text rule.
func (c *cleaner) text(s *string) {
	out, changed := c.set.profile.Text(*s)
	if changed {
		c.removed[replay.RemovedText]++
	}
	*s = out
}

// plain blanks a string in clear that looks personal.
func (c *cleaner) plain(s *string) {
	if replay.Personal(*s) {
		c.removed[replay.RemovedPersonal]++
		*s = ""
	}
}

// word blanks what is not a single word of a standard.
func (c *cleaner) word(s *string) {
	if *s != "" && (!wordShape.MatchString(*s) || replay.Personal(*s)) {
		c.removed[replay.RemovedPersonal]++
		*s = ""
	}
}

// props keeps numbers and booleans, and strings under allowed names (H23).
func (c *cleaner) props(props map[string]json.RawMessage) {
	for name, raw := range props {
		word := len(raw) > 0 && raw[0] == '"'
		switch {
		case word && !c.set.allowed[name]:
			c.refused++
			delete(props, name)
		case replay.Personal(name) || word && replay.Personal(string(raw)):
			c.removed[replay.RemovedPersonal]++
			delete(props, name)
		}
	}
}

// user replaces the id by its keyed hash. It is refused where the project has not
// switched it on, and where it is plainly a person's name or address (H22).
func (c *cleaner) user(u *wire.User) bool {
	if !c.set.identify || len(c.secret) == 0 || u.UID == "" || strings.ContainsAny(u.UID, "@ ") || replay.Personal(u.UID) {
		c.refused++
		return false
	}
	mac := hmac.New(sha256.New, c.secret)
	mac.Write([]byte("user|" + string(c.project) + "|" + u.UID))
	u.UID = hex.EncodeToString(mac.Sum(nil)[:16])
	return true
}
