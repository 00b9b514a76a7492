package memory_test

import (
	"testing"

	"footpath/store/events"
	"footpath/store/events/eventstest"
	"footpath/store/events/memory"
)

func TestContract(t *testing.T) {
	eventstest.Run(t, eventstest.Engine{Open: func(string) (events.Store, error) { return memory.New(), nil }})
}
