package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"footpath/replay"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/wire"
)

// Feed is the DOM events of one record, for the player: rrweb events in order,
// checked again, with public texts in place and times on our clock. Next is how
// many there are by now, to be asked for as after; Open says that more may come.
type Feed struct {
	Events []json.RawMessage `json:"events"`
	Next   int               `json:"next"`
	Open   bool              `json:"open"`
}

// Records lists the page loads of a session, in the order in which they began,
// sealed or not.
func (r *Reports) Records(ctx context.Context, p meta.Project, session wire.ID) ([]Record, error) {
	at, err := r.whereabouts(ctx, p, session)
	if err != nil {
		return nil, err
	}
	tapes := map[wire.ID]*tape{}
	err = r.pieces(ctx, p, at, "", func(pc piece) {
		t := tapes[pc.record]
		if t == nil {
			t = &tape{id: pc.record}
			tapes[pc.record] = t
		}
		t.notes = append(t.notes, noteOf(pc))
	})
	if err != nil {
		return nil, err
	}
	out := []Record{}
	for _, t := range tapes {
		out = append(out, r.record(ctx, p, t))
	}
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// RecordEvents gives the DOM events of one record after the first n. Asking again
// with Next follows a session that is still open. ErrNotFound when the session has
// no such record.
func (r *Reports) RecordEvents(ctx context.Context, p meta.Project, session, record wire.ID, after int) (Feed, error) {
	at, err := r.whereabouts(ctx, p, session)
	if err != nil {
		return Feed{}, err
	}
	var all []piece
	if err := r.pieces(ctx, p, at, record, func(pc piece) { all = append(all, pc) }); err != nil {
		return Feed{}, err
	}
	if len(all) == 0 {
		return Feed{}, fmt.Errorf("record %s: %w", record, ErrNotFound)
	}
	slices.SortFunc(all, func(a, b piece) int { return cmp.Compare(a.seq, b.seq) })
	feed := Feed{Events: []json.RawMessage{}, Open: !at.sealed}
	play := player{check: replay.NewChecker(r.profile(p))}
	for _, pc := range all {
		skew := play.clock.Chunk(pc.arrived, pc.sent)
		for ev, err := range wire.Events(pc.lines) {
			if err != nil {
				continue // counted when it came
			}
			if ev.Kind == wire.KindPage && play.version == "" {
				if page, err := wire.As[wire.Page](ev); err == nil {
					play.version = page.Texts
					play.texts = r.texts(ctx, p, page.Texts)
				}
				continue
			}
			if ev.Kind != wire.KindDOM {
				continue
			}
			clean := play.event(ev.Data, skew, pc.arrived)
			if clean == nil {
				continue
			}
			if feed.Next >= after {
				feed.Events = append(feed.Events, clean)
			}
			feed.Next++
		}
	}
	return feed, nil
}

// player turns stored DOM events of one record into what the player is fed.
type player struct {
	check   *replay.Checker
	clock   replay.Clock
	version string
	texts   []string
	last    int64
}

var timestampMark = []byte(`,"timestamp":`)

// event checks one rrweb event again, resolves its texts, and moves its time to
// our clock, never backwards. nil when nothing of it may be shown.
func (p *player) event(data []byte, skew, arrived int64) json.RawMessage {
	clean, err := p.check.Check(data)
	if err != nil || clean == nil {
		return nil
	}
	// Check ends every event with its time.
	at := bytes.LastIndex(clean, timestampMark)
	t, err := strconv.ParseInt(string(clean[at+len(timestampMark):len(clean)-1]), 10, 64)
	if err != nil {
		return nil
	}
	p.last = max(p.last, replay.Correct(t, skew, arrived))
	out := replay.Resolve(clean[:at:at], p.texts)
	out = strconv.AppendInt(append(out[:len(out):len(out)], timestampMark...), p.last, 10)
	return append(out, '}')
}

// tape is what is known of one record.
type tape struct {
	id    wire.ID
	notes []note
}

// note is what one chunk says about its record.
type note struct {
	seq           uint32
	arrived, sent int64
	first, last   int64 // of its DOM events, on the browser's clock
	dom           int
	snapshot      bool
	page          *wire.Page
}

func noteOf(pc piece) note {
	n := note{seq: pc.seq, arrived: pc.arrived, sent: pc.sent}
	for ev, err := range wire.Events(pc.lines) {
		switch {
		case err != nil:
		case ev.Kind == wire.KindDOM:
			if n.dom == 0 {
				n.first, n.last = ev.Time, ev.Time
			}
			n.first, n.last = min(n.first, ev.Time), max(n.last, ev.Time)
			n.dom++
			n.snapshot = n.snapshot || replay.Snapshot(ev.Data)
		case ev.Kind == wire.KindPage && n.page == nil:
			if page, err := wire.As[wire.Page](ev); err == nil {
				n.page = &page
			}
		}
	}
	return n
}

func (r *Reports) record(ctx context.Context, p meta.Project, t *tape) Record {
	slices.SortFunc(t.notes, func(a, b note) int { return cmp.Compare(a.seq, b.seq) })
	out := Record{ID: t.id}
	var clock replay.Clock
	var before note
	for i, n := range t.notes {
		skew := clock.Chunk(n.arrived, n.sent)
		sent := replay.Correct(n.sent, skew, n.arrived)
		if next := uint32(i); i == 0 && n.seq > 0 || i > 0 && n.seq > before.seq+1 {
			gap := Gap{FromSeq: 0, ToSeq: n.seq - 1, From: sent, To: sent}
			if next > 0 {
				gap.FromSeq, gap.From = before.seq+1, replay.Correct(before.sent, skew, before.arrived)
			}
			out.Gaps = append(out.Gaps, gap)
		}
		before = n
		first, last := sent, sent
		if n.dom > 0 {
			first, last = replay.Correct(n.first, skew, n.arrived), replay.Correct(n.last, skew, n.arrived)
		}
		if i == 0 || n.dom > 0 && out.Events == 0 {
			out.Start, out.End = first, last
		}
		out.Start, out.End = min(out.Start, first), max(out.End, last)
		out.Events += n.dom
		out.Snapshot = out.Snapshot || n.snapshot
		if n.page != nil && out.URL == "" {
			r.describe(ctx, p, &out, n.page)
		}
	}
	return out
}

func (r *Reports) describe(ctx context.Context, p meta.Project, out *Record, page *wire.Page) {
	out.URL, _ = replay.URL(page.URL)
	title, _ := r.profile(p).Text(page.Title)
	out.Title = replay.ResolveText(title, r.texts(ctx, p, page.Texts))
	out.Width, out.Height = page.Width, page.Height
}

// profile is the masking that holds for a project now: an exception that has
// expired counts as strict (ruling 5).
func (r *Reports) profile(p meta.Project) replay.Profile {
	if p.Profile == meta.Smartlook && (p.ProfileUntil.IsZero() || r.Now().Before(p.ProfileUntil)) {
		return replay.Smartlook
	}
	return replay.Strict
}

// texts gives a public text set; without it marks show as masked words.
func (r *Reports) texts(ctx context.Context, p meta.Project, version string) []string {
	if version == "" {
		return nil
	}
	set, err := r.Meta.Texts(ctx, p.Key, version)
	if err != nil {
		return nil
	}
	return set.Texts
}

// place is where a session's bytes stand.
type place struct {
	session wire.ID
	day     int32
	sealed  bool
}

// whereabouts finds a session's day of birth: its keys and recordings stand there.
func (r *Reports) whereabouts(ctx context.Context, p meta.Project, session wire.ID) (place, error) {
	row, err := r.Session(ctx, p, session)
	if err != nil {
		return place{}, err
	}
	rows, err := r.Events.Query(ctx, events.Query{
		Table: events.Sessions, Project: p.Key, From: row.Start, To: row.Start + 1,
		Where:  []events.Filter{events.Is("session", string(session))},
		Select: []string{"day", "sealed"}, Limit: 1,
	})
	if err != nil {
		return place{}, fmt.Errorf("day of session %s: %w", session, err)
	}
	if len(rows.Values) == 0 {
		return place{}, fmt.Errorf("session %s: %w", session, ErrNotFound)
	}
	v := rows.Values[0]
	return place{session: session, day: int32(num(v[0])), sealed: num(v[1]) == 1}, nil
}

// gone says whether an error means that there is nothing to show any more.
func gone(err error, kinds ...error) bool {
	return slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) })
}
