package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/report"
	"footpath/store/events"
	"footpath/store/events/memory"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/store/recordings"
	recordingsdisk "footpath/store/recordings/disk"
	"footpath/wire"
)

const recordedKey = wire.ProjectKey("0123456789abcdef0123456789abcdef01234567")

var (
	recordedSession = wire.ID("session-0000000000001")
	recordedTab     = wire.ID("record-00000000000001")
	recordedNoon    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMilli()
)

// recorded is a session in real stores.
type recorded struct {
	t       *testing.T
	reports *report.Reports
	project meta.Project
	log     *journaldisk.Log
	keys    *keysdisk.Store
	rec     *recordingsdisk.Store
	events  *memory.Store
}

func newRecorded(t *testing.T) *recorded {
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	log, err := journaldisk.Open(dir+"/journal", journaldisk.Config{BallastBytes: -1, AllocateBytes: 1 << 16, Logger: quiet})
	ks, err2 := keysdisk.Open(dir+"/keys", make([]byte, keysdisk.MasterLen))
	rec, err3 := recordingsdisk.Open(dir+"/recordings", recordingsdisk.Config{Logger: quiet})
	ms, err4 := sqlite.Open(dir + "/meta.db")
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close(); ks.Close(); rec.Close(); ms.Close() })
	f := &recorded{t: t, log: log, keys: ks, rec: rec, events: memory.New()}
	f.project = meta.Project{Key: recordedKey, Name: "a", Domains: []string{"a.example"}, Zone: "UTC", Profile: meta.Strict, Consent: meta.OptIn, Storage: "cookie"}
	if err := ms.CreateProject(t.Context(), f.project); err != nil {
		t.Fatal(err)
	}
	if err := ms.PutTexts(t.Context(), meta.TextSet{Project: recordedKey, Version: "0123456789abcdef", Texts: []string{"Home", "Say \"yes\""}}); err != nil {
		t.Fatal(err)
	}
	f.row(false)
	f.reports = report.New(report.Deps{Events: f.events, Recordings: rec, Log: log, Keys: ks, Meta: ms, Now: func() time.Time { return time.UnixMilli(recordedNoon + 60_000) }})
	return f
}

func (f *recorded) row(sealed bool) {
	f.t.Helper()
	err := f.events.Write(f.t.Context(), events.Batch{Offset: 1, Sessions: []events.Session{{
		Project: recordedKey, Session: recordedSession, Day: 20261123, Start: recordedNoon, End: recordedNoon + 20_000, Sealed: sealed,
	}}})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *recorded) key() keys.Key {
	f.t.Helper()
	k, err := f.keys.Create(f.t.Context(), keys.Name{Project: recordedKey, ID: recordedSession, Day: 20261123})
	if err != nil {
		f.t.Fatal(err)
	}
	return k
}

// lines of chunk n: a page and a snapshot first, then changes of text.
func lines(n int) []byte {
	t := recordedNoon + int64(n)*5_000
	if n == 0 {
		return fmt.Appendf(nil, `{"k":"page","t":%d,"d":{"v":0,"u":"https://a.example/b","ti":"%c0%c","n":"load","w":1280,"h":800,"s":"large","tv":"0123456789abcdef"}}
{"k":"dom","t":%d,"d":{"type":2,"data":{"node":{"type":0,"childNodes":[{"type":2,"tagName":"p","attributes":{"onclick":"evil()"},"childNodes":[{"type":3,"textContent":"%c1%c Smith","id":3}],"id":2}],"id":1},"initialOffset":{"left":0,"top":0}},"timestamp":%d}}
`, t, wire.TextMark, wire.TextEnd, t, wire.TextMark, wire.TextEnd, t)
	}
	return fmt.Appendf(nil, `{"k":"dom","t":%d,"d":{"type":3,"data":{"source":3,"id":1,"x":0,"y":%d},"timestamp":%d}}`+"\n", t, n, t)
}

func (f *recorded) chunk(n int) {
	f.t.Helper()
	h := wire.Header{Codec: wire.CodecRRWeb, Flags: wire.FlagTierB, Project: recordedKey, Session: recordedSession, Visitor: recordedSession, Record: recordedTab, Seq: uint32(n), SentMs: recordedNoon + int64(n)*5_000}
	c := journal.Chunk{Header: h, Arrived: h.SentMs + 3_600_000, Day: 20261123, Body: f.key().Seal(wire.Deflate(lines(n)), wire.Additional(h))}
	if _, err := f.log.Append(f.t.Context(), []journal.Chunk{c}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *recorded) segments(from, to int) {
	f.t.Helper()
	var segs []recordings.Segment
	for n := from; n < to; n++ {
		data, err := recordings.Pack(recordings.Head{}, []recordings.Piece{{Record: recordedTab, Seq: uint32(n), SentMs: recordedNoon + int64(n)*5_000, Arrived: recordedNoon + int64(n)*5_000 + 3_600_000, Events: lines(n)}})
		if err != nil {
			f.t.Fatal(err)
		}
		seg := recordings.Segment{Project: recordedKey, Session: recordedSession, Day: 20261123, Class: "30d", Index: int32(n - from)}
		seg.Data = f.key().Seal(data, recordings.Additional(seg))
		segs = append(segs, seg)
	}
	if err := f.rec.Put(f.t.Context(), segs); err != nil {
		f.t.Fatal(err)
	}
}

func (f *recorded) feed(after int) report.Feed {
	f.t.Helper()
	feed, err := f.reports.RecordEvents(f.t.Context(), f.project, recordedSession, recordedTab, after)
	if err != nil {
		f.t.Fatal(err)
	}
	return feed
}

// The same events come from the journal while a session is open, from both while
// it is being sealed, and from the recording afterwards; skew is taken out, public
// texts are in place, and what a forged recorder sent is masked (H13, S1).
func TestRecordEvents(t *testing.T) {
	open, both, sealed := newRecorded(t), newRecorded(t), newRecorded(t)
	for n := range 4 {
		open.chunk(3 - n)
		both.chunk(n)
	}
	both.segments(0, 2)
	sealed.segments(0, 4)
	sealed.row(true)
	want := open.feed(0)
	if want.Next != 4 || len(want.Events) != 4 || !want.Open {
		t.Fatalf("open session: %d events, next %d, open %v", len(want.Events), want.Next, want.Open)
	}
	first := string(want.Events[0])
	if !json.Valid(want.Events[0]) || !strings.Contains(first, `Say \"yes\" xxxxx`) || strings.Contains(first, "evil") || strings.Contains(first, "Smith") ||
		!strings.Contains(first, fmt.Sprintf(`"timestamp":%d}`, recordedNoon+3_600_000)) {
		t.Errorf("first event: %s", first)
	}
	for name, f := range map[string]*recorded{"both": both, "sealed": sealed} {
		got := f.feed(0)
		if fmt.Sprint(got.Events) != fmt.Sprint(want.Events) || got.Open != (name == "both") {
			t.Errorf("%s: %d events, open %v", name, len(got.Events), got.Open)
		}
	}
	if rest := open.feed(3); len(rest.Events) != 1 || rest.Next != 4 {
		t.Errorf("after 3: %d events, next %d", len(rest.Events), rest.Next)
	}
}

// Faults 4 and 5: a chunk that never came is a gap; without the first there is no
// snapshot.
func TestRecordsNameGaps(t *testing.T) {
	f := newRecorded(t)
	f.chunk(0)
	f.chunk(3)
	recs, err := f.reports.Records(t.Context(), f.project, recordedSession)
	if err != nil || len(recs) != 1 {
		t.Fatalf("%v, %v", recs, err)
	}
	r := recs[0]
	if r.Title != "Home" || r.URL != "https://a.example/b" || r.Width != 1280 || !r.Snapshot || r.Events != 2 || r.End-r.Start != 15_000 {
		t.Errorf("record: %+v", r)
	}
	if len(r.Gaps) != 1 || r.Gaps[0].FromSeq != 1 || r.Gaps[0].ToSeq != 2 || r.Gaps[0].To-r.Gaps[0].From != 15_000 {
		t.Errorf("gaps: %+v", r.Gaps)
	}
	g := newRecorded(t)
	g.chunk(2)
	recs, err = g.reports.Records(t.Context(), g.project, recordedSession)
	if err != nil || len(recs) != 1 || recs[0].Snapshot || len(recs[0].Gaps) != 1 || recs[0].Gaps[0].ToSeq != 1 {
		t.Errorf("without the first chunks: %+v, %v", recs, err)
	}
}

// An erased session has nothing to show, wherever its bytes still are.
func TestErasedRecording(t *testing.T) {
	f := newRecorded(t)
	f.chunk(0)
	f.segments(0, 1)
	if err := f.keys.Destroy(t.Context(), keys.Name{Project: recordedKey, ID: recordedSession, Day: 20261123}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.reports.RecordEvents(t.Context(), f.project, recordedSession, recordedTab, 0); !errors.Is(err, report.ErrNotFound) {
		t.Errorf("events of an erased session: %v", err)
	}
	if _, err := f.reports.Records(t.Context(), f.project, "nobody"); !errors.Is(err, report.ErrNotFound) {
		t.Errorf("records of no session: %v", err)
	}
}
