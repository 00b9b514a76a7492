// Package archtest holds the rules of the house as tests: who may import whom,
// the shape of a package, and what no committed file may contain. It reads
// sources only (go/parser) and runs nothing.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	module = "footpath"
	root   = "../.."
)

// pkg is one folder of Go files, parsed.
type pkg struct {
	dir   string // relative to the repository, "." for its root
	fset  *token.FileSet
	files map[string]*ast.File // without tests, by file name
	tests map[string]*ast.File
}

// load parses every Go package of the module, tools (a module of its own) apart.
func load(t *testing.T) []pkg {
	t.Helper()
	byDir := map[string]*pkg{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if name := d.Name(); rel != "." && (name == "node_modules" || name == "testdata" || name == "bin" || rel == "tools" || name[0] == '.') {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		p := byDir[dir]
		if p == nil {
			p = &pkg{dir: dir, fset: token.NewFileSet(), files: map[string]*ast.File{}, tests: map[string]*ast.File{}}
			byDir[dir] = p
		}
		file, err := parser.ParseFile(p.fset, path, nil, parser.ParseComments)
		if err != nil {
			return fmt.Errorf("parse %s: %w", rel, err)
		}
		if strings.HasSuffix(path, "_test.go") {
			p.tests[rel] = file
		} else {
			p.files[rel] = file
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for _, p := range byDir {
		all = append(all, *p)
	}
	return all
}

// ours lists the packages of this module that a file imports, as folders.
func ours(f *ast.File) []string {
	var dirs []string
	for _, spec := range f.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		if rest, ok := strings.CutPrefix(path, module+"/"); ok {
			dirs = append(dirs, rest)
		}
	}
	return dirs
}

// lines counts the lines of a source file.
func lines(t *testing.T, name string) int {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(body), "\n")
}
