// Command suites runs Footpath's suites one after the other, prints how long each
// took against its budget, and ends with one line: "N passed, N failed".
//
//	go run -C tools ./suites check   static checks only
//	go run -C tools ./suites test    the fixed slice that CI runs
//	go run -C tools ./suites all     every case, with the race detector
//
// No suite is ever left out. A test that lacks a service (Chromium) is skipped by
// itself on a developer's machine and fails where CI=true; tests of data that is
// not part of the repository are skipped wherever that is missing.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// total is the budget of make test on two cores (ruling 18).
const total = 25 * time.Minute

// tally counts tests, not suites.
type tally struct{ passed, failed, skipped int }

// suite is a group of tests with one time budget.
type suite struct {
	name   string
	budget time.Duration
	run    func(root string) tally
}

func main() {
	mode := "test"
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	root, err := filepath.Abs("..")
	if err != nil {
		fmt.Fprintln(os.Stderr, "suites:", err)
		os.Exit(1)
	}
	var suites []suite
	switch mode {
	case "check":
		suites = []suite{checks()}
	case "test":
		suites = []suite{checks(), goTests(false), recorderTests(), webTests(), browserTests()}
	case "all":
		os.Setenv("FOOTPATH_ALL", "1")
		suites = []suite{checks(), goTests(true), recorderTests(), webTests(), browserTests()}
	default:
		fmt.Fprintf(os.Stderr, "suites: unknown mode %s: check, test or all\n", mode)
		os.Exit(2)
	}
	if !report(root, suites) {
		os.Exit(1)
	}
}

// report runs the suites, prints the table and says whether all is well.
func report(root string, suites []suite) bool {
	var sum tally
	var lines []string
	start := time.Now()
	for _, s := range suites {
		fmt.Printf("== %s\n", s.name)
		began := time.Now()
		t := s.run(root)
		took := time.Since(began).Round(100 * time.Millisecond)
		note := ""
		if took > s.budget {
			note = "  over its budget"
		}
		lines = append(lines, fmt.Sprintf("%-9s %8s of %6s  %4d passed %4d failed %4d skipped%s",
			s.name, took, s.budget, t.passed, t.failed, t.skipped, note))
		sum.passed += t.passed
		sum.failed += t.failed
		sum.skipped += t.skipped
	}
	fmt.Println("== times")
	for _, l := range lines {
		fmt.Println(l)
	}
	took := time.Since(start).Round(time.Second)
	fmt.Printf("%-9s %8s of %6s\n", "all", took, total)
	if sum.skipped > 0 {
		fmt.Printf("%d skipped, each with its reason above\n", sum.skipped)
	}
	fmt.Printf("%d passed, %d failed\n", sum.passed, sum.failed)
	return sum.failed == 0
}
