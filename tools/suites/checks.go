package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// check is one static check: a command that must succeed and, when silent is set,
// print nothing.
type check struct {
	name   string
	argv   []string
	silent bool
}

func checks() suite {
	return suite{name: "check", budget: 4 * time.Minute, run: func(root string) tally {
		tool := []string{"go", "tool", "-modfile=tools/go.mod"}
		list := []check{
			{"vet", []string{"go", "vet", "./..."}, false},
			{"vet tools", []string{"go", "vet", "-C", "tools", "./..."}, false},
			{"staticcheck", append(tool, "staticcheck", "./..."), false},
			{"gofumpt", append(append(tool, "gofumpt", "-l"), goFiles(root)...), true},
			{"tsc recorder", []string{"npx", "tsc", "--noEmit", "-p", "recorder"}, false},
			{"tsc web", []string{"npx", "tsc", "--noEmit", "-p", "web"}, false},
			{"dist is current", []string{"go", "run", "-C", "tools", "./dist", "-check"}, false},
			{"imports and shape", []string{"go", "test", "-count=1", "./internal/archtest"}, false},
		}
		var t tally
		for _, c := range list {
			if runCheck(root, c) {
				t.passed++
			} else {
				t.failed++
			}
		}
		return t
	}}
}

func runCheck(root string, c check) bool {
	start := time.Now()
	var out bytes.Buffer
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &out, &out
	err := cmd.Run()
	bad := err != nil || (c.silent && out.Len() > 0)
	verdict := "ok  "
	if bad {
		verdict = "FAIL"
		os.Stdout.Write(out.Bytes())
	}
	fmt.Printf("%s %-18s %s\n", verdict, c.name, time.Since(start).Round(100*time.Millisecond))
	return !bad
}

// goFiles lists the Go files that git knows or would know.
func goFiles(root string) []string {
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.go")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return []string{"."}
	}
	var files []string
	for _, f := range strings.Fields(string(out)) {
		if _, err := os.Stat(root + "/" + f); err == nil {
			files = append(files, f)
		}
	}
	return files
}
