package collect

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"footpath/store/meta"
)

// writeCountries writes a country database of one network in MaxMind's format
// (version 2.0 of its specification), so that the test needs no foreign file.
func writeCountries(t *testing.T, network netip.Prefix, code string) string {
	t.Helper()
	str := func(s string) []byte { return append([]byte{2<<5 | byte(len(s))}, s...) }
	u16 := func(n uint16) []byte { return binary.BigEndian.AppendUint16([]byte{5<<5 | 2}, n) }
	u32 := func(n uint32) []byte { return binary.BigEndian.AppendUint32([]byte{6<<5 | 4}, n) }
	object := func(pairs ...any) []byte {
		b := []byte{7<<5 | byte(len(pairs)/2)}
		for i := 0; i < len(pairs); i += 2 {
			b = append(append(b, str(pairs[i].(string))...), pairs[i+1].([]byte)...)
		}
		return b
	}
	// One node per bit of the network: the matching side leads on, the other nowhere.
	bits, nodes := network.Bits(), uint32(network.Bits())
	addr := network.Addr().AsSlice()
	var file []byte
	for i := range bits {
		next := uint32(i + 1)
		if i == bits-1 {
			next = nodes + 16 // the first byte of data
		}
		sides := [2]uint32{nodes, nodes}
		sides[addr[i/8]>>(7-i%8)&1] = next
		for _, n := range sides {
			file = append(file, byte(n>>16), byte(n>>8), byte(n))
		}
	}
	file = append(file, make([]byte, 16)...)
	file = append(file, object("country", object("iso_code", str(code)))...)
	file = append(file, "\xab\xcd\xefMaxMind.com"...)
	file = append(file, object(
		"node_count", u32(nodes), "record_size", u16(24), "ip_version", u16(4), "database_type", str("Test"),
		"languages", []byte{0, 4}, "binary_format_major_version", u16(2), "binary_format_minor_version", u16(0),
		"build_epoch", []byte{1, 2, 1}, "description", object("en", str("test")),
	)...)
	name := filepath.Join(t.TempDir(), "country.mmdb")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestCountry: two letters where the project asks for them, nothing elsewhere.
func TestCountry(t *testing.T) {
	db, err := OpenCountries(writeCountries(t, netip.MustParsePrefix("198.51.100.0/24"), "GB"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for addr, want := range map[string]string{"198.51.100.77": "GB", "203.0.113.1": "", "2001:db8::1": ""} {
		if got := db.Country(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
	if got := db.Country(netip.Addr{}); got != "" {
		t.Errorf("no address: %q", got)
	}
	trusted := Config{Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, asks := range []bool{true, false} {
		s := newSite(t, t.TempDir(), trusted, func(p *meta.Project) { p.Country = asks })
		s.c.deps.Country = db
		g := s.request("POST", "/v1/chunks", envelope(t, header(1, 1, 0), page(0)), func(r *http.Request) {
			r.Header.Set("X-Forwarded-For", "198.51.100.77")
		})
		s.expect(g, 202, "")
		want := map[bool]string{true: "GB", false: ""}[asks]
		if got := s.entries()[0].Chunk.Client.Country; got != want {
			t.Errorf("project asks %v: stored %q, want %q", asks, got, want)
		}
	}
	if _, err := OpenCountries(filepath.Join(t.TempDir(), "missing.mmdb")); err == nil {
		t.Error("a missing file was opened")
	}
}
