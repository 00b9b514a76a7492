package demo

import (
	"crypto/rand"
	"maps"
	"sync"
	"time"
)

// applicationCookie names the browser's half of an application.
const applicationCookie = "hollowmere_application"

// keep is how long answers live after the last page; maxApplications bounds them
// (a demo has one or two).
const (
	keep            = 30 * time.Minute
	maxApplications = 1_000
)

// answers are the applications under way, in memory alone.
type answers struct {
	now func() time.Time

	mu  sync.Mutex
	all map[string]*kept
}

type kept struct {
	values map[string]string
	until  time.Time
}

func newAnswers(now func() time.Time) *answers {
	return &answers{now: now, all: map[string]*kept{}}
}

// get copies what is known under id; an unknown one gives an empty map.
func (a *answers) get(id string) map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.all[id]
	if k == nil || a.now().After(k.until) {
		return map[string]string{}
	}
	return maps.Clone(k.values)
}

// put adds values under id, or under a new id when it is unknown, and tells which.
func (a *answers) put(id string, values map[string]string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep()
	k := a.all[id]
	if k == nil {
		id, k = rand.Text(), &kept{values: map[string]string{}}
		a.all[id] = k
	}
	maps.Copy(k.values, values)
	k.until = a.now().Add(keep)
	return id
}

func (a *answers) forget(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.all, id)
}

// sweep forgets what is old, and everything when there is too much.
func (a *answers) sweep() {
	now := a.now()
	maps.DeleteFunc(a.all, func(_ string, k *kept) bool { return now.After(k.until) })
	if len(a.all) >= maxApplications {
		clear(a.all)
	}
}
