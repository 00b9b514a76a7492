package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"footpath/internal/config"
)

// Bounds of the public listener. A recorder's request is 1 MB at most, so half a
// minute is 35 KB/s: slower than any phone network that loads pages at all.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// listen takes the address before anything else is started, so that a port in use
// is told at once (fault 77).
func listen(cfg config.Config, setting, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &config.Error{Where: cfg.Origin(setting), Msg: fmt.Sprintf("%s: cannot listen on %s: %v", setting, address, err)}
	}
	return l, nil
}

// withTLS wraps the listener when there is a certificate; TLS 1.2 is the least (S54).
func withTLS(cfg config.Config, l net.Listener) (net.Listener, error) {
	pairs, err := certificate(cfg)
	if err != nil || pairs == nil {
		return l, err
	}
	return tls.NewListener(l, &tls.Config{Certificates: pairs, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// certificate reads the certificate and its key; none when none is named.
func certificate(cfg config.Config) ([]tls.Certificate, error) {
	if cfg.Server.TLSCert == "" {
		return nil, nil
	}
	if err := config.PrivateFile(cfg.Server.TLSKey); err != nil {
		return nil, &config.Error{Where: cfg.Origin("server.tls_key"), Msg: err.Error()}
	}
	pair, err := tls.LoadX509KeyPair(cfg.Server.TLSCert, cfg.Server.TLSKey)
	if err != nil {
		return nil, &config.Error{Where: cfg.Origin("server.tls_cert"), Msg: fmt.Sprintf("certificate and key cannot be used: %v", err)}
	}
	return []tls.Certificate{pair}, nil
}

// front sends each path to its room: what visitors' browsers ask for to the
// collector, the rest to the dashboard.
func front(prefix string, collector, api, dashboard http.Handler, health *health) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, inside := strings.CutPrefix(r.URL.Path, prefix)
		switch {
		case r.URL.Path == "/livez":
			health.live(w, r)
		case r.URL.Path == "/readyz":
			health.ready(w, r)
		case path == "/metrics": // on the admin listener alone (S52)
			http.NotFound(w, r)
		case prefix != "" && r.URL.Path == prefix:
			http.Redirect(w, r, prefix+"/", http.StatusMovedPermanently)
		case !inside || !strings.HasPrefix(path, "/"):
			http.NotFound(w, r)
		case strings.HasPrefix(path, "/v1/"), strings.HasPrefix(path, "/recorder"):
			http.StripPrefix(prefix, collector).ServeHTTP(w, r)
		case strings.HasPrefix(path, "/api/"):
			api.ServeHTTP(w, r)
		default:
			dashboard.ServeHTTP(w, r)
		}
	})
}

// serveUntil serves on l until ctx ends; then requests under way may finish within
// grace (fault 71).
func serveUntil(ctx context.Context, l net.Listener, h http.Handler, grace time.Duration, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		// net/http's own lines hold visitors' addresses; the rooms log what matters.
		ErrorLog: stdlog.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(late); err != nil {
		if log != nil {
			log.Warn("requests were cut at the end of the grace time", slog.Duration("grace", grace))
		}
		_ = server.Close()
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// checksOf are what a request needs: metadata, and a journal whose device works.
func checksOf(st *stores) map[string]func(context.Context) error {
	checks := map[string]func(context.Context) error{
		"metadata": func(ctx context.Context) error {
			_, err := st.meta.Projects(ctx)
			return err
		},
		"events": func(ctx context.Context) error {
			_, err := st.events.Offset(ctx)
			return err
		},
	}
	if log, ok := st.log.(interface{ Err() error }); ok {
		checks["journal"] = func(context.Context) error { return log.Err() }
	}
	return checks
}

// health answers whether the process lives, and whether it should get requests.
type health struct {
	stopping <-chan struct{}
	checks   map[string]func(context.Context) error
}

// checkTime bounds one check: a probe that waits longer counts as failed anyway.
const checkTime = 2 * time.Second

func (h *health) live(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, http.StatusOK, map[string]any{"live": true})
}

// ready names the parts that are not; the reasons' details stand in the log.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	reasons := map[string]string{}
	select {
	case <-h.stopping:
		reasons["process"] = "stopping"
	default:
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTime)
	defer cancel()
	for part, check := range h.checks {
		if err := check(ctx); err != nil {
			reasons[part] = "failing"
		}
	}
	if len(reasons) > 0 {
		writeHealth(w, http.StatusServiceUnavailable, map[string]any{"ready": false, "reasons": reasons})
		return
	}
	writeHealth(w, http.StatusOK, map[string]any{"ready": true})
}

func writeHealth(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
