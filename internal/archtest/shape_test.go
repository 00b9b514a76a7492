package archtest

import (
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxLines is the length at which a file needs a reason in its first comment
// (style guide, rule 10).
const maxLines = 600

func TestEveryPackageHasAComment(t *testing.T) {
	for _, p := range load(t) {
		if len(p.files) == 0 {
			continue
		}
		documented := false
		for _, f := range p.files {
			documented = documented || f.Doc != nil
		}
		if !documented {
			t.Errorf("%s: no package comment", p.dir)
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, p := range load(t) {
		for name, f := range p.files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: func init; wire it in cmd/footpath instead", name)
				}
			}
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, p := range load(t) {
		for name, f := range p.files {
			if f.Name.Name == "main" {
				continue
			}
			for _, bare := range undocumented(f) {
				t.Errorf("%s: %s has no comment", name, bare)
			}
		}
	}
}

// undocumented lists the exported top-level names of a file without a comment of
// their own or, for members of a group, of the group.
func undocumented(f *ast.File) []string {
	var bare []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && receiverExported(d) && !conventional(d) {
				bare = append(bare, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				bare = append(bare, undocumentedSpec(d, spec)...)
			}
		}
	}
	return bare
}

func undocumentedSpec(d *ast.GenDecl, spec ast.Spec) []string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
			return []string{s.Name.Name}
		}
	case *ast.ValueSpec:
		if s.Doc != nil || d.Doc != nil || s.Comment != nil {
			return nil
		}
		var bare []string
		for _, n := range s.Names {
			if n.IsExported() {
				bare = append(bare, n.Name)
			}
		}
		return bare
	}
	return nil
}

func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// conventional methods say all in their name and signature.
func conventional(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return false
	}
	switch d.Name.Name {
	case "Error", "Unwrap", "String", "Len", "Less", "Swap", "Close", "ServeHTTP",
		"Read", "Write", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText":
		return true
	}
	return false
}

func TestLongFilesSayWhy(t *testing.T) {
	for _, p := range load(t) {
		for _, set := range []map[string]*ast.File{p.files, p.tests} {
			for name, f := range set {
				n := lines(t, name)
				if n <= maxLines {
					continue
				}
				if len(f.Comments) == 0 || !strings.Contains(f.Comments[0].Text(), "long because") {
					t.Errorf("%s: %d lines; split it by noun, or say in its first comment why it is \"long because\"", name, n)
				}
			}
		}
	}
}

// forbidden is what no committed file may hold: paths of the machines it was
// built on, and addresses of package registries (a lock file names versions and
// hashes only). The needles are joined here so that this file holds none.
var forbidden = regexp.MustCompile(strings.Join([]string{
	`/wo` + `rk/(main|shared|issues?)\b`,
	`/tmp/(br` + `ief|bash_` + `jobs|cla` + `ude)`,
	`/ro` + `ot/(go|\.)`,
	`registry\.np` + `mjs\.org`,
	`"reso` + `lved":\s*"http`,
	`proxy\.go` + `lang\.org`,
}, "|"))

func TestNoMachineOrRegistryInCommittedFiles(t *testing.T) {
	cmd := exec.Command("git", "ls-files", "-z")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		body, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // deleted, not committed yet
		}
		if hit := forbidden.Find(body); hit != nil {
			t.Errorf("%s: holds %q", name, hit)
		}
	}
}
