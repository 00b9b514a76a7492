package wire

import "fmt"

// inside takes one byte of a string that is not plain, of an escape, or of a word.
func (s *scanner) inside(c byte) error {
	switch s.state {
	case inString:
		switch {
		case c == '"':
			return s.endString()
		case c == '\\' && s.depth == 1 && (s.isKey || s.atK):
			// A kind written with escapes would read differently here and later.
			return fmt.Errorf("%w: event %d: escaped name", ErrInvalid, s.sum.Events)
		case c == '\\':
			s.state = inEscape
			return nil
		}
		return s.bad("control character in a string")
	case inEscape:
		s.state = inString
		switch c {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return nil
		case 'u':
			s.state, s.hex = inHex, 4
			return nil
		}
		return s.bad("unknown escape")
	case inHex:
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return s.bad("unknown escape")
		}
		if s.hex--; s.hex == 0 {
			s.state = inString
		}
		return nil
	default: // inWord
		if c != s.word[0] {
			return s.bad("unknown word")
		}
		if s.word = s.word[1:]; s.word == "" {
			s.state = inAfter
		}
		return nil
	}
}

// endString closes a string: at depth 1 it may be the key "k" or its value.
func (s *scanner) endString() error {
	if s.isKey {
		s.state = inColon
		s.atK = s.depth == 1 && string(s.token) == "k"
		return nil
	}
	s.state = inAfter
	if !s.atK {
		return nil
	}
	s.atK = false
	s.kinds++
	switch kind := Kind(s.token); {
	case kind == KindDOM:
		s.sum.DOM++
	case kind == KindCount:
		s.sum.Count++
	case !kind.Known():
		s.sum.Unknown++
	}
	return nil
}

// number takes one byte that follows the start of a number.
func (s *scanner) number(c byte) error {
	if s.long++; s.long > maxNumber {
		return fmt.Errorf("%w: event %d: number too long", ErrInvalid, s.sum.Events)
	}
	digit := c >= '0' && c <= '9'
	switch s.state {
	case inMinus:
		if c == '0' {
			s.state = inZero
			return nil
		}
		return s.digit(digit, inInt)
	case inDot:
		return s.digit(digit, inFrac)
	case inExp:
		if c == '+' || c == '-' {
			s.state = inExpSign
			return nil
		}
		fallthrough
	case inExpSign, inExpDigit:
		if digit {
			if s.exp = s.exp*10 + int(c-'0'); s.exp > maxExponent {
				return fmt.Errorf("%w: event %d: number out of range", ErrInvalid, s.sum.Events)
			}
			s.state = inExpDigit
			return nil
		}
		if s.state == inExpDigit {
			return s.endNumber(c)
		}
		return s.bad("number")
	}
	// inZero, inInt, inFrac
	switch {
	case digit && s.state != inZero:
		return nil
	case c == '.' && s.state != inFrac:
		s.state = inDot
		return nil
	case c == 'e' || c == 'E':
		s.state = inExp
		return nil
	}
	return s.endNumber(c)
}

func (s *scanner) digit(ok bool, next scanState) error {
	if !ok {
		return s.bad("number")
	}
	s.state = next
	return nil
}

// endNumber ends a number with the byte behind it. A number never ends a line,
// since every line is an object.
func (s *scanner) endNumber(c byte) error {
	s.state = inAfter
	return s.byte(c)
}
