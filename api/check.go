package api

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones load on machines without a zone database too
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"footpath/internal/httpx"
	"footpath/store/meta"
)

// Bounds of a project's texts and lists: what a person writes, with room.
const (
	maxName    = 100
	maxText    = 2_000
	maxDomains = 50
	maxProps   = 200
)

// longestProfile bounds how long text may be shown in clear before somebody has
// to decide again (ruling 5): as long as events are kept.
const longestProfile = 13 * 31 * 24 * time.Hour

// LegalBases are what a project may rest on.
var LegalBases = []string{"consent", "public task", "legitimate interests"}

// checkProject names the first field that cannot stand, and what to write there.
func checkProject(p, old meta.Project, now time.Time) error {
	for _, check := range []func() error{
		func() error { return checkTexts(p) },
		func() error { return checkDomains(p.Domains) },
		func() error { return checkConsent(p) },
		func() error { return checkProfile(p, old, now) },
		func() error { return checkReplay(p) },
		func() error { return checkNumbers(p) },
		func() error { return checkRest(p) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func checkTexts(p meta.Project) error {
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxName || strings.ContainsFunc(p.Name, unicode.IsControl) {
		return httpx.Invalid("name", "Give the project a name of 1 to %d characters.", maxName)
	}
	for field, text := range map[string]string{"purpose": p.Purpose, "consentReason": p.ConsentReason, "profileReason": p.ProfileReason} {
		if utf8.RuneCountInString(text) > maxText {
			return httpx.Invalid(field, "Say it in at most %d characters.", maxText)
		}
	}
	return nil
}

func checkDomains(domains []string) error {
	if len(domains) == 0 {
		return httpx.Invalid("domains", "Name at least one host that may send, such as planning.example or *.planning.example.")
	}
	if len(domains) > maxDomains {
		return httpx.Invalid("domains", "Name at most %d hosts; *.planning.example stands for all below it.", maxDomains)
	}
	for i, d := range domains {
		if problem := checkDomain(d); problem != "" {
			return httpx.Invalid("domains", "%q: %s", d, problem)
		}
		if slices.Contains(domains[:i], d) {
			return httpx.Invalid("domains", "%q stands twice.", d)
		}
	}
	return nil
}

// label is one part of a host name, in the form browsers send (punycode).
var label = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// checkDomain says what is wrong with one host, or "".
func checkDomain(d string) string {
	if strings.Contains(d, "://") || strings.ContainsAny(d, "/?#@ ") {
		return "write the host alone, without https:// and without a path."
	}
	host, wild := strings.CutPrefix(d, "*.")
	name, port, hasPort := cutPort(host)
	if hasPort {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || port[0] == '0' {
			return "the port must be a number from 1 to 65535."
		}
	}
	if addr, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		if wild {
			return "an address has no subdomains."
		}
		if addr.Is6() != strings.HasPrefix(name, "[") {
			return "write an IPv6 address in brackets."
		}
		return ""
	}
	if len(name) > 253 {
		return "a host has at most 253 characters."
	}
	for _, l := range strings.Split(name, ".") {
		if !label.MatchString(l) {
			return "write a host such as planning.example; letters outside a-z as xn--…"
		}
	}
	if wild && name != "localhost" {
		if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name {
			return "this would let sites of other people send. Name the part before it too."
		}
	}
	return ""
}

func cutPort(host string) (name, port string, found bool) {
	at := strings.LastIndexByte(host, ':')
	if at < 0 || strings.HasSuffix(host, "]") || (strings.Count(host, ":") > 1 && !strings.HasPrefix(host, "[")) {
		return host, "", false
	}
	return host[:at], host[at+1:], true
}

func checkConsent(p meta.Project) error {
	switch p.Consent {
	case meta.OptIn:
		return nil
	case meta.OptOut, meta.None:
		if p.ConsentReason == "" {
			return httpx.Invalid("consentReason", "Say why visitors are not asked first: the notice shows it, and the audit log keeps it.")
		}
		return nil
	}
	return httpx.Invalid("consent", "Choose opt-in (nothing before a visitor agrees), opt-out or none.")
}

// checkProfile: showing text in clear needs a reason and an end (ruling 5). One
// that has ended may stay as it is when something else is changed.
func checkProfile(p, old meta.Project, now time.Time) error {
	switch p.Profile {
	case meta.Strict:
		return nil
	case meta.Smartlook:
	default:
		return httpx.Invalid("profile", "Choose strict (all text masked but public text) or smartlook (text in clear; fields, e-mail addresses and digits masked).")
	}
	if p.ProfileReason == "" {
		return httpx.Invalid("profileReason", "Say why text must be seen in clear: the audit log keeps it.")
	}
	if p.Profile == old.Profile && p.ProfileUntil.Equal(old.ProfileUntil) {
		return nil
	}
	if !p.ProfileUntil.After(now) {
		return httpx.Invalid("profileUntil", "Give the day until which text may be seen in clear; afterwards the project masks strictly again.")
	}
	if p.ProfileUntil.Sub(now) > longestProfile {
		return httpx.Invalid("profileUntil", "Choose a day within the next 13 months; it can be renewed.")
	}
	return nil
}

func checkReplay(p meta.Project) error {
	if p.LegalBasis != "" && !slices.Contains(LegalBases, p.LegalBasis) {
		return httpx.Invalid("legalBasis", "Choose one of: %s.", strings.Join(LegalBases, ", "))
	}
	if !p.Replay {
		return nil
	}
	if p.Purpose == "" {
		return httpx.Invalid("purpose", "Say why the project records, then replay can be switched on.")
	}
	if p.LegalBasis == "" {
		return httpx.Invalid("legalBasis", "Choose the legal basis, then replay can be switched on.")
	}
	return nil
}

func checkNumbers(p meta.Project) error {
	for _, n := range []struct {
		field       string
		value       int
		least, most int
		what        string
	}{
		{"sampling", p.Sampling, 0, 10_000, "ten-thousandths of sessions: 10000 records all, 0 none"},
		{"idleMinutes", p.IdleMinutes, 1, 60, "minutes without activity after which a session ends"},
		{"maxMinutes", p.MaxMinutes, 5, 240, "minutes after which a session ends in any case"},
		{"replayDays", p.ReplayDays, 1, 90, "days that replays are kept"},
		{"eventMonths", p.EventMonths, 1, 13, "months that events are kept"},
	} {
		if n.value < n.least || n.value > n.most {
			return httpx.Invalid(n.field, "Write a number from %d to %d: %s.", n.least, n.most, n.what)
		}
	}
	if p.MaxMinutes < p.IdleMinutes {
		return httpx.Invalid("maxMinutes", "A session cannot end before its idle time is over: write at least %d.", p.IdleMinutes)
	}
	return nil
}

// cookieName is a token as RFC 6265 has it.
var cookieName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")

func checkRest(p meta.Project) error {
	// "Local" would be the server's zone: another day on another machine.
	if _, err := time.LoadLocation(p.Zone); err != nil || p.Zone == "" || p.Zone == "Local" {
		return httpx.Invalid("zone", "Write a time zone such as Europe/London or UTC.")
	}
	if !slices.Contains([]string{"cookie", "local", "none"}, p.Storage) {
		return httpx.Invalid("storage", "Choose cookie, local (local storage alone) or none (nothing on the device).")
	}
	if p.ConsentCookie != "" && !cookieName.MatchString(p.ConsentCookie) {
		return httpx.Invalid("consentCookie", "Write the name of a cookie, without its value.")
	}
	if p.ConsentCookie == "cookies_policy" || p.ConsentCookie == "cookies_preferences_set" {
		return httpx.Invalid("consentCookie", "The cookies of the GOV.UK banner are read without being named. Leave this empty.")
	}
	if len(p.AllowedProps) > maxProps {
		return httpx.Invalid("allowedProps", "Allow at most %d properties.", maxProps)
	}
	for i, name := range p.AllowedProps {
		if n := utf8.RuneCountInString(name); n == 0 || n > 64 || strings.ContainsFunc(name, unicode.IsControl) {
			return httpx.Invalid("allowedProps", "A property's name has 1 to 64 characters.")
		}
		if slices.Contains(p.AllowedProps[:i], name) {
			return httpx.Invalid("allowedProps", "%q stands twice.", name)
		}
	}
	return nil
}
