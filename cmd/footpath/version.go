package main

import (
	"context"
	"fmt"
	"runtime"
)

const versionUsage = `Usage: footpath version

Prints the version, and what it was built with and for.
`

func runVersion(_ context.Context, args []string, s std) error {
	rest, err := parse(flags("version", versionUsage, s), args)
	if err != nil {
		return err
	}
	if err := only(rest); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "footpath %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
