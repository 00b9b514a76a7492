package collect

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"footpath/store/meta"
	"footpath/wire"
)

// anyOrigin lets every site read an answer that is the same for everybody.
func anyOrigin(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// allowOrigin lets one site read an answer, without credentials (S24).
func allowOrigin(w http.ResponseWriter, origin string) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", wire.ReasonHeader+", Retry-After")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Add("Vary", "Origin")
}

// servePreflight answers for what a recorder sends and for the origins that any
// project lists; others get no permission and no reason.
func (c *Collector) servePreflight(w http.ResponseWriter, r *http.Request) {
	if origin := originOf(r); c.projects.Load().lists(origin) {
		allowOrigin(w, origin)
		w.Header().Set("Access-Control-Allow-Methods", "POST")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
		w.Header().Set("Access-Control-Max-Age", "600")
	} else {
		w.Header().Add("Vary", "Origin")
	}
	w.WriteHeader(http.StatusNoContent)
}

// serveLoader serves the script that a site's snippet names, at the path that
// Smartlook's own client asks for.
func (c *Collector) serveLoader(w http.ResponseWriter, r *http.Request) {
	c.m.configs.WithLabelValues("recorder").Inc()
	origin := originOf(r)
	for key, p := range c.projects.Load().byKey {
		if origin != "" && listed(p.Domains, origin) {
			c.pulse.script(key, c.deps.Now().UnixMilli())
		}
	}
	anyOrigin(w)
	// Ten minutes: a fix of the recorder reaches visitors soon, and a page view
	// seldom costs more than a revalidation.
	serveFile(w, r, "text/javascript; charset=utf-8", "public, max-age=600", c.deps.Loader)
}

// serveCore serves the DOM recorder; its path holds its hash.
func (c *Collector) serveCore(w http.ResponseWriter, r *http.Request) {
	c.m.configs.WithLabelValues("core").Inc()
	anyOrigin(w)
	serveFile(w, r, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", c.deps.Core)
}

// serveConfig answers what a recorder may do: the same for every visitor, no
// cookie, cacheable (ruling 1). An unknown key and a revoked one look alike (S17).
func (c *Collector) serveConfig(w http.ResponseWriter, r *http.Request) {
	c.m.configs.WithLabelValues("config").Inc()
	anyOrigin(w)
	p := c.projects.Load().get(wire.ProjectKey(r.PathValue("key")))
	if p == nil || p.Revoked {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set(wire.ReasonHeader, string(wire.ReasonUnknownKey))
		w.Header().Set("Access-Control-Expose-Headers", wire.ReasonHeader)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	c.pulse.config(p.Key, originOf(r), c.deps.Now().UnixMilli())
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=60")
	h.Set("ETag", p.etag)
	if r.Header.Get("If-None-Match") == p.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(p.config)))
	_, _ = w.Write(p.config) // a client that is gone asks again
}

// serveTexts answers the hashes of a public text set, immutable for its version.
func (c *Collector) serveTexts(w http.ResponseWriter, r *http.Request) {
	c.m.configs.WithLabelValues("texts").Inc()
	anyOrigin(w)
	p := c.projects.Load().get(wire.ProjectKey(r.PathValue("key")))
	if p == nil || p.Revoked {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	set, err := c.deps.Meta.Texts(r.Context(), p.Key, r.PathValue("version"))
	var body []byte
	if err == nil && set.Approved.IsZero() {
		err = fmt.Errorf("%w: not approved", meta.ErrNotFound)
	}
	if err == nil {
		body, err = hashTexts(set)
	}
	switch {
	case err == nil:
		serveFile(w, r, "application/json", "public, max-age=31536000, immutable", body)
	case errors.Is(err, meta.ErrNotFound):
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusNotFound)
	default:
		c.log.Error("read a public text set", slog.Any("error", err))
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
