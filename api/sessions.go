package api

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"

	"footpath/internal/httpx"
	"footpath/report"
	"footpath/store/meta"
	"footpath/wire"
)

// session shows one session once the look is in the audit log.
func (a *API) session(c *call) error {
	id, err := sessionID(c.r.PathValue("id"))
	if err != nil {
		return err
	}
	var d report.SessionDetail
	if d.Session, err = a.Reports.Session(c.ctx(), c.project, id); err != nil {
		return err
	}
	if d.Steps, err = a.Reports.Steps(c.ctx(), c.project, id); err != nil {
		return err
	}
	d.Records, err = a.Reports.Records(c.ctx(), c.project, id)
	if errors.Is(err, report.ErrNotFound) {
		d.Records, err = []report.Record{}, nil // replays expire before events do (ruling 10)
	}
	if err != nil {
		return err
	}
	if err := a.watched(c, id); err != nil {
		return err
	}
	c.private()
	return c.answer(http.StatusOK, d)
}

// record feeds the player one page load, likewise.
func (a *API) record(c *call) error {
	id, err := sessionID(c.r.PathValue("id"))
	if err != nil {
		return err
	}
	record, err := sessionID(c.r.PathValue("record"))
	if err != nil {
		return err
	}
	after, err := number(c.r.URL.Query().Get("after"), "after", 0, 0)
	if err != nil {
		return err
	}
	feed, err := a.Reports.RecordEvents(c.ctx(), c.project, id, record, int(after))
	if err != nil {
		return err
	}
	if err := a.watched(c, id); err != nil {
		return err
	}
	c.private()
	return writeFeed(c, feed)
}

// sessionID: what has not the shape of an id names nothing.
func sessionID(s string) (wire.ID, error) {
	if id := wire.ID(s); id.Valid() {
		return id, nil
	}
	return "", meta.ErrNotFound
}

// writeFeed writes a feed event by event: it may be long, is JSON already, and
// need not stand in memory a second and third time, packed.
func writeFeed(c *call, feed report.Feed) error {
	h := c.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Add("Vary", "Accept-Encoding")
	var out io.Writer = c.w
	if len(feed.Events) > 0 && httpx.AcceptsGzip(c.r) {
		z, err := gzip.NewWriterLevel(c.w, gzip.BestSpeed)
		if err != nil {
			return err
		}
		defer func() { _ = z.Close() }() // the caller may be gone: nothing to do about it
		h.Set("Content-Encoding", "gzip")
		out = z
	}
	b := bufio.NewWriterSize(out, 64<<10)
	defer func() { _ = b.Flush() }() // before z is closed; likewise
	_, _ = b.WriteString(`{"events":[`)
	for i, e := range feed.Events {
		if i > 0 {
			_ = b.WriteByte(',')
		}
		if _, err := b.Write(e); err != nil {
			return nil // the caller is gone
		}
	}
	_, _ = b.WriteString(`],"next":` + strconv.Itoa(feed.Next) + `,"open":` + strconv.FormatBool(feed.Open) + `}`)
	return nil
}
