package report

import (
	"context"
	"fmt"

	"footpath/privacy/keys"
	"footpath/store/meta"
	"footpath/store/recordings"
	"footpath/wire"
)

// piece is one chunk of a session, from its recording or from the journal.
type piece struct {
	record        wire.ID
	seq           uint32
	arrived, sent int64
	lines         []byte // newline-delimited wire.Event
}

type pieceID struct {
	record wire.ID
	seq    uint32
}

// pieces calls fn once with every chunk that there is of a session, in no order:
// first what is sealed, then what the journal holds. only, when not empty, names
// the one record that is wanted. A segment that is damaged is left out; what else
// there is of the session still plays (fault 65).
func (r *Reports) pieces(ctx context.Context, p meta.Project, at place, only wire.ID, fn func(piece)) error {
	key, err := r.Keys.Get(ctx, keys.Name{Project: p.Key, ID: at.session, Day: at.day})
	if gone(err, keys.ErrErased, keys.ErrUnknown) {
		return fmt.Errorf("session %s is erased or expired: %w", at.session, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("key of session %s: %w", at.session, err)
	}
	seen := map[pieceID]bool{}
	take := func(pc piece) {
		id := pieceID{pc.record, pc.seq}
		if seen[id] || only != "" && pc.record != only {
			return
		}
		seen[id] = true
		fn(pc)
	}
	// The journal is asked first: what is sealed and forgotten between the two
	// questions is then found in the recording.
	entries, err := r.Log.Session(ctx, p.Key, at.session)
	if err != nil {
		return fmt.Errorf("journal of session %s: %w", at.session, err)
	}
	if err := r.sealed(ctx, p, at, key, take); err != nil {
		return err
	}
	for i := range entries {
		c := &entries[i].Chunk
		if only != "" && c.Record != only || seen[pieceID{c.Record, c.Seq}] {
			continue
		}
		pc := piece{record: c.Record, seq: c.Seq, arrived: c.Arrived, sent: c.SentMs}
		// What cannot be read counts as empty, as it does in the tables (fault 55).
		if gz, err := key.Open(c.Body, wire.Additional(c.Header)); err == nil {
			if pc.lines, err = wire.Inflate(gz); err != nil {
				pc.lines = nil
			}
		}
		take(pc)
	}
	return nil
}

func (r *Reports) sealed(ctx context.Context, p meta.Project, at place, key keys.Key, take func(piece)) error {
	infos, err := r.Recordings.List(ctx, at.day, p.Key, at.session)
	if err != nil {
		return fmt.Errorf("recording of session %s: %w", at.session, err)
	}
	for _, info := range infos {
		data, err := r.Recordings.Get(ctx, info)
		if gone(err, recordings.ErrDamaged, recordings.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("segment %d of session %s: %w", info.Index, at.session, err)
		}
		plain, err := key.Open(data, recordings.Additional(info.Segment))
		if err != nil {
			continue
		}
		_, parts, err := recordings.Unpack(plain)
		if err != nil {
			continue
		}
		for _, part := range parts {
			take(piece{record: part.Record, seq: part.Seq, arrived: part.Arrived, sent: part.SentMs, lines: part.Events})
		}
	}
	return nil
}
