package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrKind marks an event of a kind that this version does not know. It is no
// reason to give up the rest: a newer recorder may run against an older server.
var ErrKind = errors.New("unknown kind")

// Known says whether this version knows the kind.
func (k Kind) Known() bool {
	switch k {
	case KindPage, KindTime, KindClick, KindInput, KindSubmit, KindCustom, KindProps,
		KindUser, KindError, KindConsent, KindLost, KindDOM, KindCount:
		return true
	}
	return false
}

// Events walks the events of an inflated payload. A line that cannot be read, or
// whose kind is unknown (ErrKind), is yielded as an error and the walk goes on, so
// that the caller can count it and keep the others. Past MaxEvents the walk ends
// with ErrInvalid. An event's Data shares inflated's memory, unless it had to be
// cleaned: bytes that are not UTF-8 become U+FFFD (fault 14).
func Events(inflated []byte) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		n := 0
		for line := range bytes.SplitSeq(inflated, []byte{'\n'}) {
			if len(line) == 0 {
				continue
			}
			if n++; n > MaxEvents {
				yield(Event{}, fmt.Errorf("%w: more than %d events", ErrInvalid, MaxEvents))
				return
			}
			ev, err := decodeEvent(line)
			if err != nil {
				ev, err = Event{}, fmt.Errorf("event %d: %w", n, err)
			}
			if !yield(ev, err) {
				return
			}
		}
	}
}

// decodeEvent reads one line.
func decodeEvent(line []byte) (Event, error) {
	if !utf8.Valid(line) {
		line = bytes.ToValidUTF8(line, []byte("\uFFFD"))
	}
	ev, ok := quickEvent(line)
	if !ok {
		if err := json.Unmarshal(line, &ev); err != nil {
			return Event{}, fmt.Errorf("%w: not an event", ErrMalformed)
		}
	}
	switch {
	case !ev.Kind.Known():
		return Event{}, fmt.Errorf("%w: %w", ErrInvalid, ErrKind)
	case ev.Time < 0 || ev.Time > maxSent:
		return Event{}, fmt.Errorf("%w: time", ErrInvalid)
	case len(ev.Data) == 0:
		return Event{}, fmt.Errorf("%w: no data", ErrInvalid)
	}
	return ev, nil
}

// quickEvent reads the one spelling that our recorder writes, {"k":"…","t":…,
// "d":…}, without parsing d: Check has validated the line already, and DOM events
// are most of all bytes. Anything else is left to encoding/json.
func quickEvent(line []byte) (Event, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"k":"`))
	if !ok {
		return Event{}, false
	}
	kind, rest, ok := bytes.Cut(rest, []byte(`","t":`))
	if !ok || len(kind) > maxToken || bytes.IndexByte(kind, '"') >= 0 {
		return Event{}, false
	}
	at, rest, ok := bytes.Cut(rest, []byte(`,"d":`))
	if !ok || len(at) > 19 || len(rest) < 2 || rest[len(rest)-1] != '}' {
		return Event{}, false
	}
	t, err := strconv.ParseInt(string(at), 10, 64)
	if err != nil {
		return Event{}, false
	}
	return Event{Kind: Kind(kind), Time: t, Data: rest[: len(rest)-1 : len(rest)-1]}, true
}

// cleaner is implemented by the payload types: it brings every field within its
// bounds, whatever was sent.
type cleaner interface{ clean() error }

// As decodes an event's data as T and brings it within bounds: unknown fields are
// dropped, strings are cut at MaxString and freed of control characters, numbers
// are clamped. An error means that the event is worthless.
func As[T any, P interface {
	*T
	cleaner
}](ev Event) (T, error) {
	var v T
	if err := json.Unmarshal(ev.Data, &v); err != nil {
		return v, fmt.Errorf("%w: %s event", ErrInvalid, ev.Kind)
	}
	if err := P(&v).clean(); err != nil {
		return v, fmt.Errorf("%s event: %w", ev.Kind, err)
	}
	return v, nil
}

// Text frees a string of control characters and cuts it to at most limit bytes
// at a character's border.
func Text(s string, limit int) string {
	if len(s) <= limit && strings.IndexFunc(s, unwanted) < 0 && utf8.ValidString(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if unwanted(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// unwanted are control characters and those that turn the direction of text
// (S16, S48); none has a place in a name, a title or an address.
func unwanted(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
