package main

import (
	"net/http/httptest"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"footpath/demo"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"footpath": main})
}

// TestScripts runs the command line as operators do; testdata/*.txtar read as its
// manual. SITE is a demo site.
func TestScripts(t *testing.T) {
	site, err := demo.New(demo.Config{Collector: "http://127.0.0.1:1", Key: "0123456789abcdef0123456789abcdef01234567"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("SITE", server.URL)
			return nil
		},
	})
}

func TestCommandsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands() {
		if seen[c.name] || c.usage == "" || c.summary == "" {
			t.Errorf("command %q stands twice or says nothing of itself", c.name)
		}
		seen[c.name] = true
	}
}
