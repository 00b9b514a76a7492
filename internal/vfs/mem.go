package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"sort"
	"sync"

	"golang.org/x/sys/unix"
)

// sector is the unit that a disk writes whole or not at all.
const sector = 512

// Mem is a file system in memory for fault tests. Every file has what was written
// and what was synced; Crash gives the disk as a power loss might have left it
// (faults 33, 34, 42). Faults are set by the fields of Fault. Safe for concurrent use.
type Mem struct {
	mu    sync.Mutex
	files map[string]*memData // the directory as the running process sees it
	disk  map[string]*memData // the directory as it was last synced
	fault Fault
	syncs int
}

// Fault says what goes wrong from now on; the zero value is a sound disk.
type Fault struct {
	SyncErr  error // every Sync fails with it
	SyncOnce error // the next Sync fails with it
	WriteErr error // every WriteAt fails with it after half the bytes
	// Space, when above 0, bounds the bytes of all files: beyond it ENOSPC, with a
	// torn write like a real one (fault 39).
	Space int64
	// BeforeSync runs before each sync, to make it slow (fault 38).
	BeforeSync func()
}

type memData struct {
	now    []byte
	synced []byte
	dirty  map[int64]bool // sectors written since the last sync
}

// NewMem makes an empty file system.
func NewMem() *Mem {
	return &Mem{files: map[string]*memData{}, disk: map[string]*memData{}}
}

// SetFault changes what goes wrong.
func (m *Mem) SetFault(f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = f
}

// Syncs is how many syncs of files have been asked for.
func (m *Mem) Syncs() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.syncs
}

// Crash gives the disk as a loss of power now might leave it: of each sector that
// was written and not synced, the new bytes survive with probability keep, and so
// do unsynced changes of length and of the directory.
func (m *Mem) Crash(r *rand.Rand, keep float64) *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := NewMem()
	dir := m.disk
	if r.Float64() < keep {
		dir = m.files
	}
	for _, name := range sortedNames(dir) {
		d := dir[name]
		image := append([]byte(nil), d.synced...)
		if len(d.now) != len(image) && r.Float64() < keep {
			image = resize(image, len(d.now))
		}
		for _, at := range sortedSectors(d.dirty) {
			if r.Float64() >= keep {
				continue
			}
			from := at * sector
			if from < int64(len(image)) && from < int64(len(d.now)) {
				copy(image[from:], d.now[from:min(from+sector, int64(len(d.now)))])
			}
		}
		kept := &memData{now: image, synced: append([]byte(nil), image...), dirty: map[int64]bool{}}
		after.files[name], after.disk[name] = kept, kept
	}
	return after
}

// Flip turns one bit of a file, as a decaying disk would (fault 35).
func (m *Mem) Flip(name string, at int64, bit uint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.files[path.Clean(name)]
	if d == nil || at >= int64(len(d.now)) {
		return fmt.Errorf("flip %s at %d: %w", name, at, fs.ErrNotExist)
	}
	d.now[at] ^= 1 << bit
	if at < int64(len(d.synced)) {
		d.synced[at] = d.now[at]
	}
	return nil
}

func sortedNames(files map[string]*memData) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func sortedSectors(dirty map[int64]bool) []int64 {
	at := make([]int64, 0, len(dirty))
	for n := range dirty {
		at = append(at, n)
	}
	sort.Slice(at, func(i, j int) bool { return at[i] < at[j] })
	return at
}

func resize(b []byte, n int) []byte {
	if n <= len(b) {
		return b[:n]
	}
	return append(b, make([]byte, n-len(b))...)
}

// Open implements FS.
func (m *Mem) Open(name string, create bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	d := m.files[name]
	if d == nil {
		if !create {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		d = &memData{dirty: map[int64]bool{}}
		m.files[name] = d
	}
	return &memFile{fs: m, name: name, data: d}, nil
}

// Remove implements FS.
func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name = path.Clean(name)
	if m.files[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(m.files, name)
	return nil
}

// Rename implements FS.
func (m *Mem) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to = path.Clean(from), path.Clean(to)
	d := m.files[from]
	if d == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	delete(m.files, from)
	m.files[to] = d
	return nil
}

// MkdirAll implements FS.
func (*Mem) MkdirAll(string) error { return nil }

// List implements FS.
func (m *Mem) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, name := range sortedNames(m.files) {
		if path.Dir(name) == path.Clean(dir) {
			names = append(names, path.Base(name))
		}
	}
	return names, nil
}

// SyncDir implements FS: it makes all directories durable.
func (m *Mem) SyncDir(string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault.SyncErr != nil {
		return m.fault.SyncErr
	}
	m.disk = make(map[string]*memData, len(m.files))
	for name, d := range m.files {
		m.disk[name] = d
	}
	return nil
}

// Free implements FS.
func (m *Mem) Free(string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault.Space == 0 {
		return 1 << 40, nil
	}
	return max(0, m.fault.Space-m.used()), nil
}

func (m *Mem) used() (n int64) {
	for _, d := range m.files {
		n += int64(len(d.now))
	}
	return n
}

// grow lengthens a file with zeros, which are as unsynced as any other bytes.
func (d *memData) grow(size int64) {
	from := int64(len(d.now))
	d.now = resize(d.now, int(size))
	for at := from / sector; from < size && at <= (size-1)/sector; at++ {
		d.dirty[at] = true
	}
}

type memFile struct {
	fs   *Mem
	name string
	data *memData
}

var errMemClosed = errors.New("vfs: closed")

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.data == nil {
		return 0, errMemClosed
	}
	if off >= int64(len(f.data.now)) {
		return 0, io.EOF
	}
	n := copy(p, f.data.now[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.data == nil {
		return 0, errMemClosed
	}
	var fail error
	if f.fs.fault.WriteErr != nil {
		p, fail = p[:len(p)/2], f.fs.fault.WriteErr
	}
	if grow := off + int64(len(p)) - int64(len(f.data.now)); grow > 0 {
		if room := f.room(); grow > room {
			p, fail = p[:max(0, int64(len(p))-(grow-room))], unix.ENOSPC
		}
		f.data.grow(max(int64(len(f.data.now)), off+int64(len(p))))
	}
	copy(f.data.now[off:], p)
	for at := off / sector; len(p) > 0 && at <= (off+int64(len(p))-1)/sector; at++ {
		f.data.dirty[at] = true
	}
	return len(p), fail
}

// room is how many bytes the file may still grow.
func (f *memFile) room() int64 {
	if f.fs.fault.Space == 0 {
		return 1 << 40
	}
	return max(0, f.fs.fault.Space-f.fs.used())
}

func (f *memFile) Sync() error {
	f.fs.mu.Lock()
	before := f.fs.fault.BeforeSync
	f.fs.mu.Unlock()
	if before != nil {
		before()
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.fs.syncs++
	if f.data == nil {
		return errMemClosed
	}
	err := f.fs.fault.SyncErr
	if once := f.fs.fault.SyncOnce; once != nil {
		f.fs.fault.SyncOnce, err = nil, once
	}
	if err != nil {
		// As Linux does it: the pages are marked clean though they never reached
		// the disk, so that the next sync would succeed (fault 36).
		f.data.dirty = map[int64]bool{}
		return err
	}
	f.data.synced = resize(f.data.synced, len(f.data.now))
	for at := range f.data.dirty {
		if from := at * sector; from < int64(len(f.data.now)) {
			copy(f.data.synced[from:], f.data.now[from:min(from+sector, int64(len(f.data.now)))])
		}
	}
	f.data.dirty = map[int64]bool{}
	return nil
}

func (f *memFile) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if size > int64(len(f.data.now)) {
		f.data.grow(size)
		return nil
	}
	f.data.now = f.data.now[:size]
	for at := range f.data.dirty {
		if at*sector >= size {
			delete(f.data.dirty, at)
		}
	}
	return nil
}

func (f *memFile) Size() (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return int64(len(f.data.now)), nil
}

func (f *memFile) Allocate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	grow := size - int64(len(f.data.now))
	if grow <= 0 {
		return nil
	}
	if grow > f.room() {
		return unix.ENOSPC
	}
	f.data.grow(size)
	return nil
}

func (f *memFile) Close() error { return nil }
