package demo

import (
	"net/http"
	"net/url"
	"strings"
)

// year is how long a choice about cookies is kept, in seconds.
const year = 365 * 24 * 3600

func (s *Site) cookies(w http.ResponseWriter, r *http.Request) {
	policy, _ := url.PathUnescape(cookie(r, "cookies_policy"))
	s.show(w, r, http.StatusOK, "cookies", &view{
		Title: "Cookies",
		Usage: strings.Contains(policy, `"usage":true`),
		Saved: r.URL.Query().Has("saved"),
	})
}

// setCookies is the way without script, from the banner and from the page.
func (s *Site) setCookies(w http.ResponseWriter, r *http.Request) {
	policy := `{"essential":true,"usage":false}`
	if r.PostFormValue("usage") == "yes" {
		policy = `{"essential":true,"usage":true}`
	}
	for name, value := range map[string]string{"cookies_policy": policy, "cookies_preferences_set": "true"} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: url.PathEscape(value), Path: "/", MaxAge: year, SameSite: http.SameSiteLaxMode})
	}
	http.Redirect(w, r, back(r.PostFormValue("back")), http.StatusSeeOther)
}

// back is the page that the banner stood on: a path of this site and nothing else.
func back(path string) string {
	u, err := url.Parse(path)
	if err != nil || path == "" || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return "/cookies?saved"
	}
	return path
}
