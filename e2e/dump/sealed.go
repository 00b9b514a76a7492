package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/privacy/keys"
	keysdisk "footpath/privacy/keys/disk"
	recordingsdisk "footpath/store/recordings/disk"
	"footpath/wire"
)

// sessionKey names a session that the tables know.
type sessionKey struct {
	project wire.ProjectKey
	session wire.ID
	day     int32
}

// dump is an opened data directory and where to write to.
type dump struct {
	data, out string
	keys      keys.Store
	sessions  map[sessionKey]bool
}

func open(data, out string) (*dump, error) {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return nil, err
	}
	master, err := masterKey(filepath.Join(data, "secret"))
	if err != nil {
		return nil, err
	}
	store, err := keysdisk.Open(filepath.Join(data, "keys"), master)
	if err != nil {
		return nil, err
	}
	return &dump{data: data, out: out, keys: store, sessions: map[sessionKey]bool{}}, nil
}

func (d *dump) close() { d.keys.Close() }

// note remembers the sessions among the rows of the tables.
func (d *dump) note(table string, row map[string]any) {
	if table != "sessions" {
		return
	}
	project, _ := row["project"].(string)
	session, _ := row["session"].(string)
	day, _ := row["day"].(int64)
	d.sessions[sessionKey{wire.ProjectKey(project), wire.ID(session), int32(day)}] = true
}

// entry is one line of journal.jsonl.
type entry struct {
	Position journal.Position  `json:"position"`
	Project  wire.ProjectKey   `json:"project"`
	Session  wire.ID           `json:"session"`
	Visitor  wire.ID           `json:"visitor"`
	Record   wire.ID           `json:"record"`
	Seq      uint32            `json:"seq"`
	Flags    wire.Flags        `json:"flags"`
	Client   journal.Client    `json:"client"`
	Events   []json.RawMessage `json:"events"`
}

// errEnd ends the reading of the log.
var errEnd = errors.New("end of the log")

// journal writes every chunk of the log, opened and unpacked.
func (d *dump) journal(ctx context.Context) error {
	log, err := journaldisk.Open(filepath.Join(d.data, "journal"), journaldisk.Config{})
	if err != nil {
		return err
	}
	defer log.Close()
	out, err := create(filepath.Join(d.out, "journal.jsonl"))
	if err != nil {
		return err
	}
	defer out.close()
	if log.End() == 0 {
		return nil
	}
	err = log.Tail(ctx, 0, func(e journal.Entry) error {
		events, err := d.chunk(ctx, e.Chunk)
		if err != nil && !errors.Is(err, keys.ErrErased) {
			return fmt.Errorf("chunk %s/%s/%d: %w", e.Chunk.Session, e.Chunk.Record, e.Chunk.Seq, err)
		}
		c := e.Chunk
		if err := out.put(entry{e.Position, c.Project, c.Session, c.Visitor, c.Record, c.Seq, c.Flags, c.Client, events}); err != nil {
			return err
		}
		if e.Position >= log.End() {
			return errEnd
		}
		return nil
	})
	if errors.Is(err, errEnd) {
		return nil
	}
	return err
}

func (d *dump) chunk(ctx context.Context, c journal.Chunk) ([]json.RawMessage, error) {
	key, err := d.keys.Get(ctx, keys.Name{Project: c.Project, ID: c.Session, Day: c.Day})
	if err != nil {
		return nil, err
	}
	packed, err := key.Open(c.Body, wire.Additional(c.Header))
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var events []json.RawMessage
	for line := range bytes.SplitSeq(plain, []byte("\n")) {
		if len(bytes.TrimSpace(line)) > 0 {
			events = append(events, json.RawMessage(line))
		}
	}
	return events, nil
}

// recordings writes every sealed segment, opened and unpacked, one file each.
func (d *dump) recordings(ctx context.Context) error {
	store, err := recordingsdisk.Open(filepath.Join(d.data, "recordings"), recordingsdisk.Config{})
	if err != nil {
		return err
	}
	defer store.Close()
	for s := range d.sessions {
		infos, err := store.List(ctx, s.day, s.project, s.session)
		if err != nil {
			return fmt.Errorf("recording of %s: %w", s.session, err)
		}
		for _, info := range infos {
			sealed, err := store.Get(ctx, info)
			if err != nil {
				return err
			}
			plain, err := d.segment(ctx, s, info.Segment, sealed)
			if err != nil {
				return fmt.Errorf("segment %d of %s: %w", info.Index, s.session, err)
			}
			name := fmt.Sprintf("recording-%s-%d.bin", s.session, info.Index)
			if err := os.WriteFile(filepath.Join(d.out, name), plain, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
