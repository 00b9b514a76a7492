package obs

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestLoggerKeepsPeopleOut(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log, err := Logger(&out, "info", format)
		if err != nil {
			t.Fatal(err)
		}
		log.Info("request",
			"ip", "203.0.113.77", "user_agent", "Browser/1.0", "Query", "name=ann", "route", "GET /x",
			"page", "https://site.example/form?nhs=943#top", "err", errors.New(`get "https://a.example/?q=secret1": refused`))
		for _, bad := range []string{"203.0.113.77", "Browser/1.0", "ann", "943", "#top", "secret1"} {
			if strings.Contains(out.String(), bad) {
				t.Errorf("%s log holds %q: %s", format, bad, out.String())
			}
		}
		for _, good := range []string{"GET /x", "https://site.example/form", "refused"} {
			if !strings.Contains(out.String(), good) {
				t.Errorf("%s log lacks %q: %s", format, good, out.String())
			}
		}
	}
}

// TestLogInjection covers S48: a value cannot start a line of its own.
func TestLogInjection(t *testing.T) {
	var out bytes.Buffer
	log, err := Logger(&out, "info", "text")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("project", "name", "a\nlevel=ERROR msg=forged \x1b[31m")
	if got := strings.Count(out.String(), "\n"); got != 1 {
		t.Errorf("%d lines, want 1: %q", got, out.String())
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("an escape sequence came through: %q", out.String())
	}
}

func TestLoggerRefuses(t *testing.T) {
	if _, err := Logger(io.Discard, "loud", "text"); err == nil {
		t.Error("level loud was accepted")
	}
	if _, err := Logger(io.Discard, "info", "xml"); err == nil {
		t.Error("format xml was accepted")
	}
}

func TestStripQuery(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := StripQuery(in); got != want {
			t.Errorf("StripQuery(%q) = %q, want %q", in, got, want)
		}
	}
	f("what now?", "what now?")
	f("https://a.example/b?c=d", "https://a.example/b")
	f("from https://a.example/#x to http://b.example?y z?", "from https://a.example/ to http://b.example z?")
}

func TestRegisterTwice(t *testing.T) {
	reg := NewRegistry("1.2.3")
	first := Register(reg, prometheus.NewCounter(prometheus.CounterOpts{Name: "footpath_test_total", Help: "h"}))
	second := Register(reg, prometheus.NewCounter(prometheus.CounterOpts{Name: "footpath_test_total", Help: "h"}))
	second.Inc()
	if first != second {
		t.Error("the second registration made another counter")
	}
	rec := httptest.NewRecorder()
	MetricsHandler(reg).ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{"footpath_test_total 1", `footpath_build_info{version="1.2.3"} 1`} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("metrics lack %q", want)
		}
	}
}
