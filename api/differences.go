package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"footpath/store/meta"
)

// differences says in words what changed between two states of a project, for
// the audit log: "replay: false → true". What the server sets itself is left out.
func differences(from, to meta.Project) []string {
	var changes []string
	f, t := reflect.ValueOf(from), reflect.ValueOf(to)
	for i := range f.NumField() {
		name, _, _ := strings.Cut(f.Type().Field(i).Tag.Get("json"), ",")
		switch name {
		case "created", "revision", "consentSetBy", "consentSetAt", "key":
			continue
		}
		before, after := text(f.Field(i).Interface()), text(t.Field(i).Interface())
		if before != after {
			changes = append(changes, name+": "+before+" → "+after)
		}
	}
	return changes
}

// text is a setting as a person reads it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		if v == "" {
			return "(none)"
		}
		return v
	case []string:
		if len(v) == 0 {
			return "(none)"
		}
		return strings.Join(v, ", ")
	case time.Time:
		if v.IsZero() {
			return "(none)"
		}
		return v.UTC().Format(time.RFC3339)
	case bool, int:
		return fmt.Sprint(v)
	}
	body, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return string(body)
}
