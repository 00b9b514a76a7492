package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/openapi.json and described.go anew")

const openAPIFile = "../docs/openapi.json"

// TestOpenAPI holds docs/openapi.json to the routes and types that are served,
// and its words to the comments of those types.
func TestOpenAPI(t *testing.T) {
	comments := commentsOf(t, ".", "../report", "../store/meta", "../internal/httpx")
	if *update {
		described = comments
	}
	spec, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]string{}
	for name, about := range comments {
		if typ, _, _ := strings.Cut(name, "."); bytes.Contains(spec, []byte(`"#/components/schemas/`+typ+`"`)) {
			used[name] = about
		}
	}
	if *update {
		described = used
		if err := os.WriteFile("described.go", generated(t, used), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(openAPIFile, spec, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(used, described); diff != "" {
		t.Errorf("described.go differs from the comments; run go test ./api -run TestOpenAPI -update:\n%s", diff)
	}
	golden, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), string(spec)); diff != "" {
		t.Errorf("docs/openapi.json differs from the API; run go test ./api -run TestOpenAPI -update:\n%s", diff)
	}
}

// TestOpenAPIIsWhole checks references, and that docs/api.md names each route.
func TestOpenAPIIsWhole(t *testing.T) {
	spec, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	for _, ref := range strings.Split(string(spec), `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("%s is referred to and not described", name)
		}
	}
	manual, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, rt := range (&API{}).table() {
		if doc.Paths[rt.path][strings.ToLower(rt.method)] == nil {
			t.Errorf("%s %s is not described", rt.method, rt.path)
		}
		if !bytes.Contains(manual, []byte("`"+rt.method+" "+rt.path)) {
			t.Errorf("docs/api.md does not name %s %s", rt.method, rt.path)
		}
		if id := operationID(rt); ids[id] {
			t.Errorf("operation %s twice", id)
		} else {
			ids[id] = true
		}
	}
}

// TestSchemaNamesAreUnique: components go by their type's name alone.
func TestSchemaNamesAreUnique(t *testing.T) {
	seen := map[string]reflect.Type{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Slice, reflect.Pointer, reflect.Map:
			walk(typ.Elem())
		case reflect.Struct:
			if before := seen[typ.Name()]; before == typ {
				return
			} else if before != nil {
				t.Errorf("two types named %s: %v and %v", typ.Name(), before, typ)
			}
			seen[typ.Name()] = typ
			for i := range typ.NumField() {
				if name, _ := fieldName(typ.Field(i)); name != "" && typ.PkgPath() != "time" {
					walk(typ.Field(i).Type)
				}
			}
		}
	}
	for _, rt := range (&API{}).table() {
		for _, v := range []any{rt.body, rt.answer} {
			if v != nil {
				walk(reflect.TypeOf(v))
			}
		}
	}
}

// commentsOf reads the comments of exported structs and their JSON fields.
func commentsOf(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range dirs {
		names, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, spec := range d.Specs {
						note(all, d, spec.(*ast.TypeSpec))
					}
				}
			}
		}
	}
	return all
}

func note(all map[string]string, d *ast.GenDecl, spec *ast.TypeSpec) {
	st, ok := spec.Type.(*ast.StructType)
	if !ok || !spec.Name.IsExported() {
		return
	}
	set := func(name string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if about := strings.Join(strings.Fields(g.Text()), " "); about != "" {
				all[name] = about
				return
			}
		}
	}
	set(spec.Name.Name, spec.Doc, d.Doc)
	for _, field := range st.Fields.List {
		if field.Tag == nil {
			continue
		}
		name, _ := fieldName(reflect.StructField{Name: "X", Tag: reflect.StructTag(strings.Trim(field.Tag.Value, "`"))})
		if name != "" {
			set(spec.Name.Name+"."+name, field.Doc, field.Comment)
		}
	}
}

func generated(t *testing.T, comments map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprint(&b, "// Code generated by TestOpenAPI -update; DO NOT EDIT.\n\npackage api\n\n"+
		"// described holds the comments of the types and fields that the API speaks.\nvar described = map[string]string{\n")
	for _, name := range slices.Sorted(maps.Keys(comments)) {
		fmt.Fprintf(&b, "\t%q: %q,\n", name, comments[name])
	}
	fmt.Fprint(&b, "}\n")
	source, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return source
}
