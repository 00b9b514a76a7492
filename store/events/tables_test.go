package events_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"footpath/store/events"
)

// docs/format/tables.md describes the columns that there are, in stored order.
func TestTablesPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/format/tables.md")
	if err != nil {
		t.Fatal(err)
	}
	types := map[events.Type]string{events.Int: "integer", events.Text: "text", events.List: "list"}
	for _, table := range []events.Table{events.Events, events.Sessions, events.Counts} {
		_, part, found := strings.Cut(string(page), fmt.Sprintf("\n## %s\n", table))
		if !found {
			t.Fatalf("no part about %s", table)
		}
		part, _, _ = strings.Cut(part, "\n## ")
		lines := strings.Split(strings.TrimSpace(part), "\n")
		lines = lines[len(lines)-len(events.Columns(table)):]
		for i, c := range events.Columns(table) {
			if want := fmt.Sprintf("| %s | %s | ", c.Name, types[c.Type]); !strings.HasPrefix(lines[i], want) || len(lines[i]) < len(want)+5 {
				t.Errorf("%s: line %q, want %q", table, lines[i], want)
			}
		}
		if strings.Count(part, "\n| ") != len(events.Columns(table))+2 {
			t.Errorf("%s: other columns than %d", table, len(events.Columns(table)))
		}
	}
}
