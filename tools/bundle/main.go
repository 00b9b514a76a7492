// Command bundle bundles one browser entry point for a test page: an npm package
// as a customer would bundle it, or one of our own modules (the normal form) for
// use inside a page.
//
//	go run -C tools ./bundle -entry recorder/src/normal.ts -out e2e/out/normal.js -format esm
//
// Unlike dist, nothing of it is committed or embedded.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

var formats = map[string]api.Format{"iife": api.FormatIIFE, "esm": api.FormatESModule}

func main() {
	entry := flag.String("entry", "", "the file to bundle, below the repository's root")
	out := flag.String("out", "", "the file to write, below the repository's root")
	format := flag.String("format", "iife", "iife for a script, esm for a module")
	global := flag.String("global", "", "with iife: the global that holds the exports")
	root := flag.String("root", "..", "the repository")
	flag.Parse()
	if err := run(*root, *entry, *out, *format, *global); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run(root, entry, out, format, global string) error {
	if entry == "" || out == "" {
		return errors.New("both -entry and -out are needed")
	}
	f, ok := formats[format]
	if !ok {
		return fmt.Errorf("-format %s: iife or esm", format)
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:   root,
		EntryPoints:     []string{entry},
		Outfile:         out,
		Bundle:          true,
		Write:           true,
		Format:          f,
		GlobalName:      global,
		Target:          api.ES2022,
		JSX:             api.JSXAutomatic,
		JSXImportSource: "preact",
		LogLevel:        api.LogLevelWarning,
		Define:          map[string]string{"process.env.NODE_ENV": `"production"`},
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("%s: %s", entry, result.Errors[0].Text)
	}
	return nil
}
