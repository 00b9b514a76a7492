// Command footpath is all of Footpath: the server, the demo, and what an operator
// does by hand. One file per command; serve.go is where the rooms are wired.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"footpath/internal/config"
)

// version is set by the build.
var version = "unknown"

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2 // wrong command line or configuration; nothing was started
)

// std is what a command talks to; tests give their own.
type std struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
}

// command is one word after "footpath".
type command struct {
	name, summary, usage string
	run                  func(ctx context.Context, args []string, s std) error
}

// commands lists all, in the order of the help.
func commands() []command {
	return []command{
		{"serve", "serve the recorder, the collector and the dashboard", serveUsage, serve},
		{"demo", "show everything on this machine, with a site and made-up visitors", demoUsage, runDemo},
		{"learn", "find the texts of a site that the public can read", learnUsage, runLearn},
		{"project", "list, create, show and change projects", projectUsage, runProject},
		{"erase", "destroy a session or a project, and prove it", eraseUsage, runErase},
		{"retention", "show or remove what has been kept long enough", retentionUsage, runRetention},
		{"user", "add users, list them, set a password", userUsage, runUser},
		{"bench", "measure what this machine can take", benchUsage, runBench},
		{"config", "print or check the configuration in force", configUsage, runConfig},
		{"version", "print the version", versionUsage, runVersion},
	}
}

const mainUsage = `Footpath shows how people use your service, without keeping personal data.

Usage: footpath <command> [flags]

`

// usageError is a wrong command line.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C does not wait.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], std{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()})
	stop()
	os.Exit(code)
}

// run finds the command and turns its error into a line and an exit code.
func run(ctx context.Context, args []string, s std) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		printHelp(s.out)
		if len(args) == 0 {
			return exitUsage
		}
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:], s)
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return exitCode(err, "footpath "+c.name, s.err)
	}
	return exitCode(usagef("there is no command %q; footpath help lists them", args[0]), "footpath", s.err)
}

// exitCode prints the error, a line for each when there are more.
func exitCode(err error, who string, w io.Writer) int {
	if err == nil {
		return 0
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(w, "%s: %s\n", who, line)
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitUsage
	}
	return exitFailed
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, mainUsage)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nfootpath <command> -help says more.\n")
}

// flags makes a flag set that prints usage, then its flags, to where help belongs.
func flags(name, usage string, s std) *flag.FlagSet {
	set := flag.NewFlagSet("footpath "+name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {
		fmt.Fprint(s.out, usage)
		any := false
		set.VisitAll(func(*flag.Flag) { any = true })
		if any {
			fmt.Fprint(s.out, "\nFlags:\n")
			set.SetOutput(s.out)
			set.PrintDefaults()
			set.SetOutput(io.Discard)
		}
	}
	return set
}

// parse reads flags that may stand before, between and behind the arguments, and
// gives the arguments.
func parse(set *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := set.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usagef("%v; -help lists the flags", err)
		}
		args = set.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// load parses the command line and the configuration. It takes no arguments.
func load(set *flag.FlagSet, args []string, s std, names ...string) (config.Config, []string, error) {
	given := config.Register(set, names...)
	rest, err := parse(set, args)
	if err != nil {
		return config.Config{}, nil, err
	}
	cfg, err := config.Load(given, s.environ)
	return cfg, rest, err
}

// only refuses arguments where none are meant.
func only(rest []string) error {
	if len(rest) > 0 {
		return usagef("unexpected argument %q", rest[0])
	}
	return nil
}
