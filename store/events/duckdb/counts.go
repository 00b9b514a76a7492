package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"footpath/store/events"
)

// addCounts adds Tier A views to the rows of the same classes and hour, and adds
// rows for combinations that are new.
func addCounts(ctx context.Context, tx *sql.Tx, m *month, counts []events.Count) error {
	if len(counts) == 0 {
		return nil
	}
	news, args := countColumns(counts)
	table := m.catalog + "." + string(events.Counts)
	same := sameCombination()
	update := fmt.Sprintf("UPDATE %s AS c SET views = c.views + n.views FROM (%s) AS n WHERE %s", table, news, same)
	// New rows first get 0 views, so that the update is the one place that adds.
	add := fmt.Sprintf("INSERT INTO %s SELECT n.* REPLACE (0 AS views) FROM (%s) AS n WHERE NOT EXISTS (SELECT 1 FROM %s AS c WHERE %s)", table, news, table, same)
	for _, text := range []string{add, update} {
		if _, err := tx.ExecContext(ctx, text, args...); err != nil {
			return fmt.Errorf("add counts: %w", err)
		}
	}
	return nil
}

// countColumns gives a SELECT of the counts, one parameter (a list) per column,
// each combination once.
func countColumns(counts []events.Count) (string, []any) {
	sum := map[events.Count]int64{}
	var order []events.Count
	for _, c := range counts {
		views := c.Views
		c.Views = 0
		if _, ok := sum[c]; !ok {
			order = append(order, c)
		}
		sum[c] += views
	}
	columns := events.Columns(events.Counts)
	args := make([]any, len(columns))
	names := make([]string, len(columns))
	for i, column := range columns {
		kind := "VARCHAR[]"
		if column.Type == events.Int {
			kind = "BIGINT[]"
			args[i] = []int64{}
		} else {
			args[i] = []string{}
		}
		names[i] = fmt.Sprintf("unnest(CAST($%d AS %s)) AS %s", i+1, kind, identifier(column.Name))
	}
	for _, c := range order {
		c.Views, sum[c] = sum[c], 0
		for i, v := range c.Row() {
			switch v := v.(type) {
			case int64:
				args[i] = append(args[i].([]int64), v)
			case string:
				args[i] = append(args[i].([]string), v)
			}
		}
	}
	return "SELECT " + strings.Join(names, ", "), args
}

// sameCombination compares every column of c and n but the views.
func sameCombination() string {
	var parts []string
	for _, column := range events.Columns(events.Counts) {
		if column.Name != "views" {
			name := identifier(column.Name)
			parts = append(parts, "c."+name+" = n."+name)
		}
	}
	return strings.Join(parts, " AND ")
}
