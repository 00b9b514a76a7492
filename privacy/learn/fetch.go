package learn

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// get asks for one address, politely.
func (w *walk) get(u *url.URL, limit int64) (*http.Response, []byte, error) {
	delay := max(w.cfg.Delay, w.rules.delay)
	if wait := delay - time.Since(w.last); wait > 0 && !w.last.IsZero() {
		select {
		case <-time.After(wait):
		case <-w.ctx.Done():
			return nil, nil, w.ctx.Err()
		}
	}
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("learn: %w", err)
	}
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set("Accept", "text/html")
	res, err := w.client.Do(req)
	w.last = time.Now()
	if err != nil {
		return nil, nil, fmt.Errorf("learn: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	w.bytes += int64(len(body))
	if err != nil {
		return nil, nil, fmt.Errorf("learn: read %s: %w", u, err)
	}
	if int64(len(body)) > limit {
		return nil, nil, fmt.Errorf("learn: %s is larger than %d bytes", u, limit)
	}
	return res, body, nil
}

// readRobots: a site without the file allows everything; one whose file cannot be
// read (5xx) does not (RFC 9309, 2.3.1).
func (w *walk) readRobots() error {
	at := &url.URL{Scheme: w.start.Scheme, Host: w.start.Host, Path: "/robots.txt"}
	res, body, err := w.get(at, 512<<10)
	if err != nil {
		return err
	}
	switch {
	case res.StatusCode == http.StatusOK:
		w.rules = parseRobots(bytes.NewReader(body))
	case res.StatusCode >= 500:
		return fmt.Errorf("learn: %s answers %s: not reading the site", at, res.Status)
	}
	return nil
}

// readSitemaps queues the pages that the site itself lists. A sitemap that cannot
// be read is none: the links remain.
func (w *walk) readSitemaps() {
	for _, address := range w.rules.sitemaps {
		u, err := w.start.Parse(address)
		if err != nil || u.Host != w.start.Host || !strings.HasSuffix(u.Path, ".xml") {
			continue
		}
		res, body, err := w.get(u, maxPage)
		if err != nil || res.StatusCode != http.StatusOK {
			w.skipped[skipStatus]++
			continue
		}
		for _, loc := range sitemap(body) {
			if page, err := w.start.Parse(loc); err == nil {
				page.Fragment = ""
				w.push(page, 1)
			}
		}
	}
}

// sitemap gives the <loc> of every <url>.
func sitemap(body []byte) []string {
	var locs []string
	d := xml.NewDecoder(bytes.NewReader(body))
	inLoc := false
	for {
		token, err := d.Token()
		if err != nil { // the end, or no XML from here on
			return locs
		}
		switch t := token.(type) {
		case xml.StartElement:
			inLoc = t.Name.Local == "loc"
		case xml.EndElement:
			inLoc = false
		case xml.CharData:
			if inLoc {
				locs = append(locs, strings.TrimSpace(string(t)))
			}
		}
	}
}
