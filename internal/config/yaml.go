package config

import (
	"errors"
	"io/fs"
	"iter"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var boolType = reflect.TypeFor[bool]()

// textFlag keeps the text of a flag, to be parsed with the file's rules.
type textFlag struct {
	value   *string
	boolean bool
}

func (f *textFlag) String() string {
	if f.value == nil {
		return ""
	}
	return *f.value
}

func (f *textFlag) Set(text string) error {
	*f.value = text
	return nil
}

// IsBoolFlag lets -insecure-http stand alone.
func (f *textFlag) IsBoolFlag() bool { return f.boolean }

// pairs walks the keys and values of a mapping.
func pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(*yaml.Node, *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// yamlError splits the parser's "yaml: line 3: what" into ":3" and "what".
func yamlError(err error) (line, msg string) {
	text := err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		return ":" + m[1], text[len(m[0]):]
	}
	return "", strings.TrimPrefix(text, "yaml: ")
}

// reason leaves the path out of a file error: the message names it already.
func reason(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

func keysOf[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// unknown says that name is no such thing, and which known name is closest.
func unknown(what, name string, known []string) string {
	msg := "unknown " + what + " " + name
	best, distance := "", 4 // further than 3 edits is another word
	for _, k := range known {
		if d := edits(name, k); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return msg + ": did you mean " + best + "?"
	}
	return msg + " (known: " + strings.Join(known, ", ") + ")"
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
