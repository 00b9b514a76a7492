package metatest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"footpath/store/meta"
)

func entry(i int) meta.Audit {
	return meta.Audit{Time: noon.Add(time.Duration(i) * time.Second), User: "owner", Action: "project.update", Project: "p", Subject: "purpose", Detail: fmt.Sprint(i)}
}

func (e Engine) audit(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	must(t, s.VerifyAudit(ctx))
	var want []meta.Audit
	previous := ""
	for i := 1; i <= 5; i++ {
		a := entry(i)
		must(t, s.Append(ctx, a))
		a.ID = int64(i)
		a.Hash = a.Chain(previous)
		previous = a.Hash
		want = append([]meta.Audit{a}, want...)
	}
	got, err := s.AuditLog(ctx, 0, 3)
	must(t, err)
	same(t, got, want[:3])
	got, err = s.AuditLog(ctx, 3, 50)
	must(t, err)
	same(t, got, want[3:])
	must(t, s.VerifyAudit(ctx))
}

func (e Engine) concurrent(t *testing.T) {
	ctx := t.Context()
	s := e.open(t, t.TempDir())
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 10 {
				if err := s.Append(ctx, entry(w*10+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	must(t, s.VerifyAudit(ctx))
	got, err := s.AuditLog(ctx, 0, 100)
	must(t, err)
	if len(got) != 80 || got[0].ID != 80 {
		t.Fatalf("%d entries", len(got))
	}
}

func (e Engine) tampered(t *testing.T) {
	for _, detail := range []string{"changed", ""} {
		dir := t.TempDir()
		s := e.open(t, dir)
		for i := range 5 {
			must(t, s.Append(t.Context(), entry(i)))
		}
		must(t, s.Close())
		must(t, e.Tamper(dir, 3, detail))
		s = e.open(t, dir)
		err := s.VerifyAudit(t.Context())
		is(t, err, meta.ErrAudit)
		if !strings.Contains(err.Error(), "entry 3") {
			t.Fatalf("does not name the entry: %v", err)
		}
	}
}
