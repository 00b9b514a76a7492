package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"footpath/journal"
	"footpath/privacy/keys"
	"footpath/wire"
)

// daysBack is how far back a session's key is looked for when an earlier run bound
// it: a recorder may come back with a chunk after three days (fault 2).
const daysBack = 3

// keep carries out a store effect: it checks the payload, seals it with the
// session's key and appends it. It returns the event that tells the core.
func (c *Collector) keep(ctx context.Context, p *project, head wire.Header, payload []byte, client journal.Client, do store) any {
	payload, a := c.inspect(p, &head, payload)
	if a.status != 0 {
		return failed{do.id, a.status, a.reason}
	}
	now := c.deps.Now().UnixMilli()
	day, key, err := c.key(ctx, head, do.day, now)
	if err != nil {
		return c.refused(do.id, "data key", err)
	}
	chunk := journal.Chunk{
		Header: head, Arrived: now, Day: day, Client: client,
		Body: key.Seal(payload, wire.Additional(head)),
	}
	chunk.Token = "" // a credential: nobody behind here needs it
	if _, err := c.deps.Log.Append(ctx, []journal.Chunk{chunk}); err != nil {
		return c.refused(do.id, "journal", err)
	}
	c.m.bytes.Add(float64(len(payload)))
	c.m.events.Add(float64(head.Events))
	return stored{do.id}
}

// refused turns an error of the stores into an answer.
func (c *Collector) refused(id uint64, what string, err error) failed {
	switch {
	case errors.Is(err, keys.ErrErased):
		return failed{id, http.StatusConflict, wire.ReasonClosed}
	case errors.Is(err, journal.ErrFull), noSpace(err):
		return failed{id, http.StatusServiceUnavailable, wire.ReasonDiskFull}
	}
	c.log.Error("chunk not stored", slog.String("by", what), slog.Any("error", err))
	return failed{id, http.StatusServiceUnavailable, wire.ReasonUnavailable}
}

// inspect checks a payload against its header and the project. DOM events of a
// project without replay are dropped here, before anything is stored.
func (c *Collector) inspect(p *project, head *wire.Header, payload []byte) ([]byte, answer) {
	sum, err := wire.Check(payload)
	if err != nil {
		return nil, refusal(err)
	}
	switch {
	case sum.Events != int(head.Events):
		return nil, no(http.StatusUnprocessableEntity, wire.ReasonInvalid)
	case !head.TierB() && sum.Count != sum.Events, head.TierB() && sum.Count > 0:
		// Tier A holds nothing but counts, and Tier B none of them (ruling 3).
		return nil, no(http.StatusUnprocessableEntity, wire.ReasonInvalid)
	case sum.DOM == 0 || p.replays():
		return payload, answer{}
	case sum.DOM == sum.Events:
		c.m.stripped.Add(float64(sum.DOM))
		return nil, no(http.StatusNoContent, wire.ReasonReplayOff)
	}
	c.m.stripped.Add(float64(sum.DOM))
	kept, n, err := withoutDOM(payload)
	if err != nil {
		return nil, refusal(err)
	}
	head.Events = uint32(n)
	return kept, answer{}
}

// withoutDOM packs a payload anew without its DOM events.
func withoutDOM(payload []byte) ([]byte, int, error) {
	text, err := wire.Inflate(payload)
	if err != nil {
		return nil, 0, err
	}
	var kept bytes.Buffer
	n := 0
	for ev, err := range wire.Events(text) {
		if err != nil || ev.Kind == wire.KindDOM {
			continue
		}
		fmt.Fprintf(&kept, `{"k":%q,"t":%d,"d":%s}`+"\n", ev.Kind, ev.Time, ev.Data)
		n++
	}
	return wire.Deflate(kept.Bytes()), n, nil
}

// key gives the session's data key and its day. A session that an earlier run
// bound has its key on one of the last days; if on none, it gets a new one today.
func (c *Collector) key(ctx context.Context, head wire.Header, day int32, now int64) (int32, keys.Key, error) {
	name := keys.Name{Project: head.Project, ID: head.Session, Day: day}
	if !head.TierB() {
		name.Day = dayOf(now)
	}
	if name.Day != 0 {
		key, err := c.deps.Keys.Create(ctx, name)
		return name.Day, key, err
	}
	for back := range daysBack + 1 {
		name.Day = dayOf(now - int64(back)*24*time.Hour.Milliseconds())
		key, err := c.deps.Keys.Get(ctx, name)
		if !errors.Is(err, keys.ErrUnknown) {
			return name.Day, key, err
		}
	}
	name.Day = dayOf(now)
	key, err := c.deps.Keys.Create(ctx, name)
	return name.Day, key, err
}
