package learn

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Bounds of one walk that nobody needs to set.
const (
	maxPage      = 4 << 20 // bytes of one page: twice the longest HTML standard page
	maxQueries   = 3       // addresses that differ in their query alone
	maxRedirects = 5
	maxQueue     = 20_000 // addresses waiting
	maxPath      = 1_024  // bytes of an address
	pageTimeout  = 20 * time.Second
)

// Reasons why an address is not read.
const (
	skipOrigin  = "on another site"
	skipRobots  = "robots.txt"
	skipQuery   = "query"
	skipDepth   = "too many links away"
	skipPages   = "page limit"
	skipBytes   = "byte limit"
	skipTime    = "time limit"
	skipType    = "not HTML"
	skipCharset = "not UTF-8"
	skipStatus  = "not found or an error"
	skipMarked  = "marked as a register"
	skipIndex   = "noindex"
)

type step struct {
	at    *url.URL
	depth int
}

// walk is the state of one crawl: breadth first, one request at a time.
type walk struct {
	ctx       context.Context
	cfg       Config
	start     *url.URL
	client    *http.Client
	rules     robots
	queue     []step
	known     map[string]bool
	queries   map[string]int
	bytes     int64
	last      time.Time
	sightings *sightings
	read      []string
	skipped   map[string]int
}

func newWalk(ctx context.Context, c *Crawler) *walk {
	client := *c.cfg.Client
	client.Jar = nil
	client.Timeout = pageTimeout
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &walk{
		ctx: ctx, cfg: c.cfg, start: c.origin, client: &client,
		known: map[string]bool{}, queries: map[string]int{}, skipped: map[string]int{}, sightings: newSightings(),
	}
}

func (w *walk) run() error {
	if err := w.readRobots(); err != nil {
		return err
	}
	start := *w.start
	start.Fragment = ""
	w.push(&start, 0)
	if len(w.queue) == 0 {
		return fmt.Errorf("learn: robots.txt of %s forbids reading %s", w.start.Host, w.start.Path)
	}
	for len(w.queue) > 0 {
		s := w.queue[0]
		w.queue = w.queue[1:]
		if len(w.read) >= w.cfg.MaxPages {
			w.skipped[skipPages]++
			continue
		}
		if w.bytes >= w.cfg.MaxBytes {
			w.skipped[skipBytes]++
			continue
		}
		err := w.visit(s)
		if w.ctx.Err() != nil {
			w.skipped[skipTime] += 1 + len(w.queue)
			break
		}
		if err != nil && len(w.read) == 0 && s.depth == 0 {
			return err
		}
		if err != nil {
			w.skipped[skipStatus]++
		}
		if s.depth == 0 {
			w.readSitemaps()
		}
	}
	if len(w.read) == 0 {
		return fmt.Errorf("learn: nothing could be read at %s", w.start)
	}
	return nil
}

// push queues an address unless a rule forbids it or it is known.
func (w *walk) push(u *url.URL, depth int) {
	if u.Path == "" {
		u.Path = "/"
	}
	address := u.String()
	if w.known[address] || len(w.queue) >= maxQueue || len(address) > maxPath {
		return
	}
	w.known[address] = true
	switch {
	case u.Scheme != w.start.Scheme || u.Host != w.start.Host:
		w.skipped[skipOrigin]++
	case !w.rules.allows(u):
		w.skipped[skipRobots]++
	case depth > w.cfg.MaxDepth:
		w.skipped[skipDepth]++
	case u.RawQuery != "" && w.queries[u.Path] >= maxQueries:
		w.skipped[skipQuery]++
	default:
		if u.RawQuery != "" {
			w.queries[u.Path]++
		}
		w.queue = append(w.queue, step{u, depth})
	}
}

// visit reads one page: its texts, and where it leads.
func (w *walk) visit(s step) error {
	res, body, err := w.get(s.at, maxPage)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		return w.redirect(s, res)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("learn: %s answers %s", s.at, res.Status)
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "text/html" && kind != "application/xhtml+xml" {
		w.skipped[skipType]++
		return nil
	}
	if !utf8.Valid(body) {
		w.skipped[skipCharset]++
		return nil
	}
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("learn: read %s: %w", s.at, err)
	}
	p := parse(doc, s.at)
	p.rules(res.Header.Get("X-Robots-Tag"))
	w.take(s, p)
	return nil
}

func (w *walk) take(s step, p page) {
	w.read = append(w.read, s.at.String())
	switch {
	case p.register:
		w.skipped[skipMarked]++
	case p.noindex:
		w.skipped[skipIndex]++
	default:
		w.sightings.add(s.at, p.texts)
	}
	if p.nofollow {
		return
	}
	for _, link := range p.links {
		if u, err := url.Parse(link); err == nil {
			w.push(u, s.depth+1)
		}
	}
}

// redirect queues the target at the same depth; a chain ends since every address
// is queued once, and depth grows by one for it.
func (w *walk) redirect(s step, res *http.Response) error {
	target, err := s.at.Parse(res.Header.Get("Location"))
	if err != nil {
		return fmt.Errorf("learn: %s leads nowhere: %w", s.at, err)
	}
	target.Fragment = ""
	if len(w.read) == 0 && len(w.known) > maxRedirects {
		return fmt.Errorf("learn: %s redirects too often", w.start)
	}
	if len(w.read) == 0 && (target.Host != w.start.Host || target.Scheme != w.start.Scheme) {
		return fmt.Errorf("learn: %s leads to another site, %s://%s: start there", s.at, target.Scheme, target.Host)
	}
	w.push(target, s.depth)
	return nil
}
