package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"footpath/internal/httpx"
	"footpath/report"
	"footpath/store/meta"
)

const (
	// csvRows bounds a file: more is for the export command.
	csvRows = 10_000
	csvPage = 200
)

var csvHead = []string{
	"session", "visitor", "start", "end", "duration_ms", "active_ms", "pages", "clicks", "custom_events", "errors",
	"entry", "exit", "referrer", "device", "browser", "os", "country", "language", "screen", "width", "height",
	"new", "bot", "live", "replay", "gaps", "consent", "events",
}

// sessionsCSV answers the filtered sessions as a file; taking it out is audited.
func (a *API) sessionsCSV(c *call) error {
	question, err := filter(c)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	out := csv.NewWriter(&buf)
	out.UseCRLF = true // RFC 4180
	if err := out.Write(csvHead); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	var days report.Range // as worked out
	rows := 0
	for question.Limit = csvPage; rows < csvRows; question.Offset += csvPage {
		page, err := a.Reports.Sessions(c.ctx(), c.project, question)
		if err != nil {
			return err
		}
		for _, r := range page.Rows {
			if err := out.Write(csvRow(r)); err != nil {
				return fmt.Errorf("write csv: %w", err)
			}
		}
		days = page.Range
		rows += len(page.Rows)
		if len(page.Rows) < csvPage {
			break
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	err = a.note(c, c.user.Name, meta.Audit{
		Action: "sessions.export", Project: string(c.project.Key),
		Detail: fmt.Sprintf("%d rows, %s to %s", rows, days.From, days.To),
	})
	if err != nil {
		return err
	}
	c.private()
	c.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="sessions-%s-%s.csv"`, days.From, days.To))
	return httpx.WriteBody(c.w, c.r, "text/csv; charset=utf-8", buf.Bytes())
}

func csvRow(r report.SessionRow) []string {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	at := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
	row := []string{
		string(r.ID), string(r.Visitor), at(r.Start), at(r.End), n(r.Duration), n(r.Active),
		n(int64(r.Pages)), n(int64(r.Clicks)), n(int64(r.Customs)), n(int64(r.Errors)),
		r.Entry, r.Exit, r.Referrer, r.Device, r.Browser, r.OS, r.Country, r.Language, r.Screen,
		n(int64(r.Width)), n(int64(r.Height)), strconv.FormatBool(r.New), strconv.FormatBool(r.Bot), strconv.FormatBool(r.Live),
		strconv.FormatBool(r.HasReplay), n(int64(r.Gaps)), r.Consent, strings.Join(r.Events, " "),
	}
	for i, cell := range row {
		row[i] = plainCell(cell)
	}
	return row
}

// plainCell keeps a spreadsheet from taking a cell for a formula (S47): titles,
// addresses and event names come from strangers. An id may start with - too.
func plainCell(s string) string {
	if strings.HasPrefix(s, "=") || strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") || strings.HasPrefix(s, "@") {
		return "'" + s
	}
	for _, start := range []string{"\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, start) {
			return "'" + s
		}
	}
	return s
}
