package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Config says where the dashboard is mounted.
type Config struct {
	// Prefix is the path below which everything stands ("/footpath"), or empty.
	Prefix string
	// Secure says whether the browser speaks https; nil: whether this connection
	// does.
	Secure func(*http.Request) bool
}

// The documents' policies. The dashboard loads nothing foreign and shows the
// player in a frame of its own host. The player alone may style inline (ruling
// 21), shows pictures and fonts that come inside the recording, and may connect
// nowhere: it is fed by postMessage (faults-and-attacks 3.3).
const (
	dashboardPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
		"frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
	playerPolicy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline' 'self'; img-src data: blob:; font-src data:; " +
		"connect-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
	// permissions: full screen for the stage is the one thing the pages ask for.
	permissions = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), " +
		"geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
		"picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"
)

// file is one thing to serve, ready in both forms.
type file struct {
	media  string
	policy string
	etag   string
	plain  []byte
	packed []byte // gzip, nil when it does not pay
}

type site struct {
	config Config
	files  map[string]file // by path below the prefix
}

// newSite reads the built files once; they are small and never change.
func newSite(config Config, dist fs.FS) (*site, error) {
	config.Prefix = strings.TrimRight(config.Prefix, "/")
	s := &site{config: config, files: map[string]file{}}
	entries, err := fs.ReadDir(dist, ".")
	if err != nil {
		return nil, fmt.Errorf("read dashboard: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		body, err := fs.ReadFile(dist, e.Name())
		if err != nil {
			return nil, fmt.Errorf("read dashboard: %w", err)
		}
		at, policy := "/"+e.Name(), dashboardPolicy
		if path.Ext(e.Name()) == ".html" {
			body = withPrefix(body, config.Prefix)
			at = page(e.Name())
		}
		if at == "/player/" {
			policy = playerPolicy
		}
		if s.files[at], err = ready(e.Name(), policy, body); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// page is where a document stands: index.html at /, player.html at /player/.
func page(name string) string {
	if name == "index.html" {
		return "/"
	}
	return "/" + strings.TrimSuffix(name, ".html") + "/"
}

// withPrefix puts the prefix before each address of a document that starts at
// the root; our documents write all of them that way.
func withPrefix(body []byte, prefix string) []byte {
	return bytes.ReplaceAll(body, []byte(`="/`), []byte(`="`+prefix+`/`))
}

func ready(name, policy string, body []byte) (file, error) {
	sum := sha256.Sum256(body)
	f := file{
		media: mime.TypeByExtension(path.Ext(name)), policy: policy, plain: body,
		etag: `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
	}
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return f, fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err = z.Write(body); err == nil {
		err = z.Close()
	}
	if err != nil {
		return f, fmt.Errorf("compress %s: %w", name, err)
	}
	if buf.Len() < len(body) {
		f.packed = buf.Bytes()
	}
	return f, nil
}

// ServeHTTP serves the files, the player's document at /player/, and the
// dashboard's document for every other path without an extension: it reads its
// screen from the address.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.headers(w.Header(), r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are answered here.", http.StatusMethodNotAllowed)
		return
	}
	at, below := strings.CutPrefix(r.URL.Path, s.config.Prefix)
	switch {
	case !below || (at != "" && at[0] != '/'):
		http.Error(w, "There is nothing at this address.", http.StatusNotFound)
		return
	case at == "" || at == "/player":
		http.Redirect(w, r, s.config.Prefix+at+"/", http.StatusPermanentRedirect)
		return
	}
	f, found := s.files[at]
	if !found && screen(at) {
		f, found = s.files["/"]
	}
	if !found {
		http.Error(w, "There is nothing at this address.", http.StatusNotFound)
		return
	}
	f.serve(w, r)
}

// screen says whether a path can be a screen of the dashboard: not the API's,
// not the collector's, and not a file's.
func screen(at string) bool {
	return !strings.HasPrefix(at, "/api/") && !strings.HasPrefix(at, "/v1/") && path.Ext(at) == ""
}

func (s *site) headers(h http.Header, r *http.Request) {
	h.Set("Content-Security-Policy", dashboardPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("X-DNS-Prefetch-Control", "off")
	secure := r.TLS != nil
	if s.config.Secure != nil {
		secure = s.config.Secure(r)
	}
	if secure {
		h.Set("Strict-Transport-Security", "max-age=63072000") // two years
	}
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", f.policy)
	h.Set("Cache-Control", "no-cache") // kept, but asked for again: an upgrade shows at once
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", f.etag)
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.media)
	body := f.plain
	if f.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the browser may be gone: nothing to do about it
	}
}
