package httpx

import (
	"net/http"
	"net/url"
	"strings"
)

// SameOrigin refuses what another site made the browser send (S35): each request
// that may change something must come from our own pages and carry JSON. A
// browser cannot be made to send application/json across sites without asking
// first, and we never say yes.
func SameOrigin(r *http.Request, p Peers) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if !fromUs(r, p) {
		return Errorf(http.StatusForbidden, "origin", "This request came from another site. Open the dashboard at its own address and try again; programs send the header Origin: %s.", p.Origin(r))
	}
	if !IsJSON(r) {
		return Errorf(http.StatusUnsupportedMediaType, "media-type", "Send the request as application/json.")
	}
	return nil
}

func fromUs(r *http.Request, p Peers) bool {
	if site := r.Header.Values("Sec-Fetch-Site"); len(site) > 0 {
		return len(site) == 1 && site[0] == "same-origin"
	}
	origins := r.Header.Values("Origin")
	if len(origins) != 1 {
		return false
	}
	u, err := url.Parse(origins[0])
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || strings.EqualFold(origins[0], p.Origin(r))
}
