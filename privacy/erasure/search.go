package erasure

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Hit is a place where a marker was found.
type Hit struct {
	File   string // below the directory
	Offset int64  // of the first place in the file, bytes
}

// searchBuffer is how much of a file is looked at at a time: 1 MB.
const searchBuffer = 1 << 20

// Search looks for a marker in every file below dir, byte by byte: the proof that
// an erasure left nothing in clear. Files says how many were read. What is
// compressed or encrypted is not unpacked.
func Search(dir string, marker []byte) (hits []Hit, files int, err error) {
	if len(marker) == 0 {
		return nil, 0, errors.New("search: the marker is empty")
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone since the directory was listed
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		at, err := find(path, marker)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		files++
		if at >= 0 {
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return fmt.Errorf("search: %w", err)
			}
			hits = append(hits, Hit{name, at})
		}
		return nil
	})
	return hits, files, err
}

// find gives the offset of the marker's first place in a file, -1 when there is none.
func find(path string, marker []byte) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	// The end of one piece stays in front of the next: the marker may span both.
	piece := make([]byte, 0, searchBuffer+len(marker))
	for start := int64(0); ; {
		n, err := io.ReadFull(f, piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		if i := bytes.Index(piece, marker); i >= 0 {
			return start + int64(i), nil
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return -1, nil
		}
		if err != nil {
			return 0, err
		}
		keep := len(marker) - 1
		start += int64(len(piece) - keep)
		piece = piece[:copy(piece[:cap(piece)], piece[len(piece)-keep:])]
	}
}
