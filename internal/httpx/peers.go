package httpx

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Peers knows how the server is reached: its public address and the proxies in
// front of it. Headers that a proxy adds are believed from a trusted proxy alone
// (fault 30, S28).
type Peers struct {
	Public  *url.URL       // address that people use, or nil: as each request says
	Proxies []netip.Prefix // trusted
}

// NewPeers parses the public address ("https://host/prefix", or empty) and the
// trusted proxies (addresses or networks).
func NewPeers(public string, proxies []string) (Peers, error) {
	var p Peers
	if public != "" {
		u, err := url.Parse(public)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return p, fmt.Errorf("public address %q: write it as https://host or https://host/prefix", public)
		}
		p.Public = u
	}
	for _, s := range proxies {
		if prefix, err := netip.ParsePrefix(s); err == nil {
			p.Proxies = append(p.Proxies, prefix.Masked())
			continue
		}
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return p, fmt.Errorf("trusted proxy %q: write an address or a network such as 10.0.0.0/8", s)
		}
		addr = addr.Unmap()
		p.Proxies = append(p.Proxies, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return p, nil
}

// Secure says whether the visitor's browser speaks https: to us, or to a trusted
// proxy that says so.
func (p Peers) Secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	if !p.trusted(remote(r)) {
		return false
	}
	return lastOf(r.Header.Values("X-Forwarded-Proto")) == "https"
}

// Origin is scheme and host as the browser names them.
func (p Peers) Origin(r *http.Request) string {
	if p.Public != nil {
		return p.Public.Scheme + "://" + p.Public.Host
	}
	scheme := "http"
	if p.Secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// Client is a key for who is at the other end, for back-off and nothing else: a
// keyed hash, since the address itself must not be kept. IPv6 networks count as
// one from /64 on, the smallest that one customer gets.
func (p Peers) Client(r *http.Request, secret []byte) string {
	addr := p.address(r)
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			addr = prefix.Addr()
		}
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(addr.AsSlice())
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

// address is the nearest address that is not a trusted proxy's, read from the
// right of X-Forwarded-For: what stands further left anybody can write.
func (p Peers) address(r *http.Request) netip.Addr {
	at := remote(r)
	if !p.trusted(at) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return at
		}
		at = addr.Unmap()
		if !p.trusted(at) {
			return at
		}
	}
	return at
}

func (p Peers) trusted(addr netip.Addr) bool {
	for _, prefix := range p.Proxies {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// Loopback says whether the host that the browser asked for is this machine.
func Loopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}

func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	parts := strings.Split(values[len(values)-1], ",")
	return strings.ToLower(strings.TrimSpace(parts[len(parts)-1]))
}
