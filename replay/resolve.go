package replay

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"footpath/wire"
)

var markBytes = []byte(string(wire.TextMark))

// Resolve puts the public texts in the place of their marks in an event's JSON.
// A mark whose index is not in the set becomes an x-word.
func Resolve(event []byte, texts []string) []byte {
	if !bytes.Contains(event, markBytes) {
		return event
	}
	out := make([]byte, 0, len(event)+256)
	for len(event) > 0 {
		i := bytes.Index(event, markBytes)
		if i < 0 {
			break
		}
		out = append(out, event[:i]...)
		text, n := resolveMark(string(event[i:min(len(event), i+32)]), texts)
		quoted := appendText(nil, text)
		out = append(out, quoted[1:len(quoted)-1]...)
		event = event[i+n:]
	}
	return append(out, event...)
}

// ResolveText puts the public texts in the place of their marks in a plain string.
func ResolveText(s string, texts []string) string {
	if !strings.ContainsRune(s, wire.TextMark) {
		return s
	}
	var b strings.Builder
	for {
		i := strings.IndexRune(s, wire.TextMark)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		text, n := resolveMark(s[i:], texts)
		b.WriteString(text)
		s = s[i+n:]
	}
}

// resolveMark gives the text of the mark at the start of s, and how much of s it
// takes.
func resolveMark(s string, texts []string) (string, int) {
	n := markAt(s)
	if n == 0 {
		return "", utf8.RuneLen(wire.TextMark)
	}
	digits := s[utf8.RuneLen(wire.TextMark) : n-utf8.RuneLen(wire.TextEnd)]
	i, err := strconv.Atoi(digits)
	if err != nil || i >= len(texts) {
		return "xxxxx", n
	}
	return texts[i], n
}
