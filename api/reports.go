package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"footpath/internal/httpx"
	"footpath/report"
	"footpath/store/meta"
	"footpath/wire"
)

const (
	// rangeDefault is what a screen shows first: four whole weeks.
	rangeDefault = 28
	// rangeMost is 13 months, as long as events are kept (ruling 10, S45).
	rangeMost  = 400
	dayForm    = "2006-01-02"
	filterText = 2_048 // longest filter: an address (wire.MaxString)
)

func (a *API) overview(c *call) error {
	days, err := a.days(c)
	if err != nil {
		return err
	}
	answer, err := a.Reports.Overview(c.ctx(), c.project.Key, days)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, answer)
}

func (a *API) facets(c *call) error {
	days, err := a.days(c)
	if err != nil {
		return err
	}
	answer, err := a.Reports.Facets(c.ctx(), c.project.Key, days)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, answer)
}

func (a *API) sessions(c *call) error {
	if strings.Contains(c.r.Header.Get("Accept"), "text/csv") {
		return a.sessionsCSV(c)
	}
	filter, err := a.filter(c)
	if err != nil {
		return err
	}
	answer, err := a.Reports.Sessions(c.ctx(), c.project.Key, filter)
	if err != nil {
		return err
	}
	if answer.Rows == nil {
		answer.Rows = []report.SessionRow{}
	}
	return c.answer(http.StatusOK, answer)
}

// session shows one session once the look is in the audit log.
func (a *API) session(c *call) error {
	id, err := sessionID(c.r.PathValue("id"))
	if err != nil {
		return err
	}
	answer, err := a.Reports.Session(c.ctx(), c.project.Key, id)
	if err != nil {
		return err
	}
	if err := a.watched(c, id); err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusOK, answer)
}

// sessionID: what has not the shape of an id names nothing.
func sessionID(s string) (wire.ID, error) {
	if id := wire.ID(s); id.Valid() {
		return id, nil
	}
	return "", meta.ErrNotFound
}

// days reads from and to in the project's zone.
func (a *API) days(c *call) (report.Range, error) {
	zone, err := time.LoadLocation(c.project.Zone)
	if err != nil {
		zone = time.UTC
	}
	q := c.r.URL.Query()
	to, err := day(q.Get("to"), "to", a.Now().In(zone))
	if err != nil {
		return report.Range{}, err
	}
	from, err := day(q.Get("from"), "from", to.AddDate(0, 0, 1-rangeDefault))
	if err != nil {
		return report.Range{}, err
	}
	if from.After(to) {
		return report.Range{}, httpx.Invalid("from", "The first day must not be after the last.")
	}
	if to.Sub(from) > rangeMost*24*time.Hour {
		return report.Range{}, httpx.Invalid("from", "Choose at most 13 months: older data is not kept.")
	}
	return report.Range{From: from.Format(dayForm), To: to.Format(dayForm), Zone: zone.String()}, nil
}

// day is a date at midnight UTC, so that days can be counted.
func day(s, field string, fallback time.Time) (time.Time, error) {
	if s == "" {
		s = fallback.Format(dayForm)
	}
	t, err := time.Parse(dayForm, s)
	if err != nil || t.Year() < 2000 || t.Year() > 2200 {
		return t, httpx.Invalid(field, "Write a day as 2006-01-02.")
	}
	return t, nil
}

// sorts are the columns that a list can be ordered by.
var sorts = map[string]bool{"": true, "start": true, "duration": true, "active": true, "pages": true, "clicks": true, "errors": true}

func (a *API) filter(c *call) (report.SessionFilter, error) {
	days, err := a.days(c)
	if err != nil {
		return report.SessionFilter{}, err
	}
	q := c.r.URL.Query()
	for name, values := range q {
		if len(values[0]) > filterText {
			return report.SessionFilter{}, httpx.Invalid(name, "A filter has at most %d characters.", filterText)
		}
	}
	f := report.SessionFilter{
		Range: days, Page: q.Get("page"), Entry: q.Get("entry"), Event: q.Get("event"), Device: q.Get("device"),
		Browser: q.Get("browser"), OS: q.Get("os"), Country: q.Get("country"), Referrer: q.Get("referrer"),
		Visitor: wire.ID(q.Get("visitor")), Sort: q.Get("sort"),
	}
	if f.Visitor != "" && !f.Visitor.Valid() {
		return f, httpx.Invalid("visitor", "A visitor id has %d characters.", wire.IDLen)
	}
	if !sorts[strings.TrimPrefix(f.Sort, "-")] || f.Sort == "-" {
		return f, httpx.Invalid("sort", "Sort by start, duration, active, pages, clicks or errors; - before it sorts downwards.")
	}
	return f, filterNumbers(&f, q)
}

func filterNumbers(f *report.SessionFilter, q url.Values) error {
	const day = 24 * 60 * 60 * 1000
	var err error
	if f.MinDuration, err = number(q.Get("min"), "min", 0, day, 0); err != nil {
		return err
	}
	if f.MaxDuration, err = number(q.Get("max"), "max", 0, day, 0); err != nil {
		return err
	}
	if f.MaxDuration > 0 && f.MaxDuration < f.MinDuration {
		return httpx.Invalid("max", "The longest time must not be below the shortest.")
	}
	offset, err := number(q.Get("offset"), "offset", 0, 1_000_000, 0)
	if err != nil {
		return err
	}
	limit, err := number(q.Get("limit"), "limit", 1, 200, 50)
	if err != nil {
		return err
	}
	f.Offset, f.Limit = int(offset), int(limit)
	if f.Live, err = truth(q.Get("live"), "live"); err != nil {
		return err
	}
	f.Errors, err = truth(q.Get("errors"), "errors")
	return err
}

func truth(s, field string) (bool, error) {
	switch s {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	}
	return false, httpx.Invalid(field, "Write 1 or leave %s out.", field)
}
