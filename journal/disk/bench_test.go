package disk

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"footpath/internal/vfs"
	"footpath/journal"
	"footpath/journal/journaltest"
)

// TestModel: random programs against a plain list, on segments so small that
// they roll, are swept and are read back all the time.
func TestModel(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		// A quarter of the usual: a program of some 30 steps is 200 syncs.
		if err := flag.Set("rapid.checks", "25"); err != nil {
			t.Fatal(err)
		}
	}
	journaltest.Model(t, func(t *testing.T) func() journal.Log {
		fs := vfs.NewMem()
		cfg := memConfig(fs)
		cfg.AllocateBytes = 512
		return func() journal.Log {
			l := mustOpen(t, "j", cfg)
			l.cfg.SegmentBytes = 2048 // below what Validate lets an operator choose
			return l
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	body := strings.Repeat("0123456789abcdef", 1024) // 16 KB
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			l := mustOpen(b, b.TempDir(), Config{BallastBytes: -1})
			b.SetBytes(int64(len(body)))
			b.SetParallelism(writers)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				w := int(n.Add(1))
				for seq := 0; pb.Next(); seq++ {
					if _, err := l.Append(context.Background(), []journal.Chunk{journaltest.Chunk(w, seq, body)}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
