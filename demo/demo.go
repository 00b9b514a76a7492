// Package demo is the site that `footpath demo` measures: a small planning
// service of a district that does not exist. It is written as such a service
// should be: it works without script, under a strict Content-Security-Policy, asks
// before it measures, and says in an error summary what is wrong with a form. The
// answers to the form stay in memory for 30 minutes at most, and nowhere else.
package demo

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"footpath/wire"
)

//go:embed pages assets
var files embed.FS

// Config says who measures the site.
type Config struct {
	Collector string          // address of Footpath, with its prefix, without a slash at its end
	Key       wire.ProjectKey // the project
	// Other is a second address of the site, linked in the footer.
	Other      string
	OtherLabel string
	Now        func() time.Time // time.Now when nil
}

// Site is the demo site.
type Site struct {
	cfg     Config
	policy  string
	pages   map[string]*template.Template
	answers *answers
	mux     *http.ServeMux
}

// New builds the site's pages.
func New(cfg Config) (*Site, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	collector, err := url.Parse(cfg.Collector)
	if err != nil || collector.Host == "" {
		return nil, fmt.Errorf("demo: %q is not an address", cfg.Collector)
	}
	s := &Site{cfg: cfg, policy: policy(collector.Scheme + "://" + collector.Host), answers: newAnswers(cfg.Now)}
	if s.pages, err = parsePages(); err != nil {
		return nil, err
	}
	s.mux = s.routes()
	return s, nil
}

// policy lets the page load its own files and the collector's script, and nothing
// inline.
func policy(collector string) string {
	return "default-src 'none'; script-src 'self' " + collector + "; connect-src " + collector +
		"; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

func parsePages() (map[string]*template.Template, error) {
	layout, err := template.ParseFS(files, "pages/layout.html")
	if err != nil {
		return nil, fmt.Errorf("demo: parse layout: %w", err)
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("demo: list pages: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, name := range names {
		page, err := template.Must(layout.Clone()).ParseFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("demo: parse %s: %w", name, err)
		}
		pages[strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".html")] = page
	}
	return pages, nil
}

func (s *Site) routes() *http.ServeMux {
	mux := http.NewServeMux()
	plain := func(path, page, title string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { s.show(w, r, http.StatusOK, page, &view{Title: title}) })
	}
	plain("/{$}", "start", "Plan building work in Hollowmere")
	plain("/guide", "guide", "Guides to planning permission")
	plain("/guide/extensions", "extensions", "Extensions and lofts")
	plain("/guide/fees", "fees", "Fees")
	plain("/guide/trees", "trees", "Trees and hedges")
	mux.HandleFunc("GET /guide/messages", s.messages)
	mux.HandleFunc("GET /search", s.search)
	mux.HandleFunc("GET /applications/{id}", s.application)
	mux.HandleFunc("GET /cookies", s.cookies)
	mux.HandleFunc("POST /cookies", s.setCookies)
	for _, step := range steps {
		mux.HandleFunc("GET /apply/"+step.name, func(w http.ResponseWriter, r *http.Request) { s.ask(w, r, step) })
		mux.HandleFunc("POST /apply/"+step.name, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, step) })
	}
	mux.HandleFunc("GET /apply/check", s.check)
	mux.HandleFunc("POST /apply/check", s.send)
	mux.HandleFunc("GET /apply/done", s.done)
	mux.Handle("GET /assets/", http.FileServerFS(files))
	mux.HandleFunc("GET /robots.txt", s.robots)
	mux.HandleFunc("GET /sitemap.xml", s.sitemap)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.show(w, r, http.StatusNotFound, "missing", &view{Title: "Page not found"})
	})
	return mux
}

// maxForm bounds a posted form: the description is the only long answer.
const maxForm = 64 << 10

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", s.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	if r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") != "" && r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		http.Error(w, "This form can only be sent from this site.", http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	s.mux.ServeHTTP(w, r)
}

// listed are the pages that the sitemap names: all that a stranger can read.
var listed = []string{
	"/", "/guide", "/guide/extensions", "/guide/fees", "/guide/trees", "/guide/messages", "/search", "/search?postcode=none", "/search?postcode=HM4+4ZZ",
	"/search?postcode=HM1+2AB", "/apply/work", "/apply/you", "/apply/details", "/apply/check", "/apply/done", "/cookies",
}

func (s *Site) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "User-agent: *\nAllow: /\n\nSitemap: http://%s/sitemap.xml\n", r.Host)
}

func (s *Site) sitemap(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for _, path := range listed {
		fmt.Fprintf(w, "<url><loc>http://%s%s</loc></url>", template.HTMLEscapeString(r.Host), template.HTMLEscapeString(path))
	}
	fmt.Fprint(w, "</urlset>")
}
