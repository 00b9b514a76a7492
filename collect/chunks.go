package collect

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"strconv"
	"time"

	"footpath/wire"
)

// serveChunk takes one chunk.
func (c *Collector) serveChunk(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	origin := originOf(r)
	known := c.projects.Load()
	if known.lists(origin) {
		allowOrigin(w, origin)
	}
	a := c.chunk(w, r, origin)
	c.m.chunks.WithLabelValues(a.outcome).Inc()
	c.m.seconds.Observe(time.Since(start).Seconds())
	writeAnswer(w, a)
	c.log.Debug("chunk", slog.Int("status", a.status), slog.String("outcome", a.outcome), slog.Duration("took", time.Since(start)))
}

func no(status int, reason wire.Reason) answer {
	return answer{status: status, reason: reason, outcome: string(reason)}
}

// chunk leads one request through the core.
func (c *Collector) chunk(w http.ResponseWriter, r *http.Request, origin string) answer {
	if !c.isReady.Load() {
		a := no(http.StatusServiceUnavailable, wire.ReasonUnavailable)
		a.retry = retrySoon
		return a
	}
	if !plainBody(r) {
		return no(http.StatusUnsupportedMediaType, wire.ReasonEncoding)
	}
	if r.ContentLength > wire.MaxBody {
		return no(http.StatusRequestEntityTooLarge, wire.ReasonTooLarge)
	}
	addr := c.address(r)
	id := c.ids.Add(1)
	answers := make(chan answer, 1)
	c.mu.Lock()
	c.waiting[id] = answers
	c.mu.Unlock()
	defer c.forgetRequest(id)
	size := r.ContentLength
	if size < 0 {
		size = wire.MaxBody
	}
	c.apply(opened{id: id, bytes: size, net: c.netOf(addr)})
	select {
	case a := <-answers:
		return a
	default:
	}
	body, a := c.readBody(w, r)
	if a.status != 0 {
		return a
	}
	head, payload, err := wire.Decode(body)
	if err != nil {
		return refusal(err)
	}
	p := c.projects.Load().get(head.Project)
	arrival := arrived{
		id: id, head: head, size: len(payload),
		refuses: r.Header.Get("Sec-GPC") == "1", dnt: r.Header.Get("DNT") == "1",
	}
	arrival.origin = p != nil && p.allows(origin, r)
	if p != nil {
		arrival.project = &p.Project
	}
	client, bot := reduce(r.UserAgent())
	arrival.bot = bot
	if p != nil && p.Country && c.deps.Country != nil {
		client.Country = c.deps.Country.Country(addr)
	}
	for _, e := range c.apply(arrival) {
		if do, ok := e.(store); ok {
			// The client may go away; what was begun is finished, so that repeats
			// learn how it ended.
			c.finish(c.keep(context.WithoutCancel(r.Context()), p, head, payload, client, do))
		}
	}
	select {
	case a := <-answers:
		if a.status == http.StatusAccepted {
			c.pulse.chunk(head.Project, origin, c.deps.Now().UnixMilli())
		}
		return a
	case <-r.Context().Done():
		return no(http.StatusServiceUnavailable, wire.ReasonUnavailable)
	}
}

// finish tells the core how a store ended.
func (c *Collector) finish(ev any) { c.apply(ev) }

func (c *Collector) forgetRequest(id uint64) {
	c.mu.Lock()
	delete(c.waiting, id)
	c.mu.Unlock()
	c.apply(ended{id})
}

// refusal is the answer to an envelope or payload that wire has refused.
func refusal(err error) answer {
	reason := wire.ReasonOf(err)
	return no(map[wire.Reason]int{
		wire.ReasonTooLarge: http.StatusRequestEntityTooLarge,
		wire.ReasonEncoding: http.StatusUnsupportedMediaType,
		wire.ReasonInvalid:  http.StatusUnprocessableEntity,
	}[reason], reason).orBadRequest()
}

func (a answer) orBadRequest() answer {
	if a.status == 0 {
		a.status = http.StatusBadRequest
	}
	return a
}

// plainBody says whether the body is what a recorder sends: text/plain, so that a
// beacon needs no preflight, or plain bytes; never a coding on top of the
// payload's own gzip (fault 12).
func plainBody(r *http.Request) bool {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return false
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && (kind == "text/plain" || kind == "application/octet-stream")
}

// readBody reads a body of at most MaxBody bytes. It must keep moving: nothing for
// BodyIdle, or slower than BodyRate on the whole, ends it (fault 23).
func (c *Collector) readBody(w http.ResponseWriter, r *http.Request) ([]byte, answer) {
	control := http.NewResponseController(w)
	start := time.Now()
	size := r.ContentLength
	if size < 0 {
		size = 16 << 10
	}
	body := make([]byte, 0, size+1)
	for {
		now := time.Now()
		limit := start.Add(c.cfg.BodyBase + time.Duration(int64(len(body))*int64(time.Second)/c.cfg.BodyRate))
		if idle := now.Add(c.cfg.BodyIdle); idle.Before(limit) {
			limit = idle
		}
		// A server that cannot set deadlines (tests) reads without them.
		_ = control.SetReadDeadline(limit)
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > wire.MaxBody:
			w.Header().Set("Connection", "close")
			return nil, no(http.StatusRequestEntityTooLarge, wire.ReasonTooLarge)
		case errors.Is(err, io.EOF):
			_ = control.SetReadDeadline(time.Time{})
			return body, answer{}
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.Header().Set("Connection", "close")
			return nil, no(http.StatusRequestTimeout, wire.ReasonMalformed)
		case err != nil: // cut short, or the connection is gone (fault 9)
			w.Header().Set("Connection", "close")
			return nil, no(http.StatusBadRequest, wire.ReasonMalformed)
		}
	}
}

// writeAnswer writes what the core or the shell has decided.
func writeAnswer(w http.ResponseWriter, a answer) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if a.reason != "" {
		h.Set(wire.ReasonHeader, string(a.reason))
	}
	if a.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(a.retry))
	}
	if a.status != http.StatusAccepted {
		w.WriteHeader(a.status)
		return
	}
	body, err := json.Marshal(wire.Answer{Durable: a.durable, Token: a.token})
	if err != nil { // numbers and a string always marshal
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(body) // a client that is gone asks again and gets the same
}
