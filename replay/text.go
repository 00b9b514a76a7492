package replay

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"footpath/wire"
)

// maxMark bounds the digits of a text index: a set of ten million texts.
const maxMark = 7

// markAt gives the length of the public text mark at the start of s, 0 when there
// is none.
func markAt(s string) int {
	const open, end = len(string(wire.TextMark)), len(string(wire.TextEnd))
	if !strings.HasPrefix(s, string(wire.TextMark)) {
		return 0
	}
	i := open
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == open || i-open > maxMark || !strings.HasPrefix(s[i:], string(wire.TextEnd)) {
		return 0
	}
	return i + end
}

// IsMasked says whether a text is in the masked form of the strict profile: x, 0,
// spaces, line ends, .,:;!? and public text marks.
func IsMasked(s string) bool {
	for i := 0; i < len(s); {
		switch s[i] {
		case 'x', '0', ' ', '\n', '.', ',', ':', ';', '!', '?':
			i++
		default:
			n := markAt(s[i:])
			if n == 0 {
				return false
			}
			i += n
		}
	}
	return true
}

// Mask brings a text into the masked form: words become x or 0 in four lengths,
// one punctuation mark at a word's end stays, public text marks stay.
func Mask(s string) string {
	if IsMasked(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := markAt(s[i:]); n > 0 {
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) {
			j := i + n
			for j < len(s) && s[j] <= ' ' {
				j++
			}
			b.WriteString(space(s[i:j]))
			i = j
			continue
		}
		j := i + n
		for j < len(s) && markAt(s[j:]) == 0 {
			r, n := utf8.DecodeRuneInString(s[j:])
			if unicode.IsSpace(r) {
				break
			}
			j += n
		}
		maskWord(&b, s[i:j])
		i = j
	}
	return b.String()
}

func space(run string) string {
	if strings.ContainsRune(run, '\n') {
		return "\n"
	}
	return " "
}

func maskWord(b *strings.Builder, word string) {
	end := ""
	if n := len(word); n > 0 && strings.IndexByte(".,:;!?", word[n-1]) >= 0 {
		word, end = word[:n-1], word[n-1:]
	}
	glyph, length := "0", 0
	for _, r := range word {
		if !unicode.IsDigit(r) {
			glyph = "x"
		}
		length++
	}
	switch {
	case length == 0:
	case length <= 3:
		length = 2
	case length <= 6:
		length = 5
	case length <= 10:
		length = 8
	default:
		length = 12
	}
	b.WriteString(strings.Repeat(glyph, length))
	b.WriteString(end)
}

// addressLike is what the smartlook profile masks as e-mail addresses, the same
// as in the recorder (docs/format/masking.md).
var addressLike = regexp.MustCompile(`[^\s\p{Z}<>"'(),;]+@[^\s\p{Z}<>"'(),;]+`)

// blank is the text rule of the smartlook profile: e-mail addresses are masked,
// digits become 0, private-use characters x; public text marks stay.
func blank(s string) string {
	if !needsBlank(s) {
		return s
	}
	if strings.IndexByte(s, '@') >= 0 {
		s = addressLike.ReplaceAllStringFunc(s, func(word string) string {
			var b strings.Builder
			maskWord(&b, word)
			return b.String()
		})
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := markAt(s[i:]); n > 0 {
			b.WriteString(s[i : i+n])
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsDigit(r):
			b.WriteByte('0')
		case r >= 0xe000 && r <= 0xf8ff:
			b.WriteByte('x')
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func needsBlank(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= '1' && c <= '9' || c == '@' || c >= 0xd9 {
			return true
		}
	}
	return false
}

// Text applies the profile's text rule and says whether it had to change s.
func (p Profile) Text(s string) (string, bool) {
	var out string
	if p == Smartlook {
		out = blank(s)
	} else {
		out = Mask(s)
	}
	return out, out != s
}
