package replay

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// rrSplit is the comment by which rrweb marks where a style element's text nodes
// part; every other comment is dropped.
const rrSplit = "/* rr_split */"

// CSS empties the strings and addresses of a style sheet or a list of
// declarations and takes out @import, @charset and @namespace, so that neither
// generated text is stored nor anything fetched (B14, B15, S6, S7). Names written
// with escapes (u\72l) are read as a browser reads them. n counts what was removed.
func CSS(s string) (out string, n int) {
	if !strings.ContainsAny(s, "\"'@\\(<") && !strings.Contains(s, "/*") {
		return s, 0
	}
	c := cssCleaner{in: s}
	c.out.Grow(len(s))
	for c.pos < len(c.in) {
		c.step()
	}
	return c.out.String(), c.removed
}

type cssCleaner struct {
	in      string
	pos     int
	out     strings.Builder
	removed int
}

func (c *cssCleaner) step() {
	rest := c.in[c.pos:]
	switch ch := rest[0]; {
	case strings.HasPrefix(rest, "/*"):
		c.comment(rest)
	case ch == '"' || ch == '\'':
		was := c.removed
		n := c.skipString(rest)
		c.pos += n
		kept := ""
		if n > 2 && rest[n-1] == ch && selectorWords[rest[1:n-1]] && c.comparing() {
			c.removed, kept = was, rest[1:n-1]
		}
		c.out.WriteString(string(ch) + kept + string(ch))
	case ch == '@':
		c.atRule(rest)
	case nameStart(rest):
		c.name(rest)
	case ch == '<' && len(rest) > 1 && (rest[1] == '/' || rest[1] == '!'):
		c.out.WriteString("< ")
		c.pos++
		c.removed++
	default:
		c.out.WriteByte(ch)
		c.pos++
	}
}

// selectorWords may be compared with in an attribute selector: words of HTML and
// ARIA, as the recorder keeps them (docs/format/masking.md).
var selectorWords = set(`true false mixed page step on off auto none open closed active inactive checked
	unchecked selected disabled hidden visible button submit reset text checkbox radio file search email tel url
	number password date time month week range color menu listbox dialog tab tabpanel tablist alert status
	navigation main banner ltr rtl horizontal vertical top bottom left right start end light dark polite assertive
	ascending descending`)

// comparing says whether what was written last is an attribute selector that
// waits for its value.
func (c *cssCleaner) comparing() bool {
	out := c.out.String()
	out = strings.TrimRight(out[max(0, len(out)-64):], " \t\n")
	if !strings.HasSuffix(out, "=") {
		return false
	}
	open := strings.LastIndexByte(out, '[')
	return open >= 0 && !strings.ContainsAny(out[open:], "]\"'")
}

func (c *cssCleaner) comment(rest string) {
	if strings.HasPrefix(rest, rrSplit) {
		c.out.WriteString(rrSplit)
		c.pos += len(rrSplit)
		return
	}
	end := strings.Index(rest[2:], "*/")
	if end < 0 {
		c.pos = len(c.in)
		return
	}
	c.pos += end + 4
	c.out.WriteByte(' ') // a comment parts two names
}

// skipString gives the length of the string at the start of s and counts it when
// it was not empty.
func (c *cssCleaner) skipString(s string) int {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			if i > 1 {
				c.removed++
			}
			return i + 1
		case '\n':
			c.removed++
			return i // a bad string ends at the line's end, which stays
		}
	}
	c.removed++
	return len(s)
}

func (c *cssCleaner) atRule(rest string) {
	n, name := readName(rest[1:])
	switch name {
	case "import", "charset", "namespace":
		c.removed++
		c.pos += 1 + n
		c.skipTo(';', true)
		c.out.WriteByte(' ')
	default:
		c.out.WriteString(rest[:1+n])
		c.pos += 1 + n
	}
}

// skipTo passes over everything up to and including end, strings and parentheses
// as wholes. With statement a block stops it too, and stays.
func (c *cssCleaner) skipTo(end byte, statement bool) {
	depth := 0
	for c.pos < len(c.in) {
		ch := c.in[c.pos]
		switch {
		case ch == '"' || ch == '\'':
			c.pos += max(1, c.skipString(c.in[c.pos:]))
			continue
		case ch == '\\':
			c.pos++
		case depth == 0 && ch == end:
			c.pos++
			return
		case depth == 0 && statement && (ch == '}' || ch == '{'):
			return
		case ch == '(':
			depth++
		case ch == ')':
			depth--
		}
		c.pos++
	}
	c.pos = min(c.pos, len(c.in))
}

func (c *cssCleaner) name(rest string) {
	n, name := readName(rest)
	c.pos += n
	call := c.pos < len(c.in) && c.in[c.pos] == '('
	switch {
	case call && (name == "url" || name == "src" || name == "url-prefix" || name == "domain"):
		c.pos++
		start := c.pos
		was := c.removed
		c.skipTo(')', false)
		c.removed = was
		if strings.Trim(c.in[start:c.pos], "\"') ") != "" {
			c.removed++
		}
		c.out.WriteString(`url("")`)
	case call && name == "expression", name == "behavior", name == "-moz-binding":
		c.removed++
		c.out.WriteString("removed")
	default:
		c.out.WriteString(rest[:n])
	}
}

func nameStart(s string) bool {
	ch := s[0]
	return ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch == '_' || ch == '-' || ch >= utf8.RuneSelf ||
		ch == '\\' && len(s) > 1 && s[1] != '\n'
}

// readName reads a name, digits included, and gives its length and what it says
// in lower case once escapes are read. At least one byte is consumed when s
// starts a name.
func readName(s string) (n int, name string) {
	var b []byte // what it says, once there was an escape
	for n < len(s) {
		ch := s[n]
		switch {
		case ch == '\\' && n+1 < len(s) && s[n+1] != '\n':
			if b == nil {
				b = append(make([]byte, 0, n+16), s[:n]...)
			}
			size, r := readEscape(s[n+1:])
			n += 1 + size
			b = utf8.AppendRune(b, r)
		case ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || ch == '_' || ch == '-' || ch >= utf8.RuneSelf:
			n++
			if b != nil {
				b = append(b, ch)
			}
		default:
			return n, nameOf(s[:n], b)
		}
	}
	return n, nameOf(s[:n], b)
}

func nameOf(raw string, read []byte) string {
	if read != nil {
		return strings.ToLower(string(read))
	}
	return strings.ToLower(raw)
}

func readEscape(s string) (n int, r rune) {
	for n < len(s) && n < 6 && isHex(s[n]) {
		n++
	}
	if n == 0 {
		r, n = utf8.DecodeRuneInString(s)
		return n, r
	}
	v, err := strconv.ParseUint(s[:n], 16, 32)
	if err != nil || v == 0 || v > utf8.MaxRune {
		v = utf8.RuneError
	}
	if n < len(s) && (s[n] == ' ' || s[n] == '\t' || s[n] == '\n') {
		n++
	}
	return n, rune(v)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
