package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"footpath/internal/config"
	"footpath/privacy/keys"
	"footpath/store/recordings"
)

// masterKey derives the key that wraps all others from the installation's secret.
func masterKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return config.Derive(secret, "keys")
}

// segment opens a sealed segment and gives its events as plain text.
func (d *dump) segment(ctx context.Context, s sessionKey, info recordings.Segment, sealed []byte) ([]byte, error) {
	key, err := d.keys.Get(ctx, keys.Name{Project: s.project, ID: s.session, Day: s.day})
	if err != nil {
		return nil, err
	}
	packed, err := key.Open(sealed, recordings.Additional(info))
	if err != nil {
		return nil, err
	}
	head, pieces, err := recordings.Unpack(packed)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%+v\n", head)
	for _, p := range pieces {
		fmt.Fprintf(&out, "%s %d\n%s\n", p.Record, p.Seq, p.Events)
	}
	return out.Bytes(), nil
}
