// Command dist builds what the binary embeds from the browser sources:
// recorder/dist and web/dist. The results are committed; with -check it builds
// into memory and fails when a committed file differs from its source.
//
//	go run -C tools ./dist [-check]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// bundle is one entry point and the folder its outputs go to.
type bundle struct {
	entry, out, name string
	copies           []string // files beside the entry that are copied as they are
}

var bundles = []bundle{
	{entry: "recorder/src/loader.ts", out: "recorder/dist", name: "recorder"},
	{entry: "recorder/src/core.ts", out: "recorder/dist", name: "recorder-core"},
	{entry: "web/src/main.tsx", out: "web/dist", name: "app", copies: []string{"web/src/index.html", "web/src/icon.svg"}},
	{entry: "web/src/player.ts", out: "web/dist", name: "player", copies: []string{"web/src/player.html"}},
}

func main() {
	check := flag.Bool("check", false, "compare the committed files with their sources, write nothing")
	root := flag.String("root", "..", "the repository")
	only := flag.String("only", "", "build only the bundles below this folder: recorder or web")
	flag.Parse()
	if err := run(*root, *only, *check); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run(root, only string, check bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, b := range bundles {
		if !strings.HasPrefix(b.out, only) {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, b.entry)); errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("no entry point %s", b.entry)
		}
		if err := build(root, b, files); err != nil {
			return err
		}
	}
	if check {
		return compare(root, files)
	}
	return write(root, files)
}

// build bundles one entry point. Names carry no hash: the binary computes those,
// so that a build is the same bytes wherever it is made.
func build(root string, b bundle, files map[string][]byte) error {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:       root,
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: b.entry, OutputPath: b.name}},
		Outdir:              b.out,
		Bundle:              true,
		Format:              api.FormatIIFE,
		Target:              api.ES2020,
		MinifyWhitespace:    true,
		MinifyIdentifiers:   true,
		MinifySyntax:        true,
		JSX:                 api.JSXAutomatic,
		JSXImportSource:     "preact",
		Charset:             api.CharsetUTF8,
		LegalComments:       api.LegalCommentsNone,
		LogLevel:            api.LogLevelWarning,
		Define:              map[string]string{"process.env.NODE_ENV": `"production"`},
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("%s: %s", b.entry, result.Errors[0].Text)
	}
	for _, f := range result.OutputFiles {
		rel, err := filepath.Rel(root, f.Path)
		if err != nil {
			return err
		}
		files[rel] = f.Contents
	}
	for _, c := range b.copies {
		body, err := os.ReadFile(filepath.Join(root, c))
		if err != nil {
			return err
		}
		files[filepath.Join(b.out, filepath.Base(c))] = body
	}
	return nil
}

func write(root string, files map[string][]byte) error {
	for _, name := range sorted(files) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
		fmt.Printf("%7d  %s\n", len(files[name]), name)
	}
	return nil
}

func compare(root string, files map[string][]byte) error {
	var stale []string
	for _, name := range sorted(files) {
		have, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(have, files[name]) {
			stale = append(stale, name)
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("differ from their source: %v; run make dist and commit", stale)
	}
	return nil
}

func sorted(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
