// Package meta is the port to metadata: projects, users, their sessions on the
// dashboard, public text sets, and the audit chain. Plain SQL that SQLite and
// PostgreSQL both take; the engines stand in subfolders; each passes metatest.
package meta

import (
	"context"
	"errors"
	"time"

	"footpath/wire"
)

// Errors of a store.
var (
	ErrNotFound = errors.New("meta: not found")
	ErrExists   = errors.New("meta: exists already")
)

// Consent modes of a project (ruling 2).
const (
	OptIn  = "opt-in"
	OptOut = "opt-out"
	None   = "none"
)

// Masking profiles (ruling 4).
const (
	Strict    = "strict"
	Smartlook = "smartlook"
)

// Project is one site that is measured, with everything its team can set.
type Project struct {
	Key  wire.ProjectKey `json:"key"`
	Name string          `json:"name"`
	// Domains that may send: exact hosts ("planning.example") or all subdomains
	// ("*.planning.example"), with a port when it is not the scheme's own.
	Domains []string `json:"domains"`
	// Purpose and LegalBasis must be stated before replay starts (ruling 2).
	Purpose    string `json:"purpose"`
	LegalBasis string `json:"legalBasis"` // consent, public task, legitimate interests
	// Consent is opt-in by default; opt-out and none need ConsentReason.
	Consent       string    `json:"consent"`
	ConsentReason string    `json:"consentReason"`
	ConsentSetBy  string    `json:"consentSetBy"`
	ConsentSetAt  time.Time `json:"consentSetAt"`
	// Profile is strict by default; smartlook needs ProfileReason and ProfileUntil,
	// after which it counts as strict (ruling 5).
	Profile       string    `json:"profile"`
	ProfileReason string    `json:"profileReason"`
	ProfileUntil  time.Time `json:"profileUntil"`
	Replay        bool      `json:"replay"`
	CountFirst    bool      `json:"countFirst"` // Tier A counts before a choice
	Sampling      int       `json:"sampling"`   // ten-thousandths of sessions, 10,000 by default
	IdleMinutes   int       `json:"idleMinutes"`
	MaxMinutes    int       `json:"maxMinutes"`
	ReplayDays    int       `json:"replayDays"`  // 30 by default, 90 at most
	EventMonths   int       `json:"eventMonths"` // 13 at most
	GPC           bool      `json:"gpc"`
	DNT           bool      `json:"dnt"`
	Zone          string    `json:"zone"` // IANA name for days and hours in reports
	Country       bool      `json:"country"`
	Identify      bool      `json:"identify"`
	Bots          bool      `json:"bots"`
	ConsentCookie string    `json:"consentCookie"`
	Storage       string    `json:"storage"` // cookie, local, none
	HostOnly      bool      `json:"hostOnly"`
	AllowedProps  []string  `json:"allowedProps"` // string properties that are kept (ruling 15)
	Created       time.Time `json:"created"`
	Revoked       bool      `json:"revoked"`
	Revision      int       `json:"revision"` // counts changes; part of the audit entry
}

// Roles of a user, each allowed what the one before is.
const (
	RoleViewer  = "viewer"  // reports
	RoleAnalyst = "analyst" // and replays
	RoleOwner   = "owner"   // and settings, users, erasure
)

// User signs in to the dashboard.
type User struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"` // unique, case-insensitive; a user name or an e-mail address
	Role     string    `json:"role"`
	Password string    `json:"-"` // argon2id, parameters in the string
	Created  time.Time `json:"created"`
	Disabled bool      `json:"disabled"`
}

// Login is a signed-in browser; only the hash of its secret is kept.
type Login struct {
	Hash    string // SHA-256 of the cookie's secret, hex
	User    string // User.ID
	Created time.Time
	Seen    time.Time
	Expires time.Time
}

// TextSet is one version of a project's public texts (ruling 16).
type TextSet struct {
	Project  wire.ProjectKey
	Version  string // hash of the texts, 16 hex
	Texts    []string
	Created  time.Time
	Approved time.Time // zero: not yet; only approved sets are shipped
	By       string
}

// Audit is one entry of the hash chain: who did what to what, and when.
type Audit struct {
	ID      int64     `json:"id"`
	Time    time.Time `json:"time"`
	User    string    `json:"user"` // name, or "system"
	Action  string    `json:"action"`
	Project string    `json:"project,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	Hash    string    `json:"hash"` // SHA-256 over the previous hash and this entry
}

// Erasure is one entry of the erasure journal: what is to be destroyed, and once
// that is done, when and how much (docs/format/erasures.md). It names no person:
// sessions are random ids.
type Erasure struct {
	ID      int64           `json:"id"`
	Project wire.ProjectKey `json:"project"`
	Session wire.ID         `json:"session,omitempty"` // empty: the project and everything of it
	Day     int32           `json:"day,omitempty"`     // of the session's birth, yyyymmdd UTC
	Start   int64           `json:"start,omitempty"`   // of the session, milliseconds UTC
	Why     string          `json:"why"`
	By      string          `json:"by"`
	Asked   time.Time       `json:"asked"`
	Done    time.Time       `json:"done,omitzero"` // zero: not finished yet
	// What was destroyed. After a crash in the middle these count what the
	// repetition still found.
	Keys     int64 `json:"keys"`
	Sessions int64 `json:"sessions"`
	Rows     int64 `json:"rows"`   // of events, beside the sessions
	Counts   int64 `json:"counts"` // of Tier A
	Segments int64 `json:"segments"`
	Chunks   int64 `json:"chunks"` // forgotten in the journal
}

// Store is the port. Safe for concurrent use. Lookups of nothing give ErrNotFound.
type Store interface {
	Projects(ctx context.Context) ([]Project, error)
	Project(ctx context.Context, key wire.ProjectKey) (Project, error)
	CreateProject(ctx context.Context, p Project) error // ErrExists
	// UpdateProject bumps Revision. When p.Revision is not 0 it must be the stored
	// one (ErrConflict), so that two people at once do not undo each other.
	UpdateProject(ctx context.Context, p Project) error
	DeleteProject(ctx context.Context, key wire.ProjectKey) error

	Users(ctx context.Context) ([]User, error)
	UserByName(ctx context.Context, name string) (User, error)
	User(ctx context.Context, id string) (User, error)
	CreateUser(ctx context.Context, u User) error // ErrExists
	UpdateUser(ctx context.Context, u User) error
	DeleteUser(ctx context.Context, id string) error // and their logins

	CreateLogin(ctx context.Context, l Login) error
	Login(ctx context.Context, hash string) (Login, error)
	TouchLogin(ctx context.Context, hash string, seen time.Time) error
	DeleteLogin(ctx context.Context, hash string) error
	DeleteLogins(ctx context.Context, user string) error
	ExpireLogins(ctx context.Context, now time.Time) error

	PutTexts(ctx context.Context, t TextSet) error // replaces the same version
	Texts(ctx context.Context, project wire.ProjectKey, version string) (TextSet, error)
	// LatestTexts is the newest approved set, or ErrNotFound.
	LatestTexts(ctx context.Context, project wire.ProjectKey) (TextSet, error)

	// Value and SetValue keep small facts of the installation (schema-free):
	// secrets' ids, the first-run token's hash, high-water marks.
	Value(ctx context.Context, name string) (string, error)
	SetValue(ctx context.Context, name, value string) error

	// ForgetValues removes the facts about a project: those whose name ends in
	// "/" and its key. Nothing of their text stays in the files.
	ForgetValues(ctx context.Context, project wire.ProjectKey) error

	// PutErasure adds an entry to the erasure journal and fills ID. An entry that is
	// not finished and names the same project and session is returned instead.
	PutErasure(ctx context.Context, e Erasure) (Erasure, error)
	// FinishErasure stores Done and the figures of an entry; ErrNotFound.
	FinishErasure(ctx context.Context, e Erasure) error
	// Erasures lists the journal, newest first, at most limit; with pending only
	// those that are not finished.
	Erasures(ctx context.Context, pending bool, limit int) ([]Erasure, error)

	Append(ctx context.Context, a Audit) error // fills ID and Hash
	AuditLog(ctx context.Context, before int64, limit int) ([]Audit, error)
	// VerifyAudit walks the chain and names the first entry that does not fit.
	VerifyAudit(ctx context.Context) error

	Close() error
}
