package auth

import (
	"sync"
	"time"
)

const (
	// free attempts before waiting starts: a person mistypes a few times.
	freeAttempts = 4
	// maxWait caps the wait, so that guessing is slow and nobody is locked out.
	maxWait = time.Minute
	// forgetAfter is how long failures count.
	forgetAfter = time.Hour
	// accountFree failures of an account, from anywhere, before every client waits
	// between its own attempts at it.
	accountFree = 20
	// maxEntries bounds the memory: some 1 MB.
	maxEntries = 10_000
)

// Backoff slows guessing down (S37). Failures of a client count over all accounts
// and make that client wait, longer each time. Failures of an account, from
// wherever they came, make each client wait between its own attempts at that
// account; the first attempt of a client is always looked at. So somebody who
// hammers an account from elsewhere cannot keep its owner out. Safe for
// concurrent use.
type Backoff struct {
	mu       sync.Mutex
	clients  map[string]*attempts
	accounts map[string]*attempts
	pairs    map[string]*attempts
}

type attempts struct {
	failed int
	last   time.Time
}

// NewBackoff remembers nothing yet.
func NewBackoff() *Backoff {
	return &Backoff{clients: map[string]*attempts{}, accounts: map[string]*attempts{}, pairs: map[string]*attempts{}}
}

// Wait says how long the client must wait before an attempt at the account is
// looked at; 0 means now.
func (b *Backoff) Wait(client, account string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	wait := left(b.clients[client], delay(failures(b.clients[client], now), freeAttempts), now)
	over := delay(failures(b.accounts[account], now), accountFree)
	return max(wait, left(b.pairs[client+"|"+account], over, now))
}

// Failed records a failed attempt.
func (b *Backoff) Failed(client, account string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note(b.clients, client, now)
	note(b.accounts, account, now)
	note(b.pairs, client+"|"+account, now)
}

// Succeeded forgets the client's failures. The account's stay: its owner's
// success says nothing about who else is guessing.
func (b *Backoff) Succeeded(client, account string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.clients, client)
	delete(b.pairs, client+"|"+account)
}

func failures(a *attempts, now time.Time) int {
	if a == nil || now.Sub(a.last) > forgetAfter {
		return 0
	}
	return a.failed
}

// delay doubles from one second after the free attempts.
func delay(failed, free int) time.Duration {
	over := failed - free
	if over <= 0 {
		return 0
	}
	if over > 6 { // 64 s is past the cap
		return maxWait
	}
	return min(time.Second<<(over-1), maxWait)
}

func left(a *attempts, wait time.Duration, now time.Time) time.Duration {
	if a == nil || wait == 0 {
		return 0
	}
	// A clock that stepped back must not make the wait longer.
	return min(max(wait-now.Sub(a.last), 0), wait)
}

func note(m map[string]*attempts, key string, now time.Time) {
	a := m[key]
	if a == nil {
		makeRoom(m, now)
		a = &attempts{}
		m[key] = a
	}
	if now.Sub(a.last) > forgetAfter {
		a.failed = 0
	}
	a.failed++
	a.last = now
}

// makeRoom drops what is forgotten and, when that is not enough, any tenth: an
// attacker with so many addresses is slowed by the accounts' own counts.
func makeRoom(m map[string]*attempts, now time.Time) {
	if len(m) < maxEntries {
		return
	}
	for k, a := range m {
		if now.Sub(a.last) > forgetAfter {
			delete(m, k)
		}
	}
	if len(m) < maxEntries {
		return
	}
	drop := maxEntries / 10
	for k := range m {
		if drop == 0 {
			return
		}
		delete(m, k)
		drop--
	}
}
