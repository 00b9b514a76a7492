package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"footpath/store/meta"
)

// Pulse is when the site was last heard from. Times are milliseconds UTC, 0 for
// never.
type Pulse struct {
	Script  int64    `json:"script"`
	Config  int64    `json:"config"`
	Chunk   int64    `json:"chunk"`
	Origins []string `json:"origins"`
	State   string   `json:"state"` // silent, waiting, receiving
}

// States of a pulse.
const (
	pulseSilent    = "silent"    // nothing yet, or not for a day
	pulseWaiting   = "waiting"   // the script runs and waits for a visitor's consent
	pulseReceiving = "receiving" // data comes in
)

// pulseFresh is how long a sign of life counts: a quiet site has visitors within
// a day.
const pulseFresh = 24 * time.Hour

func (a *API) pulse(c *call) error {
	value, err := a.Meta.Value(c.ctx(), "pulse/"+string(c.project.Key))
	if err != nil && !errors.Is(err, meta.ErrNotFound) {
		return err
	}
	var p Pulse
	if value != "" {
		if err := json.Unmarshal([]byte(value), &p); err != nil {
			return fmt.Errorf("read pulse of %s: %w", c.project.Key, err)
		}
	}
	if p.Origins == nil {
		p.Origins = []string{}
	}
	p.State = pulseState(p, c.project, a.Now())
	c.private()
	return c.answer(http.StatusOK, p)
}

func pulseState(p Pulse, project meta.Project, now time.Time) string {
	fresh := func(at int64) bool { return at > 0 && now.UnixMilli()-at < pulseFresh.Milliseconds() }
	switch {
	case fresh(p.Chunk):
		return pulseReceiving
	case fresh(p.Script) && fresh(p.Config) && project.Consent == meta.OptIn:
		return pulseWaiting
	}
	return pulseSilent
}
