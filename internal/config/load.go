package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds the configuration file: a full one is about 2 KB.
const maxFile = 1 << 20

// Flags are the settings that can be given on the command line.
type Flags struct {
	set  *flag.FlagSet
	file *string
	raw  map[string]*string // by setting name
}

// Register adds -config and the settings' flags to set. With names given only
// those flags are added.
func Register(set *flag.FlagSet, names ...string) *Flags {
	f := &Flags{set: set, raw: map[string]*string{}}
	f.file = set.String("config", "", "configuration `file` (YAML)")
	c := Default()
	for _, field := range fields(&c) {
		if field.flag == "" || len(names) > 0 && !slices.Contains(names, field.flag) {
			continue
		}
		value := new(string)
		f.raw[field.name] = value
		usage := field.help + " (default " + field.text() + ")"
		set.Var(&textFlag{value: value, boolean: field.value.CanConvert(boolType)}, field.flag, usage)
	}
	return f
}

// Load puts defaults, file, environment and flags together and checks the whole.
// Every error found is in the result, one a line.
func Load(f *Flags, environ []string) (Config, error) {
	c := Default()
	c.origins = map[string]string{}
	var errs []error
	if *f.file != "" {
		errs = append(errs, c.readFile(*f.file)...)
	}
	errs = append(errs, c.readEnv(environ)...)
	errs = append(errs, c.readFlags(f)...)
	if len(errs) == 0 {
		errs = c.check()
	}
	return c, errors.Join(errs...)
}

func (c *Config) readFile(name string) []error {
	file, err := os.Open(name)
	if err != nil {
		return []error{&Error{name, "cannot be read: " + reason(err)}}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return []error{&Error{name, "cannot be read: " + reason(err)}}
	}
	if len(text) > maxFile {
		return []error{&Error{name, "is larger than 1 MB: not a configuration file"}}
	}
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, msg := yamlError(err)
		return []error{&Error{name + line, msg}}
	}
	return c.readDocument(name, doc.Content[0])
}

func (c *Config) readDocument(file string, doc *yaml.Node) []error {
	all := map[string]field{}
	sections := map[string]bool{}
	for _, f := range fields(c) {
		all[f.name] = f
		section, _, _ := strings.Cut(f.name, ".")
		sections[section] = true
	}
	at := func(n *yaml.Node) string { return fmt.Sprintf("%s:%d", file, n.Line) }
	if doc.Kind != yaml.MappingNode {
		return []error{&Error{at(doc), "must be sections with settings, such as\nserver:\n  listen: 127.0.0.1:8080"}}
	}
	var errs []error
	seen := map[string]bool{}
	for section, body := range pairs(doc) {
		if !sections[section.Value] {
			errs = append(errs, &Error{at(section), unknown("section", section.Value, keysOf(sections))})
			continue
		}
		if body.Kind != yaml.MappingNode {
			errs = append(errs, &Error{at(body), fmt.Sprintf("section %q must hold settings", section.Value)})
			continue
		}
		for key, value := range pairs(body) {
			name := section.Value + "." + key.Value
			f, ok := all[name]
			if !ok {
				errs = append(errs, &Error{at(key), unknown("setting", name, keysOf(all))})
				continue
			}
			if seen[name] {
				errs = append(errs, &Error{at(key), fmt.Sprintf("%s is given twice", name)})
				continue
			}
			seen[name] = true
			if err := f.setNode(value); err != nil {
				errs = append(errs, &Error{at(value), err.Error()})
				continue
			}
			c.origins[name] = at(value)
		}
	}
	return errs
}

// setNode takes a scalar or a list of scalars.
func (f field) setNode(n *yaml.Node) error {
	switch n.Kind {
	case yaml.ScalarNode:
		return f.set(n.Value)
	case yaml.SequenceNode:
		var texts []string
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return fmt.Errorf("%s must be a list of plain values", f.name)
			}
			texts = append(texts, item.Value)
		}
		if len(texts) == 0 {
			texts = []string{""}
		}
		return f.set(texts...)
	default:
		return fmt.Errorf("%s must be a plain value", f.name)
	}
}

// readEnv takes FOOTPATH_SECTION_KEY; a variable of a section of ours that names
// no setting is an error, since a misspelt one would silently do nothing.
func (c *Config) readEnv(environ []string) []error {
	all := map[string]field{}
	sections := map[string]bool{}
	for _, f := range fields(c) {
		all[f.env()] = f
		section, _, _ := strings.Cut(f.name, ".")
		sections["FOOTPATH_"+strings.ToUpper(section)] = true
	}
	var errs []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		f, ok := all[name]
		if !ok {
			parts := strings.SplitN(name, "_", 3)
			if len(parts) < 3 || !sections[parts[0]+"_"+parts[1]] {
				continue
			}
			errs = append(errs, &Error{"environment", unknown("variable", name, keysOf(all))})
			continue
		}
		if err := f.set(value); err != nil {
			errs = append(errs, &Error{"environment " + name, err.Error()})
			continue
		}
		c.origins[f.name] = "environment " + name
	}
	return errs
}

func (c *Config) readFlags(given *Flags) []error {
	onLine := map[string]bool{}
	given.set.Visit(func(f *flag.Flag) { onLine[f.Name] = true })
	var errs []error
	for _, f := range fields(c) {
		if f.flag == "" || !onLine[f.flag] || given.raw[f.name] == nil {
			continue
		}
		if err := f.set(*given.raw[f.name]); err != nil {
			errs = append(errs, &Error{"flag -" + f.flag, err.Error()})
			continue
		}
		c.origins[f.name] = "flag -" + f.flag
	}
	return errs
}
