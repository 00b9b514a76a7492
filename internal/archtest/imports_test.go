package archtest

import (
	"strings"
	"testing"
)

// may is the table of architecture: the folder on the left may import those on
// the right, and nothing else of ours. "x/..." stands for x and all below it. The
// most exact line wins. Every room may import internal/obs and internal/config.
var may = map[string][]string{
	"wire":     {},
	"recorder": {}, // embeds the built recorder
	"web":      {}, // embeds the built dashboard
	"docs":     {}, // embeds the pages
	"replay":   {"wire"},

	"journal":             {"wire"},
	"journal/journaltest": {"wire", "journal"},
	"journal/disk":        {"wire", "journal", "internal/vfs"},

	"privacy/keys":          {"wire"},
	"privacy/keys/keystest": {"wire", "privacy/keys"},
	"privacy/keys/disk":     {"wire", "privacy/keys", "internal/vfs"},
	"privacy":               {"wire", "journal", "privacy/keys", "store/events", "store/recordings", "store/meta"},
	"privacy/learn":         {"wire", "store/meta", "privacy"},

	// store/events names the journal's positions in its batches.
	"store/events":                    {"wire", "journal"},
	"store/events/eventstest":         {"wire", "journal", "store/events", "store/events/memory"},
	"store/events/duckdb":             {"wire", "journal", "store/events"},
	"store/recordings":                {"wire"},
	"store/recordings/recordingstest": {"wire", "store/recordings"},
	"store/recordings/disk":           {"wire", "store/recordings"},
	"store/meta":                      {"wire"},
	"store/meta/metatest":             {"wire", "store/meta"},
	"store/meta/sqlite":               {"wire", "store/meta"},

	"collect": {"wire", "journal", "privacy", "privacy/keys", "privacy/learn", "store/meta", "recorder", "internal/httpx"},
	"process": {"wire", "journal", "replay", "replay/...", "store/events", "store/recordings", "store/meta", "privacy", "privacy/keys"},
	"report":  {"wire", "replay", "journal", "store/events", "store/recordings", "store/meta", "privacy", "privacy/keys"},
	"api":     {"wire", "report", "replay", "store/events", "store/recordings", "store/meta", "privacy", "privacy/keys", "privacy/learn", "internal/..."},

	"demo": {"wire", "internal/..."},

	"internal/archtest": {},
	"internal/obs":      {},
	"internal/vfs":      {},
	"internal/config":   {},
	"internal/httpx":    {"wire"},
	"internal/auth":     {"store/meta", "internal/httpx"},
	"internal/synth":    {"wire", "demo"},
	"internal/apptest":  {"wire"},
	"internal":          {"wire", "internal/..."},

	// Only here are things wired, engines named.
	"cmd/footpath": {"..."},
	// The browser suite's helper that opens a data directory.
	"e2e": {"..."},
}

// engines are imported by cmd and by tests alone.
var engines = []string{
	"journal/disk", "journal/jetstream", "privacy/keys/disk", "store/events/duckdb", "store/events/clickhouse",
	"store/recordings/disk", "store/recordings/s3", "store/meta/sqlite", "store/meta/postgres",
}

func TestWhoMayImportWhom(t *testing.T) {
	for _, p := range load(t) {
		rule, found := ruleFor(p.dir)
		if !found {
			t.Errorf("%s: no line in the table of who may import whom; add one", p.dir)
			continue
		}
		for name, file := range p.files {
			for _, dir := range ours(file) {
				if !allowed(dir, rule) {
					t.Errorf("%s: %s may not import %s", name, p.dir, dir)
				}
			}
		}
	}
}

// TestTheTableCanRefuse guards the guard: imports that the architecture forbids
// must not slip through a wide rule.
func TestTheTableCanRefuse(t *testing.T) {
	f := func(from, to string, want bool) {
		t.Helper()
		rule, found := ruleFor(from)
		if got := found && allowed(to, rule); got != want {
			t.Errorf("%s imports %s: allowed %v, want %v", from, to, got, want)
		}
	}
	f("collect", "process", false)
	f("process", "collect", false)
	f("collect", "api", false)
	f("process", "web", false)
	f("collect", "journal/disk", false)
	f("store/events", "store/events/duckdb", false)
	f("wire", "journal", false)
	f("replay", "store/recordings", false)
	f("api", "collect", false)
	f("internal/synth", "collect", false)
	f("collect", "journal", true)
	f("collect", "internal/obs", true)
	f("replay/selector", "replay", true)
	f("process", "replay/selector", true)
	f("process", "store/meta/sqlite", false)
	f("cmd/footpath", "store/events/duckdb", true)
	f("store/events/duckdb", "store/events", true)
}

func TestEnginesAreImportedByCmdAlone(t *testing.T) {
	for _, p := range load(t) {
		if under(p.dir, "cmd") || under(p.dir, "e2e") {
			continue
		}
		for name, file := range p.files {
			for _, dir := range ours(file) {
				for _, e := range engines {
					if under(dir, e) && !under(p.dir, e) {
						t.Errorf("%s: imports the engine %s; only cmd/footpath does", name, dir)
					}
				}
			}
		}
	}
}

func TestNobodyImportsCmd(t *testing.T) {
	for _, p := range load(t) {
		for dir := range imported(p) {
			if under(dir, "cmd") && !under(p.dir, "cmd") {
				t.Errorf("%s imports %s", p.dir, dir)
			}
		}
	}
}

// TestReplayDoesNoIO: the DOM engine is pure, so that it runs anywhere.
func TestReplayDoesNoIO(t *testing.T) {
	for _, p := range load(t) {
		if !under(p.dir, "replay") {
			continue
		}
		for name, file := range p.files {
			for _, spec := range file.Imports {
				switch path := strings.Trim(spec.Path.Value, `"`); path {
				case "os", "net", "net/http", "io/fs", "os/exec", "database/sql", "log", "log/slog":
					t.Errorf("%s: replay may not import %s", name, path)
				}
			}
		}
	}
}

// imported gathers what a package and its tests import of ours.
func imported(p pkg) map[string]bool {
	set := map[string]bool{}
	for _, file := range p.files {
		for _, dir := range ours(file) {
			set[dir] = true
		}
	}
	for _, file := range p.tests {
		for _, dir := range ours(file) {
			set[dir] = true
		}
	}
	return set
}

// ruleFor finds the most exact line for a folder.
func ruleFor(dir string) ([]string, bool) {
	for d := dir; ; {
		if rule, ok := may[d]; ok {
			if d != dir { // below a room: its own parent too
				return append([]string{d + "/...", d}, rule...), true
			}
			return append([]string{d + "/..."}, rule...), true
		}
		cut := strings.LastIndexByte(d, '/')
		if cut < 0 {
			return nil, false
		}
		d = d[:cut]
	}
}

func allowed(dir string, rule []string) bool {
	for _, e := range engines {
		if under(dir, e) {
			// An engine is never allowed by a room's own "/...".
			return contains(rule, "...") || contains(rule, e+"/...")
		}
	}
	if dir == "internal/obs" || dir == "internal/config" {
		return true
	}
	for _, r := range rule {
		if r == "..." || r == dir {
			return true
		}
		if base, ok := strings.CutSuffix(r, "/..."); ok && under(dir, base) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// under says whether dir is base or below it.
func under(dir, base string) bool {
	return dir == base || strings.HasPrefix(dir, base+"/")
}
