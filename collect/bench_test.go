package collect

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"footpath/wire"
)

// BenchmarkHandler is one chunk of 165 KB raw through the whole door, without
// the network.
func BenchmarkHandler(b *testing.B) {
	const unlimited = 1e9
	s := newSite(b, b.TempDir(), Config{
		NewPerSecond: unlimited, NewBurst: unlimited, NetPerSecond: unlimited, NetBurst: unlimited,
		SessionPerSecond: unlimited, SessionBurst: unlimited, SessionBytes: 1 << 40,
	}, nil)
	var text strings.Builder
	events := 0
	for ; text.Len() < 165_000; events++ {
		fmt.Fprintf(&text, `{"k":"dom","t":%d,"d":{"type":3,"data":{"source":0,"texts":[],"attributes":[{"id":%d,"attributes":{"class":"xx%d"}}],"removes":[],"adds":[]},"timestamp":%d}}`+"\n",
			1795456800000+events, events*7919%9000, events*104729%977, 1795456800000+events)
	}
	payload := wire.Deflate([]byte(text.String()))
	handler := s.c.Handler()
	h := header(1, 1, 0)
	h.Events = uint32(events)
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		body, err := wire.Append(nil, h, payload)
		if err != nil {
			b.Fatal(err)
		}
		if h.Seq++; h.Seq > 100_000 {
			h.Seq, h.Record = 0, "R-another-record-0000"
		}
		r := httptest.NewRequest("POST", "/v1/chunks", bytes.NewReader(body))
		r.Header.Set("Origin", testOrigin)
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set("User-Agent", chromeUA)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted {
			b.Fatalf("%d %s", w.Code, w.Header().Get(wire.ReasonHeader))
		}
	}
}
