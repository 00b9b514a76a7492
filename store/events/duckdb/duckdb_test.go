package duckdb_test

import (
	"testing"

	"footpath/store/events"
	"footpath/store/events/duckdb"
	"footpath/store/events/eventstest"
)

func open(dir string) (events.Store, error) { return duckdb.Open(dir, duckdb.Config{}) }

func TestContract(t *testing.T) {
	eventstest.Run(t, eventstest.Engine{Open: open, Keeps: true})
}
