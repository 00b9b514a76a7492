package learn

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// minURLs: a text of a listing's detail pages is the template's own when at least
// three of them have it (ruling 16); with fewer it may be about one case.
const minURLs = 3

// minSiblings: this many pages below one path are a listing even when their last
// segments look like words ("/people/jane-doe").
const minSiblings = 10

// idLike are path segments that name one thing among many: digits, long
// hexadecimal or random strings.
var idLike = regexp.MustCompile(`\d|^[0-9a-fA-F-]{16,}$|^[A-Za-z0-9_-]{24,}$`)

// sightings remember on which pages each text was seen.
type sightings struct {
	pages   map[string]*url.URL
	seen    map[string]map[string]bool // text → addresses
	parts   map[string]bool            // texts seen as an interface part
	leftOut map[string]int
}

func newSightings() *sightings {
	return &sightings{pages: map[string]*url.URL{}, seen: map[string]map[string]bool{}, parts: map[string]bool{}, leftOut: map[string]int{}}
}

func (s *sightings) add(at *url.URL, texts []text) {
	address := at.String()
	s.pages[address] = at
	for _, t := range texts {
		if s.seen[t.value] == nil {
			s.seen[t.value] = map[string]bool{}
		}
		s.seen[t.value][address] = true
		s.parts[t.value] = s.parts[t.value] || t.part
	}
}

// public sorts the texts out: what the public may be assumed to know, and how
// many were left out for which reason.
func (s *sightings) public() ([]string, map[string]int) {
	templates := s.templates()
	var texts []string
	for value, addresses := range s.seen {
		if kind := Personal(value); kind != "" {
			s.leftOut["looks like personal data: "+kind]++
			continue
		}
		if !s.parts[value] && nameShaped(value) {
			s.leftOut["looks like personal data: name"]++
			continue
		}
		if !common(addresses, templates) {
			s.leftOut["only on detail pages of a listing"]++
			continue
		}
		texts = append(texts, value)
	}
	slices.Sort(texts)
	return texts, s.leftOut
}

// common: seen on a page that is no detail page, or on enough of one template.
func common(addresses map[string]bool, templates map[string]string) bool {
	count := map[string]int{}
	for a := range addresses {
		template := templates[a]
		if template == "" {
			return true
		}
		if count[template]++; count[template] >= minURLs {
			return true
		}
	}
	return false
}

// templates maps each detail page to its template; other pages are not in it.
func (s *sightings) templates() map[string]string {
	siblings := map[string]int{}
	for _, u := range s.pages {
		siblings[parent(u)]++
	}
	out := map[string]string{}
	for address, u := range s.pages {
		segments := strings.Split(strings.Trim(u.Path, "/"), "/")
		detail := u.RawQuery != ""
		for i, segment := range segments {
			if idLike.MatchString(segment) {
				segments[i], detail = ":id", true
			}
		}
		if last := len(segments) - 1; !detail && segments[last] != "" && siblings[parent(u)] >= minSiblings {
			segments[last], detail = ":id", true
		}
		if detail {
			out[address] = "/" + strings.Join(segments, "/")
		}
	}
	return out
}

func parent(u *url.URL) string {
	path := strings.TrimRight(u.Path, "/")
	return path[:strings.LastIndexByte(path, '/')+1]
}
