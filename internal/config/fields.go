package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// field is one setting: its name ("server.listen"), its place and its tags.
type field struct {
	name   string
	value  reflect.Value
	flag   string
	help   string
	secret bool
}

// env is the environment variable of a setting: FOOTPATH_SERVER_LISTEN.
func (f field) env() string {
	return "FOOTPATH_" + strings.ToUpper(strings.ReplaceAll(f.name, ".", "_"))
}

// fields lists the settings of c in the order of the struct.
func fields(c *Config) []field {
	var all []field
	root := reflect.ValueOf(c).Elem()
	for i := range root.NumField() {
		section := root.Type().Field(i)
		if !section.IsExported() {
			continue
		}
		for j := range section.Type.NumField() {
			key := section.Type.Field(j)
			all = append(all, field{
				name:   section.Tag.Get("yaml") + "." + key.Tag.Get("yaml"),
				value:  root.Field(i).Field(j),
				flag:   key.Tag.Get("flag"),
				help:   key.Tag.Get("help"),
				secret: key.Tag.Get("secret") == "true",
			})
		}
	}
	return all
}

// set parses texts into the field; a list takes any number, everything else one.
func (f field) set(texts ...string) error {
	if f.value.Kind() == reflect.Slice {
		list := []string{}
		for _, t := range texts {
			for part := range strings.SplitSeq(t, ",") {
				if part = strings.TrimSpace(part); part != "" {
					list = append(list, part)
				}
			}
		}
		f.value.Set(reflect.ValueOf(list))
		return nil
	}
	if len(texts) != 1 {
		return fmt.Errorf("%s takes one value, not a list", f.name)
	}
	text := strings.TrimSpace(texts[0])
	switch f.value.Interface().(type) {
	case string:
		f.value.SetString(text)
	case bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%s must be true or false, not %q", f.name, text)
		}
		f.value.SetBool(v)
	case time.Duration:
		v, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%s must be a duration such as 25s, not %q", f.name, text)
		}
		f.value.SetInt(int64(v))
	case int, int64:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%s must be a whole number, not %q", f.name, text)
		}
		f.value.SetInt(v)
	}
	return nil
}

// text writes the value as it would stand in the file.
func (f field) text() string {
	switch v := f.value.Interface().(type) {
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	case string:
		if f.secret && v != "" {
			return `"********"`
		}
		return strconv.Quote(v)
	default:
		return fmt.Sprint(v)
	}
}
