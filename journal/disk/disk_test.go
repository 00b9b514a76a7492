package disk

import (
	"testing"

	"footpath/internal/vfs"
	"footpath/journal"
	"footpath/journal/journaltest"
)

func mustOpen(t testing.TB, dir string, cfg Config) *Log {
	t.Helper()
	l, err := Open(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestConformance(t *testing.T) {
	t.Run("real disk", func(t *testing.T) {
		journaltest.Run(t, func(t *testing.T) func() journal.Log {
			dir := t.TempDir()
			return func() journal.Log { return mustOpen(t, dir, Config{}) }
		})
	})
	t.Run("in memory", func(t *testing.T) {
		journaltest.Run(t, func(t *testing.T) func() journal.Log {
			fs := vfs.NewMem()
			return func() journal.Log { return mustOpen(t, "j", memConfig(fs)) }
		})
	})
}

// memConfig keeps reservations small, so that faults strike soon.
func memConfig(fs *vfs.Mem) Config {
	return Config{FS: fs, BallastBytes: -1, AllocateBytes: 8 << 10}
}
