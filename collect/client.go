package collect

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/netip"
	"strings"

	"github.com/mileusna/useragent"

	"footpath/journal"
	"footpath/wire"
)

// reduce takes a user agent to device class, browser family with major version,
// and system family. It is all that is kept of it. The second result says that a
// machine calls itself one.
func reduce(ua string) (journal.Client, bool) {
	u := useragent.Parse(ua)
	c := journal.Client{Device: "other", Browser: family(u.Name), OS: family(u.OS), Bot: u.Bot || automaton(ua)}
	switch {
	case c.Bot:
	case u.Tablet:
		c.Device = "tablet"
	case u.Mobile:
		c.Device = "mobile"
	case u.Desktop:
		c.Device = "desktop"
	}
	if major, _, _ := strings.Cut(u.Version, "."); c.Browser != "other" && digits(major) {
		c.Browser += " " + major
	}
	return c, c.Bot
}

// family keeps the names on a list: an unknown agent may call itself anything, and
// what it says must not become an identifier.
func family(name string) string {
	known := map[string]string{
		useragent.Windows: "Windows", useragent.WindowsPhone: "Windows", useragent.Android: "Android", useragent.MacOS: "macOS",
		useragent.IOS: "iOS", useragent.Linux: "Linux", useragent.ChromeOS: "ChromeOS", useragent.CrOS: "ChromeOS", useragent.FreeBSD: "BSD",
		useragent.Chrome: "Chrome", useragent.HeadlessChrome: "Chrome", useragent.Firefox: "Firefox",
		useragent.Safari: "Safari", useragent.MobileSafari: "Safari", useragent.Edge: "Edge",
		useragent.Opera: "Opera", useragent.OperaMini: "Opera Mini", useragent.OperaTouch: "Opera", useragent.Vivaldi: "Vivaldi",
		useragent.SamsungBrowser: "Samsung Internet", useragent.InternetExplorer: "Internet Explorer", useragent.Msie: "Internet Explorer",
		useragent.FacebookApp: "Facebook App", useragent.InstagramApp: "Instagram App", useragent.TiktokApp: "TikTok App",
	}
	if n, ok := known[name]; ok {
		return n
	}
	return "other"
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 4
}

// automaton knows machines that the library does not.
func automaton(ua string) bool {
	for _, mark := range []string{"HeadlessChrome", "PhantomJS", "Playwright", "puppeteer", "Lighthouse", "python-requests", "curl/", "Go-http-client"} {
		if strings.Contains(ua, mark) {
			return true
		}
	}
	return ua == ""
}

// Countries answers which country an address is in: two letters, or nothing.
type Countries interface {
	Country(netip.Addr) string
}

// address is whose request it is: the peer or, behind trusted proxies only, what
// the last of them says (fault 30). It is never logged or stored.
func (c *Collector) address(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && c.trusts(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr
}

func (c *Collector) trusts(addr netip.Addr) bool {
	for _, p := range c.cfg.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// netOf is the key of an address's network, /24 or /48, for the limits: a hash
// under a key that lives in memory only.
func (c *Collector) netOf(addr netip.Addr) (key netKey) {
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return key // no address: all such share a bucket
	}
	mac := hmac.New(sha256.New, c.netSalt)
	mac.Write(prefix.Addr().AsSlice())
	copy(key[:], mac.Sum(nil))
	return key
}

// originOf is the request's origin as scheme://host[:port] in lower case, or
// nothing when there is none that a site could have.
func originOf(r *http.Request) string {
	o := strings.ToLower(r.Header.Get("Origin"))
	if len(o) > wire.MaxString || len(r.Header.Values("Origin")) > 1 || o == "null" {
		return ""
	}
	return o
}
