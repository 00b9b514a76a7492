package replay

import (
	"regexp"
	"strings"
)

// The scan for personal data in strings that stand in clear: names of events,
// ids, classes, paths of addresses (H03, S30). It looks for what has a shape; it
// is a second net, not the rule.
var (
	emailShape = regexp.MustCompile(`[\w.+%-]+(@|%40)[\w-]+(\.[\w-]+)+`)
	ninoShape  = regexp.MustCompile(`(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]\b`)
	ibanShape  = regexp.MustCompile(`(?i)\b[A-Z]{2}\d{2}[ -]?([A-Z0-9]{4}[ -]?){2,7}[A-Z0-9]{1,4}\b`)
	runShape   = regexp.MustCompile(`\+?\d(?:[ ().-]?\d){8,}`)
)

// Personal says whether s holds an e-mail address, a run of nine or more digits
// (cards, phones, NHS numbers), a national insurance number or an IBAN.
func Personal(s string) bool {
	digits, at := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '@':
			at = true
		}
	}
	if !at && digits < 6 {
		// %40 needs two digits of its own and an address seldom has six.
		return digits >= 2 && strings.Contains(s, "%40") && emailShape.MatchString(s)
	}
	if (at || strings.Contains(s, "%40")) && emailShape.MatchString(s) {
		return true
	}
	return digits >= 6 && (ninoShape.MatchString(s) || digits >= 9 && (runShape.MatchString(s) || ibanShape.MatchString(s)))
}

// URL brings an address into the form that is stored: http or https, origin and
// path, no user, query or fragment; path segments that look personal become
// ":id". Anything else becomes empty. clean is false when something was changed.
func URL(s string) (out string, clean bool) {
	rest, ok := strings.CutPrefix(s, "https://")
	scheme := "https://"
	if !ok {
		scheme = "http://"
		if rest, ok = strings.CutPrefix(s, scheme); !ok {
			return "", s == ""
		}
	}
	if i := strings.IndexAny(rest, "?#\\"); i >= 0 {
		rest = rest[:i]
	}
	host, path, slash := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if host == "" || strings.ContainsAny(host, " <>\"'") {
		return "", false
	}
	if slash {
		path = "/" + path
		if Personal(path) {
			segments := strings.Split(path, "/")
			for i, seg := range segments {
				if Personal(seg) {
					segments[i] = ":id"
				}
			}
			path = strings.Join(segments, "/")
		}
	}
	out = scheme + host + path
	return out, out == s
}

// Origin is the origin of an address, empty when it has none.
func Origin(s string) string {
	u, _ := URL(s)
	i := strings.Index(u, "://")
	if i < 0 {
		return ""
	}
	if j := strings.IndexByte(u[i+3:], '/'); j >= 0 {
		return u[:i+3+j]
	}
	return u
}
