package synth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"

	"footpath/wire"
)

// Times of a made-up visit, milliseconds.
const (
	pause     = 250    // shorter gaps are one movement and keep their length
	mostPause = 40_000 // longer ones nobody spends looking at a page
	between   = 700    // from leaving a page to the next page view
	chunkTime = 10_000 // the recorder sends a chunk about this often
	lag       = 120    // from sending to arriving
	tail      = 1_500  // the last time report after a cut
)

// visit composes a session: legs one behind the other, each a record of its own.
func visit(r *rand.Rand, cfg Config, visits *library, p person, start time.Time) (Session, error) {
	s := Session{ID: newID(r), Visitor: p.visitor, Start: start, Client: p.client}
	from := pick(r, sources)
	at := start.UnixMilli()
	for i, leg := range wander(r, visits, p.kind) {
		c := composer{cfg: cfg, person: p, session: s.ID, record: newID(r)}
		if i == 0 {
			c.source = from
		}
		end, err := c.compose(r, leg, at, i == 0)
		if err != nil {
			return s, err
		}
		s.Chunks = append(s.Chunks, c.chunks...)
		at = end + between + r.Int64N(between)
	}
	return s, nil
}

// composer writes one record.
type composer struct {
	cfg     Config
	person  person
	session wire.ID
	record  wire.ID
	source  source

	lines  bytes.Buffer
	events uint32
	first  int64 // time of the first event of the open chunk
	chunks []Chunk
}

// compose writes the record from start on and returns its end.
func (c *composer) compose(r *rand.Rand, l leg, start int64, entry bool) (int64, error) {
	events := l.record.events
	if l.cut {
		events = cut(events)
	}
	kept := c.cfg.ReplayDays == 0 || start >= c.cfg.Now.AddDate(0, 0, -c.cfg.ReplayDays).UnixMilli()
	if entry {
		c.add(start, wire.KindConsent, []byte(`{"c":"granted","via":"cookie"}`))
	}
	now, before, active := start, int64(0), int64(0)
	for _, e := range events {
		gap := max(e.at-before, 0)
		before = max(before, e.at)
		if gap > pause && !e.move {
			// Log-normal around the person's pace: most pauses short, few long.
			gap = min(int64(float64(gap)*c.person.pace*math.Exp(r.NormFloat64()*0.6)), mostPause)
		}
		now += gap
		active += min(gap, 5_000) // active: less than 5 s since the last action
		if e.kind == wire.KindDOM && !kept {
			continue
		}
		if err := c.event(e, now, now-start, active); err != nil {
			return 0, fmt.Errorf("compose %s: %w", l.record.page, err)
		}
		if now-c.first > chunkTime {
			c.flush(now, 0)
		}
	}
	c.flush(now+lag, wire.FlagLast)
	return now, nil
}

// cut leaves out the last click and what came of it: the visitor went away instead.
func cut(events []event) []event {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].kind == wire.KindClick {
			before := events[:i:i]
			for _, e := range events[i:] {
				if e.kind == wire.KindTime { // the last totals still arrive
					e.at = events[i].at + tail
					return append(before, e)
				}
			}
			return before
		}
	}
	return events
}

// event writes e at its new time; what depends on time or visitor is adjusted.
func (c *composer) event(e event, now, visible, active int64) error {
	data := e.data
	switch e.kind {
	case wire.KindDOM:
		// Recordings keep DOM events without their timestamp, which comes last.
		data = append(append([]byte{}, data[:len(data)-1]...), `,"timestamp":`...)
		data = append(strconv.AppendInt(data, now, 10), '}')
	case wire.KindPage:
		var p wire.Page
		if err := json.Unmarshal(data, &p); err != nil {
			return err
		}
		p.Referrer, p.UTM = c.source.referrer, c.source.utm
		p.First = c.person.last.IsZero()
		p.Language, p.Screen, p.Zone = c.person.language, c.person.screen, c.cfg.Zone.String()
		return c.marshal(now, e.kind, p)
	case wire.KindTime:
		var t wire.Time
		if err := json.Unmarshal(data, &t); err != nil {
			return err
		}
		t.Visible, t.Active = visible, min(active, visible)
		return c.marshal(now, e.kind, t)
	}
	c.add(now, e.kind, data)
	return nil
}

func (c *composer) marshal(now int64, kind wire.Kind, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.add(now, kind, data)
	return nil
}

func (c *composer) add(now int64, kind wire.Kind, data []byte) {
	if c.events == 0 {
		c.first = now
	}
	c.events++
	fmt.Fprintf(&c.lines, `{"k":%q,"t":%d,"d":%s}`+"\n", kind, now, data)
}

// flush closes the open chunk, sent at now.
func (c *composer) flush(now int64, flags wire.Flags) {
	if c.events == 0 {
		return
	}
	payload := pack(c.lines.Bytes())
	c.chunks = append(c.chunks, Chunk{
		Header: wire.Header{
			Codec: wire.CodecRRWeb, Flags: wire.FlagTierB | wire.FlagConsent | flags, Project: c.cfg.Project,
			Session: c.session, Visitor: c.person.visitor, Record: c.record,
			Seq: uint32(len(c.chunks)), Events: c.events, SentMs: now,
			Sum: crc32.ChecksumIEEE(payload),
		},
		Arrived: now + lag,
		Payload: payload,
	})
	c.lines.Reset()
	c.events = 0
}

// pack is wire.Deflate at the fastest level: a history has hundreds of megabytes.
func pack(lines []byte) []byte {
	var out bytes.Buffer
	// A bytes.Buffer takes every write, and the level is a valid one.
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	_, _ = zip.Write(lines)
	_ = zip.Close()
	return out.Bytes()
}
