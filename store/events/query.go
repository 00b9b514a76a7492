package events

import (
	"context"
	"errors"

	"footpath/wire"
)

// Table names one of the three tables.
type Table string

const (
	Events   Table = "events"   // rows of Event
	Sessions Table = "sessions" // rows of Session
	Counts   Table = "counts"   // rows of Count
)

// Errors of a question.
var (
	// ErrQuery: the question is not one of the algebra; a fault of the caller.
	ErrQuery = errors.New("events: no such question")
	// ErrSlow: the engine did not answer within its time limit.
	ErrSlow = errors.New("events: the question took too long")
)

// Query is one question to one table. It is either a selection (Select is set)
// or an aggregation (Group and Aggregates). The same Query gives the same rows
// in every engine: texts compare by their UTF-8 bytes, quantiles are nearest
// ranks, and rows that Order leaves equal come in the order of all their
// columns from left to right.
type Query struct {
	Table   Table
	Project wire.ProjectKey
	// From and To bound the table's own time, half open, in milliseconds UTC:
	// Event.Time, Session.Start, Count.Hour.
	From, To int64
	// Where: every filter must hold.
	Where []Filter
	// Select lists the columns of a selection.
	Select []string
	// Group and Aggregates make the columns of an aggregation, groups first.
	// Without groups there is exactly one row, also over nothing.
	Group      []Group
	Aggregates []Aggregate
	Order      []Order
	// Limit bounds the rows; 0 does not.
	Limit, Offset int
}

// Op is what a Filter asks of a column.
type Op uint8

const (
	// OpIn: the value is one of Ints or Texts.
	OpIn Op = iota + 1
	// OpRange: Ints[0] <= value < Ints[1].
	OpRange
	// OpPrefix: the text starts with Texts[0].
	OpPrefix
	// OpHas: the list holds one of Texts.
	OpHas
	// OpHasPrefix: the list holds a text that starts with Texts[0].
	OpHasPrefix
	// OpAny: at least one of the filters in Of holds.
	OpAny
	// OpNone: none of the filters in Of holds.
	OpNone
)

// Filter is a condition on a row. Make it with In, Range, and so on.
type Filter struct {
	Column string
	Op     Op
	Ints   []int64
	Texts  []string
	Of     []Filter
}

// In holds where an integer column is one of the values.
func In(column string, values ...int64) Filter {
	return Filter{Column: column, Op: OpIn, Ints: values}
}

// Is holds where a text column is one of the values.
func Is(column string, values ...string) Filter {
	return Filter{Column: column, Op: OpIn, Texts: values}
}

// Between holds where from <= column < to.
func Between(column string, from, to int64) Filter {
	return Filter{Column: column, Op: OpRange, Ints: []int64{from, to}}
}

// HasPrefix holds where a text column starts with prefix.
func HasPrefix(column, prefix string) Filter {
	return Filter{Column: column, Op: OpPrefix, Texts: []string{prefix}}
}

// Has holds where a list column holds one of the values.
func Has(column string, values ...string) Filter {
	return Filter{Column: column, Op: OpHas, Texts: values}
}

// AnyHasPrefix holds where a list column holds a text that starts with prefix.
func AnyHasPrefix(column, prefix string) Filter {
	return Filter{Column: column, Op: OpHasPrefix, Texts: []string{prefix}}
}

// AnyOf holds where at least one filter does.
func AnyOf(filters ...Filter) Filter { return Filter{Op: OpAny, Of: filters} }

// NoneOf holds where no filter does.
func NoneOf(filters ...Filter) Filter { return Filter{Op: OpNone, Of: filters} }

// Group is one column to group by.
type Group struct {
	Column string
	// Edges, when set, groups an integer column into the buckets [Edges[i],
	// Edges[i+1]); the group's value is the bucket's lower edge, and rows outside
	// of all buckets are left out. Ascending; equal neighbours make an empty
	// bucket that no row falls into.
	Edges []int64
}

// Func is an aggregate function.
type Func uint8

const (
	// CountRows counts rows.
	CountRows Func = iota + 1
	// Sum adds an integer column up; 0 over nothing.
	Sum
	// Distinct counts the different values of a column.
	Distinct
	// Min is the smallest value of an integer column; 0 over nothing.
	Min
	// Max is the largest value of an integer column; 0 over nothing.
	Max
	// Quantile is the nearest-rank quantile of an integer column: the k-th
	// smallest of n values, k = ceil(n × Q / 10,000), at least the first; 0 over
	// nothing.
	Quantile
)

// Aggregate is one figure per group.
type Aggregate struct {
	Func   Func
	Column string
	Q      int // Quantile only: 1 to 10,000 ten-thousandths
	// Where narrows the rows this one figure is about.
	Where []Filter
}

// Order sorts by an output column (0 is the first); ties go on to the next.
type Order struct {
	Output int
	Desc   bool
}

// Rows are the answer: each value is an int64, a string or a []string. Values of
// Values[i] stand in the order of Select, or groups and then aggregates.
type Rows struct {
	Columns []string
	Values  [][]any
}

// Reader is the read side of the port. Safe for concurrent use; ctx ends a
// question early. A question sees every batch whose Write returned before it
// began, and of later ones all or nothing per month.
type Reader interface {
	// Query answers with all rows at once.
	Query(ctx context.Context, q Query) (Rows, error)
	// Scan calls fn with each row in order, without holding them all; fn must not
	// keep the slice, nor ask another question before it returns (an engine
	// answers few at a time). An error of fn ends the scan and is returned.
	Scan(ctx context.Context, q Query, fn func(row []any) error) error
}

// Store is an engine: both sides of the port.
type Store interface {
	Writer
	Reader
	Close() error
}
