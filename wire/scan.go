package wire

import "fmt"

// scanner is a JSON validator that takes its input in pieces and keeps no more
// than a bit per level of nesting. It reads newline-delimited objects and notes
// the value of "k" in each.
type scanner struct {
	sum   Summary
	state scanState
	depth int
	stack [MaxDepth/64 + 1]uint64 // bit set: the level is an object
	isKey bool                    // the string being read is an object's key
	token []byte                  // the string being read, at depth 1 only
	atK   bool                    // the value of "k" comes next
	kinds int                     // how many "k" this line has had
	hex   int                     // digits of \u still to come
	word  string                  // rest of true, false or null
	exp   int                     // exponent of the number being read
	long  int                     // its length
}

type scanState uint8

const (
	inLine       scanState = iota // before a line's object
	inNewline                     // behind a line's object
	inValue                       // before a value
	inArrayFirst                  // after [: a value or ]
	inObjFirst                    // after {: a key or }
	inKey                         // after , in an object: a key
	inColon                       // after a key
	inAfter                       // after a value
	inString
	inEscape
	inHex
	inWord
	inMinus    // after -
	inZero     // after a leading 0
	inInt      // in the integer part
	inDot      // after .
	inFrac     // in the fraction
	inExp      // after e
	inExpSign  // after e+ or e-
	inExpDigit // in the exponent
)

// maxNumber bounds the digits of one number: the longest that JavaScript writes
// has 25 characters; 1e400 and the like would be infinite later (fault 14).
const (
	maxNumber   = 40
	maxExponent = 308
	maxToken    = 16 // longer than any kind or top-level key
)

// plain marks the bytes that may stand in a string as they are.
var plain = func() (t [256]bool) {
	for c := ' '; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// feed takes the next piece. The bytes that most of a DOM event consists of are
// dealt with here, everything else by the methods below.
func (s *scanner) feed(b []byte) error {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch s.state {
		case inString:
			if i = s.text(b, i); i == len(b) {
				return nil
			}
			if c = b[i]; c == '"' && s.depth > 1 {
				s.state = inAfter
				if s.isKey {
					s.state = inColon
				}
				continue
			}
		case inColon:
			if c == ':' {
				s.state = inValue
				continue
			}
		case inAfter:
			if c == ',' {
				s.state = inValue
				if s.top() {
					s.state = inKey
				}
				continue
			}
		case inKey:
			if c == '"' {
				s.startString(true)
				continue
			}
		case inInt:
			if c >= '0' && c <= '9' && s.long < maxNumber {
				s.long++
				continue
			}
		}
		if err := s.byte(c); err != nil {
			return err
		}
	}
	return nil
}

// text skips over the plain part of a string and returns where it ends.
func (s *scanner) text(b []byte, i int) int {
	from := i
	for i < len(b) && plain[b[i]] {
		i++
	}
	if s.depth == 1 {
		s.token = append(s.token, b[from:min(i, from+maxToken+1)]...)
		if len(s.token) > maxToken {
			s.token = s.token[:maxToken]
		}
	}
	return i
}

// byte takes one byte outside the plain part of a string.
func (s *scanner) byte(c byte) error {
	switch {
	case s.state >= inMinus:
		return s.number(c)
	case s.state >= inString:
		return s.inside(c)
	case c == ' ' || c == '\t':
		return nil
	}
	switch s.state {
	case inLine, inNewline:
		return s.line(c)
	case inValue:
		return s.value(c)
	case inArrayFirst:
		if c == ']' {
			return s.pop(c)
		}
		return s.value(c)
	case inObjFirst, inKey:
		if c == '"' {
			s.startString(true)
			return nil
		}
		if c == '}' && s.state == inObjFirst {
			return s.pop(c)
		}
	case inColon:
		if c == ':' {
			s.state = inValue
			return nil
		}
	case inAfter:
		return s.after(c)
	}
	return s.bad("unexpected character")
}

// line takes the byte between objects.
func (s *scanner) line(c byte) error {
	switch {
	case c == '{' && s.state == inLine:
		if s.sum.Events++; s.sum.Events > MaxEvents {
			return fmt.Errorf("%w: more than %d events", ErrInvalid, MaxEvents)
		}
		s.kinds, s.atK = 0, false
		return s.push(true)
	case c == '\n' && s.sum.Events > 0:
		s.state = inLine
		return nil
	}
	return s.bad("a line must be one object")
}

func (s *scanner) value(c byte) error {
	switch c {
	case '{':
		return s.push(true)
	case '[':
		return s.push(false)
	case '"':
		s.startString(false)
		return nil
	}
	if s.atK {
		return s.bad("kind must be a string")
	}
	switch {
	case c == 't':
		s.state, s.word = inWord, "rue"
	case c == 'f':
		s.state, s.word = inWord, "alse"
	case c == 'n':
		s.state, s.word = inWord, "ull"
	case c == '-':
		s.state, s.long, s.exp = inMinus, 1, 0
	case c == '0':
		s.state, s.long, s.exp = inZero, 1, 0
	case c >= '1' && c <= '9':
		s.state, s.long, s.exp = inInt, 1, 0
	default:
		return s.bad("unexpected character")
	}
	return nil
}

func (s *scanner) push(object bool) error {
	if s.atK {
		return s.bad("kind must be a string")
	}
	if s.depth == MaxDepth {
		return fmt.Errorf("%w: nested deeper than %d", ErrInvalid, MaxDepth)
	}
	s.state = inArrayFirst
	bit := uint64(1) << (s.depth % 64)
	s.stack[s.depth/64] &^= bit
	if object {
		s.stack[s.depth/64] |= bit
		s.state = inObjFirst
	}
	s.depth++
	return nil
}

func (s *scanner) top() bool { return s.stack[(s.depth-1)/64]>>((s.depth-1)%64)&1 == 1 }

func (s *scanner) pop(c byte) error {
	if s.top() != (c == '}') {
		return s.bad("brackets do not match")
	}
	s.depth--
	s.state = inAfter
	if s.depth == 0 {
		if s.kinds != 1 {
			return fmt.Errorf("%w: event %d must have one kind", ErrInvalid, s.sum.Events)
		}
		s.state = inNewline
	}
	return nil
}

func (s *scanner) after(c byte) error {
	switch c {
	case ',':
		s.state = inValue
		if s.top() {
			s.state = inKey
		}
		return nil
	case '}', ']':
		return s.pop(c)
	}
	return s.bad("unexpected character")
}

func (s *scanner) startString(key bool) {
	s.state, s.isKey, s.token = inString, key, s.token[:0]
}

// finish says whether the input may end here.
func (s *scanner) finish() error {
	if s.state != inLine && s.state != inNewline {
		return s.bad("cut short")
	}
	if s.sum.Events == 0 {
		return fmt.Errorf("%w: no events", ErrMalformed)
	}
	return nil
}

func (s *scanner) bad(what string) error {
	return fmt.Errorf("%w: event %d: %s", ErrMalformed, s.sum.Events, what)
}
