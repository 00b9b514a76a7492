// Command dump opens the data directory of a stopped footpath with its keys and
// writes everything it holds as plain files: the browser suite searches them for
// what must not be there and counts what must.
//
//	go run ./e2e/dump -data dir -out dir
//
// It works on a copy, so that looking changes nothing.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	data := flag.String("data", "", "data directory of a stopped server")
	out := flag.String("out", "", "folder to write to")
	flag.Parse()
	if err := run(context.Background(), *data, *out); err != nil {
		fmt.Fprintln(os.Stderr, "dump:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, out string) error {
	if data == "" || out == "" {
		return errors.New("both -data and -out are needed")
	}
	copied, err := os.MkdirTemp("", "footpath-dump-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if err := os.CopyFS(filepath.Join(copied, "data"), os.DirFS(data)); err != nil {
		return fmt.Errorf("copy %s: %w", data, err)
	}
	d, err := open(filepath.Join(copied, "data"), out)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.tables(ctx); err != nil {
		return err
	}
	if err := d.journal(ctx); err != nil {
		return err
	}
	return d.recordings(ctx)
}

// lines writes one JSON value a line.
type lines struct {
	file *os.File
	buf  *bufio.Writer
}

func create(path string) (*lines, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &lines{f, bufio.NewWriter(f)}, nil
}

func (l *lines) put(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := l.buf.Write(b); err != nil {
		return err
	}
	return l.buf.WriteByte('\n')
}

func (l *lines) close() error {
	return errors.Join(l.buf.Flush(), l.file.Close())
}
