package learn_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"footpath/privacy/learn"
)

// site serves pages by path; everything else is 404.
func site(t *testing.T, pages map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 || r.Header.Get("Authorization") != "" {
			t.Errorf("%s was asked for with credentials", r.URL)
		}
		body, ok := pages[r.URL.RequestURI()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
		kind := "text/html; charset=utf-8"
		if strings.HasSuffix(r.URL.Path, ".txt") {
			kind = "text/plain"
		}
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

func crawl(t *testing.T, cfg learn.Config) learn.Result {
	t.Helper()
	cfg.Delay = learn.NoDelay
	c, err := learn.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Ruling 16: three words, or a word of an interface part.
func TestWhichTextsArePublic(t *testing.T) {
	s := site(t, map[string]string{"/": `<!doctype html><title>Plan a building</title>
		<body><h1>Planning</h1><nav><a href="/x">Fees</a></nav>
		<p>Find out   if you
		need permission</p><p>Two words</p><p>word</p><p>Tom &amp; Jerry build</p>
		<button>Continue</button><a role="button" href="/case">Start now</a><a href="/case">two words</a><input type=submit value=Search><input value="typed by someone else">
		<label>Postcode</label><fieldset><legend>Type</legend></fieldset><table><tr><th>Status<td>granted</table>
		<details><summary>Help</summary>More about that here</details>
		<textarea>a draft of a text</textarea><select><option>one of the options</select>
		<script>var a = "text of a script"</script><template>text of a template</template><!-- text of a comment -->
		<img alt="A plan of a house" src=x><span aria-label="Close">12 34 56</span>
		<div data-footpath="register">A neighbour wrote this <a href="/case">case</a></div><div data-sl="mask">This part is masked</div>
		<p class="a smartlook-hide">This part is hidden</p><p data-recording-sensitive>This part is sensitive</p>`, "/case": "<p>Behind a register's link</p>"})
	want := []string{
		"A plan of a house", "Behind a register's link", "Close", "Continue", "Fees", "Find out if you need permission", "Help", "More about that here",
		"Plan a building", "Planning", "Postcode", "Search", "Start now", "Status", "Tom & Jerry build", "Type",
	}
	if diff := cmp.Diff(want, crawl(t, learn.Config{Start: s.URL}).Texts); diff != "" {
		t.Error(diff)
	}
}

func TestPersonalDataIsLeftOut(t *testing.T) {
	f := func(kind, text string) {
		t.Helper()
		if got := learn.Personal(text); got != kind {
			t.Errorf("Personal(%q) = %q, want %q", text, got, kind)
		}
	}
	f("email", "Write to jo.bloggs@example.org today")
	f("phone", "Call us on 01632 960 001 today")
	f("phone", "Call +44 (0)1632 960002 now")
	f("card", "Card 4111 1111 1111 1111 was used")
	f("", "Order 4111 1111 1111 1112 was used")
	f("nhs number", "NHS number 943 476 5919 was found")
	f("national insurance number", "Your number is QQ 12 34 56 C here")
	f("iban", "Pay to GB82 WEST 1234 5698 7654 32 please")
	f("postcode", "12 Mill Lane, Hollowmere HM1 2AB")
	f("name", "Agent for this case: Mrs Smith")
	f("", "Applications take 8 weeks from 23 November 2026")
	f("", "Application 24/01234/FUL was granted")
}

func TestNamesAloneAreLeftOut(t *testing.T) {
	s := site(t, map[string]string{"/": `<p>Jane Mary Doe</p><h2>Hollowmere District Council</h2><p>Ask the duty planner</p>`})
	want := []string{"Ask the duty planner", "Hollowmere District Council"}
	if diff := cmp.Diff(want, crawl(t, learn.Config{Start: s.URL}).Texts); diff != "" {
		t.Error(diff)
	}
}

// Ruling 16: what only one or two detail pages of a listing say is about a case.
func TestDetailPagesOfAListing(t *testing.T) {
	pages := map[string]string{"/": "<p>Start of the service</p>"}
	for i := range 4 {
		pages["/"] += fmt.Sprintf(`<a href="/cases/24-%04d">case</a>`, i)
		pages[fmt.Sprintf("/cases/24-%04d", i)] = fmt.Sprintf("<h1>Case</h1><p>The template says this</p><p>A story of house %c here</p>", 'A'+i)
	}
	for i := range 10 {
		pages["/"] += fmt.Sprintf(`<a href="/people/%c-doe">person</a>`, 'a'+i)
		pages[fmt.Sprintf("/people/%c-doe", 'a'+i)] = fmt.Sprintf("<p>Every person page says this</p><p>A life of person %c here</p>", 'A'+i)
	}
	pages["/"] += `<a href="/guide/fees">x</a>`
	pages["/guide/fees"] = "<p>Only this guide says it</p>"
	r := crawl(t, learn.Config{Start: site(t, pages).URL})
	want := []string{"Case", "Every person page says this", "Only this guide says it", "Start of the service", "The template says this"}
	if diff := cmp.Diff(want, r.Texts); diff != "" {
		t.Error(diff)
	}
	if n := r.LeftOut["only on detail pages of a listing"]; n != 14 {
		t.Errorf("left out %d, want 14", n)
	}
}

func TestPagesMarkedAsRegisters(t *testing.T) {
	r := crawl(t, learn.Config{Start: site(t, map[string]string{
		"/":         `<p>Start of the service</p><a href="/register">r</a><a href="/hidden">h</a>`,
		"/register": `<meta name="footpath" content="register"><p>The register of people</p><a href="/on">on</a>`,
		"/on":       `<p>Behind the register page</p>`,
		"/hidden":   `<meta name="robots" content="noindex"><p>Not to be found</p>`,
	}).URL})
	if diff := cmp.Diff([]string{"Behind the register page", "Start of the service"}, r.Texts); diff != "" {
		t.Error(diff)
	}
}

func TestRobotsAndSitemap(t *testing.T) {
	s := site(t, nil)
	pages := map[string]string{
		"/robots.txt": "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /private\nDisallow: /*.php$\nAllow: /private/open\nSitemap: " + s.URL + "/sitemap.xml\n",
		"/":           `<p>Start of the service</p><a href="/private/a">a</a><a href="/private/open">b</a><a href="/x.php">c</a><a href="http://other.example/">d</a>`,
		"/private/a":  "<p>This is not allowed</p>", "/private/open": "<p>This one is allowed</p>", "/x.php": "<p>Not this one either</p>",
		"/sitemap.xml": `<urlset><url><loc>` + s.URL + `/mapped</loc></url><url><loc>http://other.example/x</loc></url></urlset>`,
		"/mapped":      "<p>Found by the map</p>",
	}
	s.Config.Handler = site(t, pages).Config.Handler
	r := crawl(t, learn.Config{Start: s.URL})
	want := []string{"Found by the map", "Start of the service", "This one is allowed"}
	if diff := cmp.Diff(want, r.Texts); diff != "" {
		t.Error(diff)
	}
	if r.Skipped["robots.txt"] != 2 || r.Skipped["on another site"] != 2 {
		t.Errorf("skipped %v", r.Skipped)
	}
}

func TestBounds(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<p>A calendar without end</p><a href="%s/n">next</a><a href="?page=%d">page</a>`, strings.TrimRight(r.URL.Path, "/"), len(r.URL.RawQuery)+time.Now().Nanosecond())
	}))
	defer endless.Close()
	r := crawl(t, learn.Config{Start: endless.URL, MaxDepth: 3})
	if n := len(r.Pages); n > 16 {
		t.Errorf("read %d pages within 3 links, want at most 3 queries for each of 4 paths", n)
	}
	r = crawl(t, learn.Config{Start: endless.URL, MaxPages: 5})
	if len(r.Pages) != 5 || r.Skipped["page limit"] == 0 {
		t.Errorf("read %d pages, skipped %v; want 5 and to be told", len(r.Pages), r.Skipped)
	}
}

func TestUnreadableStart(t *testing.T) {
	s := site(t, map[string]string{"/robots.txt": "User-agent: *\nDisallow: /"})
	for _, start := range []string{s.URL, "ftp://a.example", "https://user@a.example", "nothing"} {
		c, err := learn.New(learn.Config{Start: start, Delay: learn.NoDelay})
		if err == nil {
			_, err = c.Run(context.Background())
		}
		if err == nil {
			t.Errorf("%s gives no error", start)
		}
	}
}

// The vectors are what the recorder computes with the same input.
func TestHash(t *testing.T) {
	f := func(text string, want uint32) {
		t.Helper()
		if got := learn.Hash(text); got != want {
			t.Errorf("Hash(%q) = %#x, want %#x", text, got, want)
		}
	}
	f("", 0x811c9dc5)
	f("a", 0x2b24d044)
	f("Überprüfen", 0x65945dff)
	f("Go 🏠", 0xe2faac04)
	raw, err := base64.StdEncoding.DecodeString(learn.Hashes([]string{"", "Continue"}))
	if err != nil || len(raw) != 8 || !slices.Equal(raw[:4], []byte{0xc5, 0x9d, 0x1c, 0x81}) {
		t.Errorf("Hashes: % x, %v", raw, err)
	}
}

func TestNormalIsJavaScripts(t *testing.T) {
	if got := learn.Normal("\ufeff a\u00a0\n\tb\u0085c \u3000"); got != "a b\u0085c" {
		t.Errorf("got %q", got)
	}
}

func TestSetAndDiff(t *testing.T) {
	set := learn.Set("k", []string{"b", "a", "b"}, time.UnixMilli(0), "me")
	if diff := cmp.Diff([]string{"a", "b"}, set.Texts); diff != "" {
		t.Error(diff)
	}
	// sha256("a\nb")
	if set.Version != "7e18f737311b2dc3" {
		t.Errorf("version %q, want 7e18f737311b2dc3", set.Version)
	}
	if !set.Approved.IsZero() {
		t.Error("a new set is approved")
	}
	added, removed := learn.Diff([]string{"a", "c"}, set.Texts)
	if !slices.Equal(added, []string{"b"}) || !slices.Equal(removed, []string{"c"}) {
		t.Errorf("added %v, removed %v", added, removed)
	}
}
