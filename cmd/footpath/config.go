package main

import (
	"context"
	"fmt"
)

const configUsage = `Usage: footpath config [print] [flags]
       footpath config check [flags]

print writes the configuration that serve would run with, and where each value
comes from; secrets are masked. What it writes can be kept as a file for -config.
check says nothing but "ok", or what is wrong and where, and then exits with 2.

A setting comes from the file (-config), from the environment
(FOOTPATH_SECTION_KEY, e.g. FOOTPATH_SERVER_LISTEN), or from a flag; the later wins.
`

func runConfig(_ context.Context, args []string, s std) error {
	cfg, rest, err := load(flags("config", configUsage, s), args, s)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		rest = []string{"print"}
	}
	if len(rest) > 1 {
		return only(rest[1:])
	}
	switch rest[0] {
	case "print":
		return cfg.Print(s.out)
	case "check":
		_, err := fmt.Fprintln(s.out, "ok")
		return err
	}
	return usagef("footpath config cannot %q; it can print and check", rest[0])
}
