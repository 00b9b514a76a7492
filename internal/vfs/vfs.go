// Package vfs is the small part of a file system that our durable files stand on,
// as an interface, so that tests can put a lying or failing disk beneath the very
// code that runs on a real one. OS is the real one; Mem keeps two images of every
// file, what was written and what was synced, and fails on demand.
package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"

	"golang.org/x/sys/unix"
)

// File is an open file. Writes are positional; nothing is durable before Sync.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes the file's bytes and length durable (fdatasync). After an error
	// nothing may be assumed of what was written since the last good one.
	Sync() error
	Truncate(size int64) error
	Size() (int64, error)
	// Allocate reserves space up to size; the new part reads as zeros.
	Allocate(size int64) error
}

// FS is a file system. Names are paths as the operating system takes them.
type FS interface {
	// Open opens name for reading and writing, creating it when create is set;
	// fs.ErrNotExist when it is missing and create is not set.
	Open(name string, create bool) (File, error)
	Remove(name string) error
	Rename(from, to string) error
	MkdirAll(dir string) error
	// List gives the plain files of a directory by name, sorted.
	List(dir string) ([]string, error)
	// SyncDir makes creations, renames and removals in dir durable.
	SyncDir(dir string) error
	// Free is the number of bytes that may still be written below dir.
	Free(dir string) (int64, error)
}

// NoSpace says whether an error means that the disk, the quota or the allowed
// file size is used up: waiting may help, and what was stored is sound.
func NoSpace(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG)
}

// OS is the machine's own file system. Files are 0600, directories 0700: they
// hold personal data, even if sealed (S64).
type OS struct{}

type osFile struct{ *os.File }

// Open implements FS.
func (OS) Open(name string, create bool) (File, error) {
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE
	}
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Remove implements FS.
func (OS) Remove(name string) error { return os.Remove(name) }

// Rename implements FS.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// MkdirAll implements FS.
func (OS) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

// List implements FS.
func (OS) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type() == fs.FileMode(0) {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	return names, nil
}

// SyncDir implements FS.
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // opened for reading: nothing is lost by a failed close
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

// Free implements FS.
func (OS) Free(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", dir, err)
	}
	return int64(st.Bavail) * st.Bsize, nil
}

func (f osFile) Size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
