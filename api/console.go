package api

import (
	"time"

	"footpath/store/meta"
)

// ChangeProject puts a change over project p by the rules that the API keeps, for
// the operator's console: who is the name for the audit. It returns the project
// and, in words, what differs from old (the zero Project for a new one). Nothing
// is stored.
func ChangeProject(old, p meta.Project, change ProjectChange, who string, now time.Time) (meta.Project, []string, error) {
	assign(&p, change)
	if p.Consent != old.Consent || p.ConsentReason != old.ConsentReason {
		p.ConsentSetBy, p.ConsentSetAt = who, now.UTC()
	}
	return p, differences(old, p), checkProject(p, old, now)
}

// CheckUser says what is wrong with a user's name or role, by the API's rules.
func CheckUser(u meta.User) error { return checkUser(u) }
