package demo_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"footpath/demo"
	"footpath/privacy/learn"
)

const key = "0123456789abcdef0123456789abcdef01234567"

func start(t *testing.T) (*httptest.Server, *http.Client) {
	t.Helper()
	site, err := demo.New(demo.Config{Collector: "http://127.0.0.1:8080/footpath", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return server, &http.Client{Jar: jar}
}

// get and post give the page that the browser ends on.
func get(t *testing.T, c *http.Client, address string) (string, *http.Response) {
	t.Helper()
	res, err := c.Get(address)
	return read(t, res, err)
}

func post(t *testing.T, c *http.Client, address string, form url.Values) (string, *http.Response) {
	t.Helper()
	res, err := c.PostForm(address, form)
	return read(t, res, err)
}

func read(t *testing.T, res *http.Response, err error) (string, *http.Response) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), res
}

func contains(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not contain %q:\n%s", text, page)
		}
	}
}

func TestAnApplicationFromStartToEnd(t *testing.T) {
	server, c := start(t)
	page, _ := get(t, c, server.URL+"/")
	contains(t, page, `<script src="http://127.0.0.1:8080/footpath/recorder.js" data-key="`+key+`" crossorigin="anonymous" referrerpolicy="no-referrer" defer></script>`, "Accept analytics cookies")

	page, res := post(t, c, server.URL+"/apply/work", url.Values{})
	contains(t, page, "There is a problem", `<a href="#work">Choose what you would like to do</a>`, "<title>Error: ")
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a wrong answer gives %s", res.Status)
	}
	page, _ = post(t, c, server.URL+"/apply/work", url.Values{"work": {"tree"}})
	contains(t, page, "About you")
	page, _ = post(t, c, server.URL+"/apply/you", url.Values{"name": {"Madonna"}, "email": {"nobody"}, "site": {"SW1A 1AA"}})
	contains(t, page, `aria-describedby="email-hint email-error" aria-invalid="true"`, `id="email-error"`, `aria-describedby="name-error"`)
	contains(t, page, "Enter your full name", "Enter an email address", "Enter a postcode in Hollowmere", `value="Madonna"`)
	page, _ = post(t, c, server.URL+"/apply/you", url.Values{"name": {"<b>Ann</b> Other"}, "email": {"ann@example.org"}, "site": {"hm1 2ab"}})
	contains(t, page, "About the work")
	page, _ = post(t, c, server.URL+"/apply/details", url.Values{"description": {"Short"}, "day": {"31"}, "month": {"2"}, "year": {"2099"}})
	contains(t, page, "at least 20 characters", "Enter a date")
	page, _ = post(t, c, server.URL+"/apply/details", url.Values{"description": {"Prune the copper beech by two metres"}, "day": {"1"}, "month": {"2"}, "year": {"2099"}})
	contains(t, page, "Check your answers", "&lt;b&gt;Ann&lt;/b&gt; Other", "Work on a protected tree", "1 2 2099")
	page, _ = post(t, c, server.URL+"/apply/check", url.Values{})
	contains(t, page, "Application sent", "/FUL", `data-event="application_sent"`, `data-kind="tree"`)
	if page, _ = get(t, c, server.URL+"/apply/check"); strings.Contains(page, "Ann") {
		t.Error("the answers are kept after sending")
	}
	if page, _ = get(t, c, server.URL+"/apply/done"); strings.Contains(page, "data-event") || !strings.Contains(page, "/FUL") {
		t.Error("a reload should show the reference and not count again")
	}
}

func TestSearch(t *testing.T) {
	server, c := start(t)
	page, _ := get(t, c, server.URL+"/search?postcode=hm12ab")
	contains(t, page, "Applications near that postcode", "3 Mere View", `data-event="search" data-count="4"`)
	page, _ = get(t, c, server.URL+"/search?postcode=HM4+4ZZ")
	contains(t, page, "We found no applications")
	page, _ = get(t, c, server.URL+"/search?postcode=")
	contains(t, page, "There is a problem", "Enter a postcode")
	page, _ = get(t, c, server.URL+"/applications/26-0187-FUL")
	contains(t, page, "Adaeze Whitlock")
	if _, res := get(t, c, server.URL+"/applications/none"); res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown application gives %s", res.Status)
	}
}

func TestCookieChoice(t *testing.T) {
	server, c := start(t)
	page, _ := post(t, c, server.URL+"/cookies", url.Values{"usage": {"yes"}, "back": {"/guide"}})
	contains(t, page, "Guides to planning permission")
	if strings.Contains(page, "Accept analytics") {
		t.Error("the banner stays after a choice")
	}
	page, _ = get(t, c, server.URL+"/cookies")
	contains(t, page, `value="yes" checked`)
	here, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, cookie := range c.Jar.Cookies(here) {
		found[cookie.Name], _ = url.PathUnescape(cookie.Value)
	}
	if found["cookies_policy"] != `{"essential":true,"usage":true}` || found["cookies_preferences_set"] != "true" {
		t.Errorf("cookies: %v", found)
	}
	for _, elsewhere := range []string{"https://other.example/", "//other.example", `/\other.example`, "javascript:alert(1)", ""} {
		_, res := post(t, c, server.URL+"/cookies", url.Values{"usage": {"no"}, "back": {elsewhere}})
		if res.Request.URL.Host != here.Host || res.Request.URL.Path != "/cookies" {
			t.Errorf("back to %q leads to %s", elsewhere, res.Request.URL)
		}
	}
}

var inline = regexp.MustCompile(`(?i)<style|\sstyle=|\son\w+=|javascript:|<script(?:\s[^>]*)?>[^<]`)

// The policy allows nothing inline, so no page may need it.
func TestEveryPageUnderTheStrictPolicy(t *testing.T) {
	server, c := start(t)
	crawler, err := learn.New(learn.Config{Start: server.URL, Delay: learn.NoDelay})
	if err != nil {
		t.Fatal(err)
	}
	found, err := crawler.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(found.Pages) < 18 {
		t.Errorf("only %d pages are found: %v", len(found.Pages), found.Pages)
	}
	for _, address := range found.Pages {
		page, res := get(t, c, address)
		if m := inline.FindString(page); m != "" {
			t.Errorf("%s has %q inline", address, m)
		}
		if csp := res.Header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || !strings.Contains(csp, "script-src 'self' http://127.0.0.1:8080;") {
			t.Errorf("%s has the policy %q", address, csp)
		}
	}
}

// What a stranger reads on the site is the service's own words: all of the form,
// its messages included, and nothing of the register.
func TestLearntTexts(t *testing.T) {
	server, _ := start(t)
	crawler, err := learn.New(learn.Config{Start: server.URL, Delay: learn.NoDelay})
	if err != nil {
		t.Fatal(err)
	}
	found, err := crawler.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"There is a problem", "Continue", "Full name", "Enter your full name", "Choose what you would like to do", "Application sent",
		"Check your answers before sending your application", "Postcode", "You have accepted analytics cookies. You can change this at any time on the cookies page.",
		"Applications near that postcode", "Reference", "Status", "Have your say", "Extend a house", "We found no applications near that postcode",
		"Error: About you – Hollowmere District Planning",
	} {
		if !slices.Contains(found.Texts, text) {
			t.Errorf("%q was not learnt", text)
		}
	}
	for _, secret := range []string{"Whitlock", "Mere View", "copper beech", "HM1 2AB", "terraced house", "26/0"} {
		for _, text := range found.Texts {
			// The guide speaks of terraced houses in general.
			if strings.Contains(text, secret) && !strings.Contains(text, "cubic metres") {
				t.Errorf("%q was learnt", text)
			}
		}
	}
}
