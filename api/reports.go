package api

import (
	"net/http"
	"net/url"
	"strings"

	"footpath/internal/httpx"
	"footpath/report"
	"footpath/wire"
)

func (a *API) overview(c *call) error {
	answer, err := a.Reports.Overview(c.ctx(), c.project, days(c))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, answer)
}

func (a *API) facets(c *call) error {
	answer, err := a.Reports.Facets(c.ctx(), c.project, days(c))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, answer)
}

func (a *API) sessions(c *call) error {
	if strings.Contains(c.r.Header.Get("Accept"), "text/csv") {
		return a.sessionsCSV(c)
	}
	question, err := filter(c)
	if err != nil {
		return err
	}
	answer, err := a.Reports.Sessions(c.ctx(), c.project, question)
	if err != nil {
		return err
	}
	if answer.Rows == nil {
		answer.Rows = []report.SessionRow{}
	}
	return c.answer(http.StatusOK, answer)
}

// days are what the caller asks for; package report checks them and fills in what
// is missing, in the project's zone.
func days(c *call) report.Range {
	q := c.r.URL.Query()
	return report.Range{From: q.Get("from"), To: q.Get("to"), Zone: c.project.Zone}
}

// filter reads the parameters; what they may hold is package report's to say.
func filter(c *call) (report.SessionFilter, error) {
	q := c.r.URL.Query()
	f := report.SessionFilter{
		Range: days(c), Page: q.Get("page"), Entry: q.Get("entry"), Event: q.Get("event"), Device: q.Get("device"),
		Browser: q.Get("browser"), OS: q.Get("os"), Country: q.Get("country"), Referrer: q.Get("referrer"),
		Visitor: wire.ID(q.Get("visitor")), Sort: q.Get("sort"),
	}
	return f, filterNumbers(&f, q)
}

func filterNumbers(f *report.SessionFilter, q url.Values) error {
	var err error
	if f.MinDuration, err = number(q.Get("min"), "min", 0, 0); err != nil {
		return err
	}
	if f.MaxDuration, err = number(q.Get("max"), "max", 0, 0); err != nil {
		return err
	}
	offset, err := number(q.Get("offset"), "offset", 0, 0)
	if err != nil {
		return err
	}
	limit, err := number(q.Get("limit"), "limit", 1, 0)
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
