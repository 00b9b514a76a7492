package collect

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"footpath/store/meta"
	"footpath/wire"
)

// beat is what the site check shows of a project: when each kind of request last
// came, ms UTC, and from which origins (brief facts, no visitor in them).
type beat struct {
	Script  int64    `json:"script"`
	Config  int64    `json:"config"`
	Chunk   int64    `json:"chunk"`
	Origins []string `json:"origins"`
}

// maxOrigins bounds the origins named; the newest are kept.
const maxOrigins = 10

// pulse keeps beats in memory; they are written at most once a second.
type pulse struct {
	mu    sync.Mutex
	beats map[wire.ProjectKey]*beat
	dirty map[wire.ProjectKey]bool
}

func newPulse() *pulse {
	return &pulse{beats: map[wire.ProjectKey]*beat{}, dirty: map[wire.ProjectKey]bool{}}
}

func (p *pulse) note(key wire.ProjectKey, origin string, set func(*beat)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.beats[key]
	if b == nil {
		b = &beat{}
		p.beats[key] = b
	}
	set(b)
	if origin != "" && len(origin) <= 128 && !slices.Contains(b.Origins, origin) {
		b.Origins = append(b.Origins, origin)
		b.Origins = b.Origins[max(0, len(b.Origins)-maxOrigins):]
	}
	p.dirty[key] = true
}

func (p *pulse) script(key wire.ProjectKey, now int64) {
	p.note(key, "", func(b *beat) { b.Script = now })
}

// config also counts as the script's: a page that asks for it runs the script,
// even where a plain script tag sent no origin.
func (p *pulse) config(key wire.ProjectKey, origin string, now int64) {
	p.note(key, origin, func(b *beat) { b.Config, b.Script = now, now })
}

func (p *pulse) chunk(key wire.ProjectKey, origin string, now int64) {
	p.note(key, origin, func(b *beat) { b.Chunk = now })
}

// flushPulse writes the beats that have changed, on top of what an earlier run
// or another collector has written.
func (c *Collector) flushPulse(ctx context.Context) {
	c.pulse.mu.Lock()
	changed := make(map[wire.ProjectKey]beat, len(c.pulse.dirty))
	for key := range c.pulse.dirty {
		b := *c.pulse.beats[key]
		b.Origins = slices.Clone(b.Origins)
		changed[key] = b
		delete(c.pulse.dirty, key)
	}
	c.pulse.mu.Unlock()
	for key, b := range changed {
		if err := c.writeBeat(ctx, "pulse/"+string(key), b); err != nil && ctx.Err() == nil {
			c.log.Warn("write the site check", slog.Any("error", err))
		}
	}
}

func (c *Collector) writeBeat(ctx context.Context, name string, b beat) error {
	var before beat
	text, err := c.deps.Meta.Value(ctx, name)
	if err == nil {
		err = json.Unmarshal([]byte(text), &before)
	}
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return err
	}
	b.Script, b.Config, b.Chunk = max(b.Script, before.Script), max(b.Config, before.Config), max(b.Chunk, before.Chunk)
	for _, o := range before.Origins {
		if !slices.Contains(b.Origins, o) && len(b.Origins) < maxOrigins {
			b.Origins = append(b.Origins, o)
		}
	}
	if b.Origins == nil {
		b.Origins = []string{}
	}
	out, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return c.deps.Meta.SetValue(ctx, name, string(out))
}
