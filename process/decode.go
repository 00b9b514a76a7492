package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/replay"
	"footpath/store/recordings"
	"footpath/wire"
)

// decoder opens, unpacks and cleans entries of the journal.
type decoder struct {
	keys     keys.Store
	projects *projects
	secret   []byte
	metrics  *metrics
}

// errTransient: the entry could not be looked at now; it is to be tried again.
var errTransient = errors.New("process: stores cannot be asked")

// read gives an entry's analytics events; DOM events are passed over. A chunk that
// cannot be read is counted and counts as empty: the rest goes on (faults 55, 56).
func (d *decoder) read(ctx context.Context, e journal.Entry) (*chunk, error) {
	c := chunkOf(e)
	payload, err := d.open(ctx, e, c)
	if err != nil || payload == nil {
		return c, err
	}
	d.guard(c, func() { d.events(c, payload, nil, nil) })
	return c, nil
}

// readAll gives an entry's events as they are stored: cleaned, DOM events too.
func (d *decoder) readAll(ctx context.Context, e journal.Entry, check *replay.Checker) (*chunk, []byte, error) {
	c := chunkOf(e)
	payload, err := d.open(ctx, e, c)
	if err != nil || payload == nil {
		return c, nil, err
	}
	out := make([]byte, 0, len(payload))
	d.guard(c, func() { d.events(c, payload, check, &out) })
	return c, out, nil
}

func chunkOf(e journal.Entry) *chunk {
	h := e.Chunk.Header
	return &chunk{
		position: e.Position, key: key{h.Project, h.Session}, visitor: h.Visitor, record: h.Record, seq: h.Seq,
		flags: h.Flags, day: e.Chunk.Day, arrived: e.Chunk.Arrived, sent: h.SentMs, client: e.Chunk.Client,
		size: int64(len(e.Chunk.Body)),
	}
}

// sealing is what a key adds to a payload (privacy/keys): nonce and tag.
const sealing = 28

// open gives an entry's inflated payload; nil when it is gone or cannot be read.
func (d *decoder) open(ctx context.Context, e journal.Entry, c *chunk) ([]byte, error) {
	set, err := d.projects.settings(ctx, c.key.project)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errTransient, err)
	}
	if set == nil {
		c.gone = true
		d.metrics.dropped.WithLabelValues("project").Inc()
		return nil, d.shred(ctx, c)
	}
	c.set, c.size = set, max(c.size-sealing, 0)
	k, err := d.keys.Get(ctx, keys.Name{Project: c.key.project, ID: c.key.session, Day: c.day})
	switch {
	case errors.Is(err, keys.ErrErased), errors.Is(err, keys.ErrUnknown):
		c.gone = true
		d.metrics.dropped.WithLabelValues("erased").Inc()
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w: key of session %s: %w", errTransient, c.key.session, err)
	}
	gz, err := k.Open(e.Chunk.Body, wire.Additional(e.Chunk.Header))
	if err != nil {
		d.metrics.quarantined.WithLabelValues("sealed").Inc()
		return nil, nil
	}
	payload, err := wire.Inflate(gz)
	if err != nil {
		d.metrics.quarantined.WithLabelValues("gzip").Inc()
		return nil, nil
	}
	c.inflated = len(payload)
	d.metrics.inflated.Add(float64(len(payload)))
	return payload, nil
}

// shred destroys the key of a chunk whose project is gone: it may have come in
// while the project was being erased, after the other keys were destroyed.
func (d *decoder) shred(ctx context.Context, c *chunk) error {
	name := keys.Name{Project: c.key.project, ID: c.key.session, Day: c.day}
	if _, err := d.keys.Get(ctx, name); err != nil {
		return nil // there is none any more
	}
	if err := d.keys.Destroy(ctx, name); err != nil {
		return fmt.Errorf("%w: destroy the key of session %s: %w", errTransient, c.key.session, err)
	}
	return nil
}

// guard runs fn and turns a panic into a counted, empty chunk: one bad input must
// not stop the others (fault 55).
func (d *decoder) guard(c *chunk, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			c.items = nil
			d.metrics.quarantined.WithLabelValues("panic").Inc()
			d.metrics.panicked(debug.Stack())
		}
	}()
	fn()
}

// events decodes the lines of a payload into c. With out they are also written
// there as they are stored, DOM events rewritten by check.
func (d *decoder) events(c *chunk, payload []byte, check *replay.Checker, out *[]byte) {
	clean := cleaner{set: c.set, project: c.key.project, secret: d.secret}
	idx := int32(-1)
	for ev, err := range wire.Events(payload) {
		idx++
		if err != nil {
			d.metrics.badEvents.WithLabelValues("line").Inc()
			continue
		}
		if ev.Kind == wire.KindDOM {
			d.dom(c, ev, check, out)
			continue
		}
		if (ev.Kind == wire.KindCount) != (c.key.session == "") {
			d.metrics.badEvents.WithLabelValues("tier").Inc()
			continue
		}
		v, err := clean.decode(ev)
		if err != nil {
			d.metrics.badEvents.WithLabelValues("event").Inc()
			continue
		}
		if v == nil {
			continue
		}
		c.items = append(c.items, item{idx, ev.Time, v})
		if out != nil {
			*out = appendEvent(*out, ev, idx, v)
		}
	}
	c.lines = int(idx + 1)
	if out == nil { // what is read again for sealing was counted when it came
		d.metrics.count(clean.removed, clean.refused)
	}
}

// dom takes one DOM event: its presence, or, when it is to be stored, what is left
// of it.
func (d *decoder) dom(c *chunk, ev wire.Event, check *replay.Checker, out *[]byte) {
	if !c.set.replay || c.key.session == "" {
		return
	}
	c.snapshot = c.snapshot || replay.Snapshot(ev.Data)
	if out == nil {
		return
	}
	data, err := check.Check(ev.Data)
	if err != nil {
		d.metrics.badEvents.WithLabelValues("dom").Inc()
		return
	}
	if data != nil {
		*out = appendLine(*out, ev.Kind, ev.Time, -1, data)
	}
}

func appendEvent(out []byte, ev wire.Event, idx int32, v any) []byte {
	if t, ok := v.(typed); ok {
		v = t.Input
	}
	data, err := json.Marshal(v)
	if err != nil {
		return out // plain structs of strings and numbers: it cannot fail
	}
	return appendLine(out, ev.Kind, ev.Time, idx, data)
}

// appendLine writes an event; idx is left out when negative.
func appendLine(out []byte, kind wire.Kind, t int64, idx int32, data []byte) []byte {
	out = append(append(out, `{"k":"`...), kind...)
	out = strconv.AppendInt(append(out, `","t":`...), t, 10)
	if idx >= 0 {
		out = strconv.AppendInt(append(out, `,"i":`...), int64(idx), 10)
	}
	out = append(append(out, `,"d":`...), data...)
	return append(out, '}', '\n')
}

// pieceOf reads a piece of a recording back as a chunk. What stands there was
// cleaned before it was stored.
func (d *decoder) pieceOf(k key, day int32, head recordings.Head, p recordings.Piece, set *settings) *chunk {
	c := &chunk{
		key: k, visitor: head.Visitor, record: p.Record, seq: p.Seq, flags: p.Flags, day: day,
		arrived: p.Arrived, sent: p.SentMs, set: set, size: p.Size, inflated: len(p.Events),
		client: journal.Client{Device: head.Device, Browser: head.Browser, OS: head.OS, Country: head.Country, Bot: head.Bot},
	}
	for line := range bytes.SplitSeq(p.Events, []byte{'\n'}) {
		if len(line) == 0 {
			continue
		}
		if data, ok := domLine(line); ok {
			c.snapshot = c.snapshot || replay.Snapshot(data)
			continue
		}
		if err := c.restore(line); err != nil {
			d.metrics.badEvents.WithLabelValues("stored").Inc()
		}
	}
	return c
}

// domLine gives the rrweb event of a stored DOM line.
func domLine(line []byte) ([]byte, bool) {
	if !bytes.HasPrefix(line, []byte(`{"k":"dom"`)) {
		return nil, false
	}
	_, data, ok := bytes.Cut(line, []byte(`,"d":`))
	return bytes.TrimSuffix(data, []byte("}")), ok
}

// stored is a line of a recording that holds an analytics event: wire.Event and
// its place in the chunk it came in, which names its row.
type stored struct {
	wire.Event
	Index int32 `json:"i"`
}

// restore reads an analytics event back.
func (c *chunk) restore(line []byte) error {
	var ev stored
	if err := json.Unmarshal(line, &ev); err != nil {
		return err
	}
	v, err := restored(ev.Event)
	if v != nil && err == nil {
		c.items = append(c.items, item{ev.Index, ev.Time, v})
	}
	return err
}

func restored(ev wire.Event) (any, error) {
	switch ev.Kind {
	case wire.KindPage:
		return anyOf(wire.As[wire.Page](ev))
	case wire.KindTime:
		return anyOf(wire.As[wire.Time](ev))
	case wire.KindClick:
		return anyOf(wire.As[wire.Click](ev))
	case wire.KindInput, wire.KindSubmit:
		v, err := wire.As[wire.Input](ev)
		return typed{v, ev.Kind}, err
	case wire.KindCustom:
		return anyOf(wire.As[wire.Custom](ev))
	case wire.KindProps:
		return anyOf(wire.As[wire.Props](ev))
	case wire.KindUser:
		return anyOf(wire.As[wire.User](ev))
	case wire.KindError:
		return anyOf(wire.As[wire.Error](ev))
	case wire.KindConsent:
		return anyOf(wire.As[wire.Consent](ev))
	case wire.KindLost:
		return anyOf(wire.As[wire.Lost](ev))
	}
	return nil, nil
}
