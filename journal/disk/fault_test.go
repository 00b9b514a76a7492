package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"footpath/internal/vfs"
	"footpath/journal"
	"footpath/journal/journaltest"
)

func tryAppend(l *Log, session, seq int) (journal.Position, error) {
	body := strings.Repeat(fmt.Sprintf("%d/%d ", session, seq), 1+(session*31+seq*17)%300)
	positions, err := l.Append(context.Background(), []journal.Chunk{journaltest.Chunk(session, seq, body)})
	if err != nil {
		return 0, err
	}
	return positions[0], nil
}

// has checks that the log holds every chunk of want (by position), and nothing twice.
func has(t *testing.T, l *Log, want map[journal.Position]uint32) {
	t.Helper()
	seen := map[journal.Position]uint32{}
	last := journal.Position(0)
	for _, e := range journaltest.Read(t, l, 0) {
		if e.Position <= last {
			t.Fatalf("position %d after %d", e.Position, last)
		}
		last, seen[e.Position] = e.Position, e.Chunk.Seq
	}
	for at, seq := range want {
		if got, ok := seen[at]; !ok || got != seq {
			t.Fatalf("acknowledged chunk %d at position %d: found %d, %v", seq, at, got, ok)
		}
	}
}

// TestPowerLoss covers faults 31 to 34 and 42 as a seeded property: whatever the
// disk kept of unsynced sectors, lengths and names, every acknowledged chunk is
// there, once, in order; and the log goes on. Some crashes happen again during
// recovery.
func TestPowerLoss(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 33))
		fs := vfs.NewMem()
		acked := map[journal.Position]uint32{}
		highest := journal.Position(0)
		var mu sync.Mutex
		for life := range 3 {
			cfg := memConfig(fs)
			cfg.SegmentBytes = headerLen + maxFrame
			l := mustOpen(t, "j", cfg)
			has(t, l, acked)
			var wg sync.WaitGroup
			for w := range 4 {
				n := r.IntN(12)
				wg.Go(func() {
					for i := range n {
						seq := life*1000 + w*100 + i
						at, err := tryAppend(l, w, seq)
						if err != nil {
							t.Errorf("append: %v", err)
							return
						}
						mu.Lock()
						acked[at] = uint32(seq)
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			for at := range acked {
				if at <= highest {
					t.Fatalf("seed %d: position %d used again", seed, at)
				}
			}
			if r.IntN(3) == 0 { // all is sealed: files go, positions must not come back
				for at := range acked {
					highest = max(highest, at)
				}
				if err := l.Forget(context.Background(), slices.Collect(maps.Keys(acked))); err != nil {
					t.Fatal(err)
				}
				l.cfg.SegmentBytes = 1 // the next append begins a segment, and the old one goes
				at, err := tryAppend(l, 5, 5)
				if err != nil {
					t.Fatal(err)
				}
				acked = map[journal.Position]uint32{at: 5}
			}
			// One more write, whose sync never comes.
			fs.SetFault(vfs.Fault{SyncErr: unix.EIO})
			for i := range r.IntN(4) {
				if _, err := tryAppend(l, 9, i); err == nil {
					t.Fatal("acknowledged without a sync")
				}
			}
			fs.SetFault(vfs.Fault{})
			fs = fs.Crash(r, []float64{0, 0.3, 0.7, 1}[r.IntN(4)])
			if r.IntN(2) == 0 { // fault 32: recovery is cut short by another crash
				if again, err := Open("j", memConfig(fs)); err == nil {
					_ = again.Close()
				}
				fs = fs.Crash(r, r.Float64())
			}
		}
		has(t, mustOpen(t, "j", memConfig(fs)), acked)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestTornTail covers fault 34: the newest segment cut at every length keeps the
// whole records before the cut, says once what it cut off, and goes on.
func TestTornTail(t *testing.T) {
	whole := vfs.NewMem()
	l := mustOpen(t, "j", memConfig(whole))
	var ends []int64
	for i := range 4 {
		journaltest.Append(t, l, journaltest.Chunk(1, i, "body"))
		ends = append(ends, l.active.end)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	name := path.Join("j", segmentName(1))
	f, err := whole.Open(name, false)
	if err != nil {
		t.Fatal(err)
	}
	image := make([]byte, ends[3])
	if _, err := f.ReadAt(image, 0); err != nil {
		t.Fatal(err)
	}
	for cut := int64(headerLen); cut <= ends[3]; cut += 3 {
		fs := vfs.NewMem()
		f, _ := fs.Open(name, true)
		if _, err := f.WriteAt(image[:cut], 0); err != nil {
			t.Fatal(err)
		}
		want := 0
		for want < 4 && ends[want] <= cut {
			want++
		}
		var said bytes.Buffer
		cfg := memConfig(fs)
		cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
		l := mustOpen(t, "j", cfg)
		if got := len(journaltest.Read(t, l, 0)); got != want {
			t.Fatalf("cut at %d: %d entries, want %d", cut, got, want)
		}
		torn := want == 0 && cut > headerLen || want > 0 && cut > ends[want-1]
		if strings.Contains(said.String(), "torn") != torn {
			t.Fatalf("cut at %d: said %q", cut, said.String())
		}
		journaltest.Append(t, l, journaltest.Chunk(1, 9, "more"))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		said.Reset()
		l = mustOpen(t, "j", cfg)
		if got := len(journaltest.Read(t, l, 0)); got != want+1 {
			t.Fatalf("cut at %d, second start: %d entries, want %d", cut, got, want+1)
		}
		if strings.Contains(said.String(), "torn") {
			t.Fatalf("cut at %d: said again", cut)
		}
	}
}

// TestBitFlip covers fault 35: any flipped bit among the acknowledged records costs
// that record alone; the others are served, it is said and counted, and the
// segment's file is set aside, not deleted.
func TestBitFlip(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 35))
		fs := vfs.NewMem()
		l := mustOpen(t, "j", memConfig(fs))
		want := map[journal.Position]uint32{}
		for i := range 8 {
			want[journaltest.Append(t, l, journaltest.Chunk(i%2, i, strings.Repeat("body", i)))[0]] = uint32(i)
		}
		placed := map[journal.Position]entry{}
		for i, e := range l.segments[0].entries {
			placed[l.segments[0].first+journal.Position(i)] = e
		}
		last := placed[8]
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		// Not in the last batch: there a flip cannot be told from a torn write.
		at := headerLen + r.Int64N(int64(last.off)-headerLen)
		var hit journal.Position
		for p := range want {
			if e := placed[p]; at >= int64(e.off) && at < int64(e.off+e.length) {
				hit = p
			}
		}
		if err := fs.Flip(path.Join("j", segmentName(1)), at, uint(r.IntN(8))); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		cfg := memConfig(fs)
		cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
		l = mustOpen(t, "j", cfg)
		delete(want, hit)
		has(t, l, want)
		if got := len(journaltest.Read(t, l, 0)); got != 7 {
			t.Fatalf("seed %d: %d entries served, want 7", seed, got)
		}
		if !strings.Contains(said.String(), "damaged") || !strings.Contains(said.String(), "lost=1") {
			t.Fatalf("seed %d: said %q", seed, said.String())
		}
		journaltest.Append(t, l, journaltest.Chunk(3, 1, "in the next segment"))
		var all []journal.Position
		for p := range want {
			all = append(all, p)
		}
		if err := l.Forget(context.Background(), all); err != nil {
			t.Fatal(err)
		}
		if names, _ := fs.List("j"); !strings.Contains(strings.Join(names, " "), ".damaged") {
			t.Fatalf("files %v: the damaged segment is not kept", names)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		cfg.Now = func() time.Time { return time.Now().Add(31 * 24 * time.Hour) }
		mustOpen(t, "j", cfg)
		if names, _ := fs.List("j"); strings.Contains(strings.Join(names, " "), ".damaged") {
			t.Fatalf("files %v: a damaged segment is kept for ever", names)
		}
	}
}

// TestDecayWhileRunning: a record that decays after it was indexed is reported,
// and the tail goes on behind it (fault 35).
func TestDecayWhileRunning(t *testing.T) {
	fs := vfs.NewMem()
	var said bytes.Buffer
	cfg := memConfig(fs)
	cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
	l := mustOpen(t, "j", cfg)
	for i := range 3 {
		journaltest.Append(t, l, journaltest.Chunk(1, i, "body"))
	}
	if err := fs.Flip(path.Join("j", segmentName(1)), int64(l.segments[0].entries[1].off)+frameHeader+5, 1); err != nil {
		t.Fatal(err)
	}
	if got := len(journaltest.Read(t, l, 0)); got != 2 {
		t.Errorf("%d entries, want 2", got)
	}
	if !strings.Contains(said.String(), "damaged") {
		t.Error("nothing was said")
	}
}

// TestSyncFails covers faults 36 and 37: the batch of a failed sync is refused, its
// segment never written again, and appending goes on in a new one; while every
// sync fails nothing is acknowledged and readiness says so.
func TestSyncFails(t *testing.T) {
	fs := vfs.NewMem()
	l := mustOpen(t, "j", memConfig(fs))
	want := map[journal.Position]uint32{}
	ok := func(seq int) {
		t.Helper()
		at, err := tryAppend(l, 1, seq)
		if err != nil {
			t.Fatal(err)
		}
		want[at] = uint32(seq)
	}
	ok(1)
	poisoned := l.active
	end := poisoned.end
	fs.SetFault(vfs.Fault{SyncOnce: unix.EIO})
	if _, err := tryAppend(l, 1, 2); !errors.Is(err, journal.ErrFailed) {
		t.Fatalf("got %v, want ErrFailed", err)
	}
	ok(3)
	if l.active == poisoned || poisoned.end != end {
		t.Fatal("the poisoned segment was written again")
	}
	fs.SetFault(vfs.Fault{SyncErr: unix.EIO})
	for i := range 5 {
		if _, err := tryAppend(l, 1, 10+i); !errors.Is(err, journal.ErrFailed) {
			t.Fatalf("got %v, want ErrFailed", err)
		}
	}
	if l.Err() == nil {
		t.Error("readiness does not say that appends fail")
	}
	has(t, l, want) // reads go on
	fs.SetFault(vfs.Fault{})
	ok(4)
	if l.Err() != nil {
		t.Errorf("readiness says %v after recovery", l.Err())
	}
	// After a crash that kept all of it, the refused batches are not there.
	after := mustOpen(t, "j", memConfig(fs.Crash(rand.New(rand.NewPCG(1, 1)), 1)))
	has(t, after, want)
	if got := len(journaltest.Read(t, after, 0)); got != len(want) {
		t.Errorf("%d entries, want %d", got, len(want))
	}
}

// TestWriteFails: an I/O error on writing poisons like one on syncing.
func TestWriteFails(t *testing.T) {
	fs := vfs.NewMem()
	l := mustOpen(t, "j", memConfig(fs))
	at, err := tryAppend(l, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	fs.SetFault(vfs.Fault{WriteErr: unix.EIO})
	if _, err := tryAppend(l, 1, 2); !errors.Is(err, journal.ErrFailed) {
		t.Fatalf("got %v, want ErrFailed", err)
	}
	fs.SetFault(vfs.Fault{})
	next, err := tryAppend(l, 1, 3)
	if err != nil || next <= at {
		t.Fatalf("position %d, %v", next, err)
	}
	has(t, l, map[journal.Position]uint32{at: 1, next: 3})
}

// TestDiskFull covers fault 39 with a seed: space ends anywhere, also within a
// record; nothing acknowledged is lost, nothing is written behind a torn record,
// the ballast is given up, reads go on, and appending resumes by itself.
func TestDiskFull(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 39))
		fs := vfs.NewMem()
		now := time.Unix(1795456800, 0)
		cfg := memConfig(fs)
		cfg.BallastBytes, cfg.AllocateBytes, cfg.Now = 4096, 512, func() time.Time { return now }
		l := mustOpen(t, "j", cfg)
		want := map[journal.Position]uint32{}
		fs.SetFault(vfs.Fault{Space: 6000 + r.Int64N(6000)})
		refused := 0
		for seq := range 60 {
			at, err := tryAppend(l, 1, seq)
			switch {
			case err == nil:
				want[at] = uint32(seq)
			case errors.Is(err, journal.ErrFull):
				refused++
			default:
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if refused == 0 {
			t.Fatalf("seed %d: the disk never filled", seed)
		}
		if names, _ := fs.List("j"); strings.Contains(strings.Join(names, " "), ballastName) {
			t.Fatalf("seed %d: the ballast was not given up", seed)
		}
		has(t, l, want)
		fs.SetFault(vfs.Fault{})
		now = now.Add(time.Second)
		at, err := tryAppend(l, 1, 99)
		if err != nil {
			t.Fatalf("seed %d: still refused: %v", seed, err)
		}
		want[at] = 99
		has(t, mustOpen(t, "j", memConfig(fs.Crash(r, 0.5))), want)
	}
}

// TestQuota covers fault 45: a log that nobody seals stops at its quota, and goes
// on when entries are forgotten.
func TestQuota(t *testing.T) {
	fs := vfs.NewMem()
	cfg := memConfig(fs)
	cfg.SegmentBytes = headerLen + maxFrame
	cfg.QuotaBytes = cfg.SegmentBytes + 100_000
	now := time.Unix(1795456800, 0)
	cfg.Now = func() time.Time { return now }
	l := mustOpen(t, "j", cfg)
	big := journaltest.Chunk(1, 0, strings.Repeat("x", 500_000))
	var positions []journal.Position
	for {
		at, err := l.Append(context.Background(), []journal.Chunk{big})
		if errors.Is(err, journal.ErrFull) {
			break
		}
		if err != nil || len(positions) > 100 {
			t.Fatalf("%d chunks, %v", len(positions), err)
		}
		positions = append(positions, at...)
	}
	if err := l.Forget(context.Background(), positions); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour) // the active segment is old, and is swept when it rolls
	if _, err := l.Append(context.Background(), []journal.Chunk{big}); err != nil {
		t.Errorf("after forgetting: %v", err)
	}
}

// TestSlowSync covers fault 38: while a sync takes long, those who come meanwhile
// share the next one.
func TestSlowSync(t *testing.T) {
	fs := vfs.NewMem()
	l := mustOpen(t, "j", memConfig(fs))
	if _, err := tryAppend(l, 1, 0); err != nil {
		t.Fatal(err)
	}
	fs.SetFault(vfs.Fault{BeforeSync: func() { time.Sleep(50 * time.Millisecond) }})
	before := fs.Syncs()
	var wg sync.WaitGroup
	for w := range 40 {
		wg.Go(func() {
			if _, err := tryAppend(l, w, 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := fs.Syncs() - before; n > 5 {
		t.Errorf("%d syncs for 40 concurrent appends", n)
	}
}

// TestForeignFiles covers fault 46: what does not belong is named and left alone.
func TestForeignFiles(t *testing.T) {
	fs := vfs.NewMem()
	for _, name := range []string{"j/notes.txt", "j/ffff.seg"} {
		f, _ := fs.Open(name, true)
		if _, err := f.WriteAt([]byte("shopping list"), 0); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer
	cfg := memConfig(fs)
	cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
	l := mustOpen(t, "j", cfg)
	if _, err := tryAppend(l, 1, 1); err != nil {
		t.Fatal(err)
	}
	names, _ := fs.List("j")
	if all := strings.Join(names, " "); !strings.Contains(all, "notes.txt") || !strings.Contains(all, "ffff.seg") {
		t.Errorf("files %v", names)
	}
	if !strings.Contains(said.String(), "notes.txt") {
		t.Errorf("said %q", said.String())
	}
}

// TestZerosAreNoFrame: preallocated space never reads as a record.
func TestZerosAreNoFrame(t *testing.T) {
	if _, _, ok := readFrame(make([]byte, 4096)); ok {
		t.Error("zeros are a frame")
	}
}
