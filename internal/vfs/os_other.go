//go:build !linux

package vfs

// Sync syncs the whole file where there is no fdatasync.
func (f osFile) Sync() error { return f.File.Sync() }

// Allocate only sets the length where blocks cannot be reserved.
func (f osFile) Allocate(size int64) error { return f.Truncate(size) }
