package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// goTests runs every Go test. The packages run two at a time: the suites are
// sized for two cores.
func goTests(race bool) suite {
	return suite{name: "go", budget: 6 * time.Minute, run: func(root string) tally {
		args := []string{"test", "-json", "-count=1", "-p=2", "-timeout=15m"}
		if race {
			args = append(args, "-race")
		}
		cmd := exec.Command("go", append(args, "./...")...)
		cmd.Dir, cmd.Stderr = root, os.Stdout
		if !race {
			cmd.Env = append(os.Environ(), "FOOTPATH_BIN="+filepath.Join(root, "bin", "footpath"))
		}
		out, err := cmd.StdoutPipe()
		if err != nil || cmd.Start() != nil {
			fmt.Println("go test did not start")
			return tally{failed: 1}
		}
		t := readGo(out)
		if err := cmd.Wait(); err != nil && t.failed == 0 {
			fmt.Println("go test:", err)
			t.failed++
		}
		return t
	}}
}

// goEvent is one line of go test -json.
type goEvent struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// readGo counts tests and prints the output of those that failed.
func readGo(r io.Reader) tally {
	var t tally
	output := map[string][]string{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e goEvent
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "output" || e.Action == "build-output":
			output[key] = append(output[key], e.Output)
		case e.Test == "" && (e.Action == "pass" || e.Action == "fail"):
			fmt.Printf("%s %-44s %.1fs\n", map[string]string{"pass": "ok  ", "fail": "FAIL"}[e.Action], e.Package, e.Elapsed)
			if e.Action == "fail" {
				fmt.Print(strings.Join(output[key], ""))
				t.failed++
			}
		case e.Action == "pass":
			t.passed++
		case e.Action == "skip" && e.Test != "":
			t.skipped++
			fmt.Print(strings.Join(output[key], ""))
		case e.Action == "fail":
			t.failed++
			fmt.Print(strings.Join(output[key], ""))
		}
	}
	return t
}

func recorderTests() suite {
	return nodeSuite("recorder", 4*time.Minute, "recorder/test")
}

func webTests() suite {
	return nodeSuite("web", 3*time.Minute, "web/test")
}

// browserTests drive the real binary with a real browser, one file after the
// other.
func browserTests() suite {
	return nodeSuite("e2e", 8*time.Minute, "e2e")
}

// nodeSuite runs the *.test.mjs and *.test.ts files of a folder with node's own
// test runner, one file after the other, and reads its TAP output.
func nodeSuite(name string, budget time.Duration, dir string) suite {
	return suite{name: name, budget: budget, run: func(root string) tally {
		var files []string
		for _, pattern := range []string{"*.test.mjs", "*.test.js"} {
			found, _ := filepath.Glob(filepath.Join(root, dir, pattern))
			files = append(files, found...)
		}
		sort.Strings(files)
		if len(files) == 0 {
			fmt.Printf("no tests in %s\n", dir)
			return tally{failed: 1}
		}
		var t tally
		for _, f := range files {
			start := time.Now()
			one := runNode(root, f)
			fmt.Printf("%s %-44s %.1fs  %d passed %d failed %d skipped\n", map[bool]string{true: "ok  ", false: "FAIL"}[one.failed == 0],
				strings.TrimPrefix(f, root+"/"), time.Since(start).Seconds(), one.passed, one.failed, one.skipped)
			t.passed += one.passed
			t.failed += one.failed
			t.skipped += one.skipped
		}
		return t
	}}
}

func runNode(root, file string) tally {
	cmd := exec.Command("node", "--test", "--test-reporter=tap", file)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	var t tally
	for _, line := range strings.Split(string(out), "\n") {
		for prefix, n := range map[string]*int{"# pass ": &t.passed, "# fail ": &t.failed, "# cancelled ": &t.failed, "# skipped ": &t.skipped} {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				if v, e := strconv.Atoi(strings.TrimSpace(rest)); e == nil {
					*n += v
				}
			}
		}
	}
	if err != nil && t.failed == 0 {
		t.failed++
	}
	if t.failed > 0 || t.skipped > 0 {
		os.Stdout.Write(out)
	}
	return t
}
