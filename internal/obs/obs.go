// Package obs is how Footpath is observed: structured logs that cannot hold an
// address, a browser's name or a query string, and a registry of bounded metrics.
package obs

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Logger returns a structured logger. Level is debug, info, warn or error; format
// is text or json. Both handlers quote control characters, so that no value can
// forge a line or drive a terminal (S48).
func Logger(w io.Writer, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: write debug, info, warn or error", level)
	}
	opts := &slog.HandlerOptions{Level: l, ReplaceAttr: redact}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("log format %q: write text or json", format)
}

// Discard is a logger for tests and for tools that report otherwise.
func Discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// private are attribute names whose values say who somebody is. They are
// forbidden in a log; the net below catches what a reviewer did not.
var private = map[string]bool{
	"ip": true, "addr": true, "address": true, "remote": true, "remote_addr": true, "client": true, "peer": true,
	"forwarded": true, "x-forwarded-for": true, "ua": true, "user_agent": true, "user-agent": true,
	"query": true, "cookie": true, "authorization": true, "password": true, "token": true, "secret": true,
	"visitor": true, "body": true,
}

// redact empties private attributes and cuts the query and the fragment from
// every string that holds an address.
func redact(_ []string, a slog.Attr) slog.Attr {
	if private[strings.ToLower(a.Key)] {
		return slog.String(a.Key, "[redacted]")
	}
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, StripQuery(v))
	case error:
		return slog.String(a.Key, StripQuery(v.Error()))
	}
	return a
}

// StripQuery cuts query and fragment from each address (scheme://…) in s; other
// text stays as it is.
func StripQuery(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	var b strings.Builder
	for {
		at := strings.Index(s, "://")
		if at < 0 {
			b.WriteString(s)
			return b.String()
		}
		rest := s[at+3:]
		end := strings.IndexAny(rest, " \t\r\n\"'<>")
		if end < 0 {
			end = len(rest)
		}
		address := rest[:end]
		if cut := strings.IndexAny(address, "?#"); cut >= 0 {
			address = address[:cut]
		}
		b.WriteString(s[:at+3])
		b.WriteString(address)
		s = rest[end:]
	}
}
