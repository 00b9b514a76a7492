package config

import (
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SecretLen is the length of the installation's secret in bytes.
const SecretLen = 32

// check finds values that are well-formed but cannot work.
func (c *Config) check() []error {
	var errs []error
	bad := func(name, format string, args ...any) {
		errs = append(errs, &Error{c.Origin(name), name + " " + fmt.Sprintf(format, args...)})
	}
	c.checkServer(bad)
	c.checkTransport(bad)
	if c.Data.Dir == "" {
		bad("data.dir", "must name a directory")
	}
	if v := c.Secrets.Value; v != "" {
		if raw, err := hex.DecodeString(v); err != nil || len(raw) != SecretLen {
			bad("secrets.value", "must be %d hexadecimal characters", 2*SecretLen)
		}
	}
	if c.Journal.MaxBytes < 0 {
		bad("journal.max_bytes", "must not be negative")
	}
	// DuckDB needs some 60 MB to open a file; 1 TB is beyond any machine meant here.
	if m := c.Events.MemoryMB; m < 64 || m > 1<<20 {
		bad("events.memory_mb", "must be between 64 and %d, not %d", 1<<20, m)
	}
	if n := c.Events.Threads; n < 1 || n > 256 {
		bad("events.threads", "must be between 1 and 256, not %d", n)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		bad("log.level", "must be debug, info, warn or error, not %q", c.Log.Level)
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		bad("log.format", "must be text or json, not %q", c.Log.Format)
	}
	return errs
}

func (c *Config) checkServer(bad func(string, string, ...any)) {
	s := &c.Server
	if err := checkListen(s.Listen); err != nil {
		bad("server.listen", "%v", err)
	}
	if s.Admin != "" {
		if err := checkListen(s.Admin); err != nil {
			bad("server.admin", "%v", err)
		} else if !Loopback(s.Admin) {
			bad("server.admin", "must be a loopback address (127.0.0.1:9090): it has no sign-in")
		}
	}
	for i, p := range s.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err == nil {
			continue
		}
		addr, err := netip.ParseAddr(p)
		if err != nil {
			bad("server.trusted_proxies", "holds %q, which is neither an address nor a network", p)
			continue
		}
		s.TrustedProxies[i] = netip.PrefixFrom(addr, addr.BitLen()).String()
	}
	if s.Prefix != "" {
		s.Prefix = "/" + strings.Trim(s.Prefix, "/")
		if s.Prefix == "/" {
			s.Prefix = ""
		}
		if strings.ContainsAny(s.Prefix, "?#%\\\"<> {}") || strings.Contains(s.Prefix, "//") || strings.Contains(s.Prefix, "/.") {
			bad("server.prefix", "must be a plain path such as /footpath, not %q", s.Prefix)
		}
	}
	if s.ShutdownGrace < time.Second || s.ShutdownGrace > 10*time.Minute {
		bad("server.shutdown_grace", "must be between 1s and 10m, not %s", s.ShutdownGrace)
	}
}

// checkTransport refuses plain http where others could read along (S54).
func (c *Config) checkTransport(bad func(string, string, ...any)) {
	s := &c.Server
	if (s.TLSCert == "") != (s.TLSKey == "") {
		name := "server.tls_key"
		if s.TLSCert == "" {
			name = "server.tls_cert"
		}
		bad(name, "is missing: a certificate and its key come together")
	}
	https := s.TLSCert != ""
	if s.PublicURL != "" {
		u, err := url.Parse(s.PublicURL)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
			bad("server.public_url", "must be an address such as https://stats.example.org, not %q", s.PublicURL)
			return
		case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
			bad("server.public_url", "must have no user, query or fragment")
			return
		case strings.Trim(u.Path, "/") != strings.Trim(s.Prefix, "/"):
			bad("server.public_url", "has the path %q, but server.prefix is %q: they must be the same", u.Path, s.Prefix)
			return
		}
		s.PublicURL = strings.TrimRight(s.PublicURL, "/")
		if u.Scheme == "http" && !Loopback(hostPort(u)) && !s.InsecureHTTP {
			bad("server.public_url", "is plain http, so sign-in and visits could be read on the way: use https, or -insecure-http to allow it")
		}
	}
	if !https && !s.InsecureHTTP && checkListen(s.Listen) == nil && !Loopback(s.Listen) {
		bad("server.listen", "is %s without TLS, so sign-in and visits could be read on the way: give -tls-cert and -tls-key, listen on 127.0.0.1 behind a proxy that does (with -public-url https://…), or allow it with -insecure-http", s.Listen)
	}
}

// Public is the address that visitors and the team use, without a slash at its end.
func (c *Config) Public() string {
	if c.Server.PublicURL != "" {
		return c.Server.PublicURL
	}
	scheme := "http"
	if c.Server.TLSCert != "" {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(c.Server.Listen)
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return scheme + "://" + host + c.Server.Prefix
	}
	return scheme + "://" + net.JoinHostPort(host, port) + c.Server.Prefix
}

// Loopback says whether host:port can be reached from this machine only.
func Loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func checkListen(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return fmt.Errorf("must be host:port, not %q", text)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("has no usable port: %q", port)
	}
	return nil
}

// Print writes what is in force as a file that could be read back (secrets are
// masked), each line with its origin.
func (c *Config) Print(w io.Writer) error {
	section := ""
	for _, f := range fields(c) {
		s, key, _ := strings.Cut(f.name, ".")
		if s != section {
			section = s
			if _, err := fmt.Fprintf(w, "%s:\n", s); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "  %-40s # %s\n", key+": "+f.text(), c.Origin(f.name)); err != nil {
			return err
		}
	}
	return nil
}
