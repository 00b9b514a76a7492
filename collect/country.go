package collect

import (
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
)

// CountryFile answers countries from a database in MaxMind's format that the
// operator provides; Footpath ships none and fetches none.
type CountryFile struct{ db *maxminddb.Reader }

// OpenCountries opens such a file.
func OpenCountries(path string) (*CountryFile, error) {
	db, err := maxminddb.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the country database: %w", err)
	}
	return &CountryFile{db}, nil
}

// Country implements Countries.
func (f *CountryFile) Country(addr netip.Addr) string {
	var code string
	if err := f.db.Lookup(addr).DecodePath(&code, "country", "iso_code"); err != nil || len(code) != 2 {
		return ""
	}
	return code
}

// Close releases the file.
func (f *CountryFile) Close() error { return f.db.Close() }
