package events

import (
	"fmt"
	"strings"
)

// Type is what a column holds.
type Type uint8

const (
	Int  Type = iota + 1 // int64; booleans are 0 and 1
	Text                 // UTF-8
	List                 // of texts
)

// Column is one column of a table.
type Column struct {
	Name string
	Type Type
}

// field ties a column to the Go field it stores.
type field[R any] struct {
	Column
	get func(*R) any
}

// Read-only, made once: rows are built for every event that is stored.
var (
	eventColumns   = columnsOf(eventFields)
	sessionColumns = columnsOf(sessionFields)
	countColumns   = columnsOf(countFields)
)

// Columns lists a table's columns in stored order, or nil for no such table;
// the slice is shared and must not be changed.
// docs/format/tables.md says what each means.
func Columns(t Table) []Column {
	switch t {
	case Events:
		return eventColumns
	case Sessions:
		return sessionColumns
	case Counts:
		return countColumns
	default:
		return nil
	}
}

// TimeColumn is the column that Query.From and Query.To bound.
func TimeColumn(t Table) string {
	switch t {
	case Sessions:
		return "start"
	case Counts:
		return "hour"
	default:
		return "time"
	}
}

// Row gives an event's values in the order of Columns(Events).
func (e *Event) Row() []any { return rowOf(eventFields, e) }

// Row gives a session's values in the order of Columns(Sessions).
func (s *Session) Row() []any { return rowOf(sessionFields, s) }

// Row gives a count's values in the order of Columns(Counts).
func (c *Count) Row() []any { return rowOf(countFields, c) }

func columnOf(t Table, name string) (Column, error) {
	for _, c := range Columns(t) {
		if c.Name == name {
			return c, nil
		}
	}
	return Column{}, fmt.Errorf("%w: column %q of %s", ErrQuery, name, t)
}

func columnsOf[R any](fields []field[R]) []Column {
	out := make([]Column, len(fields))
	for i, f := range fields {
		out[i] = f.Column
	}
	return out
}

func rowOf[R any](fields []field[R], r *R) []any {
	out := make([]any, len(fields))
	for i, f := range fields {
		out[i] = f.get(r)
	}
	return out
}

func number[R any](name string, get func(*R) int64) field[R] {
	return field[R]{Column{name, Int}, func(r *R) any { return get(r) }}
}

func flag[R any](name string, get func(*R) bool) field[R] {
	return field[R]{Column{name, Int}, func(r *R) any {
		if get(r) {
			return int64(1)
		}
		return int64(0)
	}}
}

func text[R any](name string, get func(*R) string) field[R] {
	return field[R]{Column{name, Text}, func(r *R) any { return valid(get(r)) }}
}

func list[R any](name string, get func(*R) []string) field[R] {
	return field[R]{Column{name, List}, func(r *R) any {
		in := get(r)
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = valid(s)
		}
		return out
	}}
}

// valid makes a text storable in every engine: valid UTF-8 without NUL, which
// DuckDB takes and PostgreSQL and C string interfaces do not.
func valid(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	return s
}
