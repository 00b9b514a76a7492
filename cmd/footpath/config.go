package main

import (
	"context"
	"fmt"
	"os"

	"footpath/internal/config"
)

const configUsage = `Usage: footpath config [print] [flags]
       footpath config check [flags]

print writes the configuration that serve would run with, and where each value
comes from; secrets are masked. What it writes can be kept as a file for -config.
check also reads the files that are named, and says nothing but "ok", or what is wrong and where, and then exits with 2.

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
		if err := checkFiles(cfg); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, "ok")
		return err
	}
	return usagef("footpath config cannot %q; it can print and check", rest[0])
}

// checkFiles reads what the configuration names, as serve will, and makes nothing.
func checkFiles(cfg config.Config) error {
	if cfg.Secrets.File != "" {
		if _, err := cfg.Secret(); err != nil {
			return err
		}
	}
	if _, err := certificate(cfg); err != nil {
		return err
	}
	if cfg.GeoIP.File != "" {
		if _, err := os.Stat(cfg.GeoIP.File); err != nil {
			return &config.Error{Where: cfg.Origin("geoip.file"), Msg: fmt.Sprintf("geoip.file: %v", err)}
		}
	}
	return nil
}
