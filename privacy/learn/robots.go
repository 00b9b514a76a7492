package learn

import (
	"bufio"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// robots are the rules of a robots.txt that apply to us (RFC 9309).
type robots struct {
	rules    []rule
	delay    time.Duration
	sitemaps []string
}

type rule struct {
	allow   bool
	pattern string
}

// maxDelay bounds Crawl-delay: more would never end within MaxTime.
const maxDelay = 10 * time.Second

// parseRobots reads the group that names us, or else the one for everybody.
func parseRobots(r io.Reader) robots {
	groups := map[string]*robots{}
	var sitemaps []string
	var agents []string
	inRules := false
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "sitemap":
			sitemaps = append(sitemaps, value)
		case "user-agent":
			if inRules {
				agents, inRules = nil, false
			}
			agents = append(agents, strings.ToLower(value))
		case "allow", "disallow", "crawl-delay":
			inRules = true
			for _, a := range agents {
				if groups[a] == nil {
					groups[a] = &robots{}
				}
				groups[a].add(key, value)
			}
		}
	}
	ours := robots{}
	if g := groups["footpath-learn"]; g != nil {
		ours = *g
	} else if g := groups["*"]; g != nil {
		ours = *g
	}
	ours.sitemaps = sitemaps
	return ours
}

func (r *robots) add(key, value string) {
	switch {
	case key == "crawl-delay":
		if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 {
			r.delay = min(time.Duration(s*float64(time.Second)), maxDelay)
		}
	case value != "":
		r.rules = append(r.rules, rule{allow: key == "allow", pattern: value})
	}
}

// allows: the longest rule that matches decides; allow wins a tie.
func (r *robots) allows(u *url.URL) bool {
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	best, allowed := -1, true
	for _, rule := range r.rules {
		n := len(rule.pattern)
		if (n > best || n == best && rule.allow) && matches(rule.pattern, path) {
			best, allowed = n, rule.allow
		}
	}
	return allowed
}

// matches knows "*" (anything) and "$" at the end (here the path ends).
func matches(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	pieces := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, pieces[0]) {
		return false
	}
	rest := path[len(pieces[0]):]
	for i, piece := range pieces[1:] {
		if anchored && i == len(pieces)-2 {
			return strings.HasSuffix(rest, piece)
		}
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		rest = rest[at+len(piece):]
	}
	return !anchored || rest == ""
}
