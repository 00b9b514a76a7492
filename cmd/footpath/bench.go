package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"footpath/journal"
	journaldisk "footpath/journal/disk"
	"footpath/wire"
)

const benchUsage = `Usage: footpath bench ingest [flags]

Measures how many chunks a second this machine takes: real HTTP on loopback into
a collector of its own process, each answer durable. Beside it, from the same
run: the disk's own rate of syncs, and the bare journal without HTTP, gunzip and
sealing. Everything is written below a temporary directory and removed.
`

// benchWriters are the numbers of connections that are measured.
var benchWriters = []int{1, 8, 64}

// runBench measures ingestion.
func runBench(ctx context.Context, args []string, s std) error {
	if len(args) > 0 && strings.TrimLeft(args[0], "-") == "help" || len(args) > 0 && args[0] == "-h" {
		_, err := fmt.Fprint(s.out, benchUsage)
		return err
	}
	if len(args) == 0 || args[0] != "ingest" {
		return usagef("%s", "say what to measure: footpath bench ingest")
	}
	flags := flag.NewFlagSet("bench ingest", flag.ContinueOnError)
	flags.SetOutput(s.err)
	flags.Usage = func() { fmt.Fprint(s.err, benchUsage); flags.PrintDefaults() }
	seconds := flags.Int("seconds", 3, "seconds of each measurement, 1 to 60")
	seed := flags.Uint64("seed", 1, "seed of the made-up chunks")
	dir := flags.String("dir", "", "directory on the disk to measure (default: the system's temporary directory)")
	serveDir := flags.String("serve", "", "internal: be the measured collector on this directory")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if *serveDir != "" {
		return benchServe(ctx, *serveDir, s.in, s.out)
	}
	if *seconds < 1 || *seconds > 60 || flags.NArg() > 0 {
		return usagef("%s", "seconds must be 1 to 60, and nothing follows the flags")
	}
	b := bench{out: s.out, each: time.Duration(*seconds) * time.Second, chunks: makeBenchChunks(*seed), seed: *seed}
	var err error
	if b.dir, err = os.MkdirTemp(*dir, "footpath-bench-"); err != nil {
		return fmt.Errorf("make a directory to write in: %w", err)
	}
	defer func() { _ = os.RemoveAll(b.dir) }() // nothing else is in it
	return b.ingest(ctx)
}

// bench is one run.
type bench struct {
	out    io.Writer
	dir    string
	each   time.Duration
	seed   uint64
	chunks []benchChunk
}

// benchChunk is a made-up payload, used again under other ids.
type benchChunk struct {
	payload []byte
	events  uint32
	raw     int // bytes unpacked
}

// makeBenchChunks makes 64 payloads of 5 to 50 KB packed, 16 KB in the mean: DOM
// mutations over a service's words, as masked pages give them.
func makeBenchChunks(seed uint64) []benchChunk {
	r := rand.New(rand.NewPCG(seed, 1))
	words := strings.Fields("div span govuk-button govuk-table__cell xx xxxxx xxxxxxxx 00 00000 path > main li:nth-of-type role status hidden rect fp-field data-fp-filled")
	chunks := make([]benchChunk, 64)
	for i := range chunks {
		target := 5_000 + int(r.ExpFloat64()*11_000)
		target = min(target, 50_000)
		var text strings.Builder
		events, at := uint32(0), int64(1795456800000)
		// Such text packs to about a ninth, as DOM recordings do.
		for text.Len() < 9*target {
			at += r.Int64N(100)
			fmt.Fprintf(&text, `{"k":"dom","t":%d,"d":{"type":3,"data":{"source":0,"texts":[],"attributes":[{"id":%d,"attributes":{"class":"%s %s"}}],"removes":[],"adds":[{"parentId":%d,"nextId":null,"node":{"type":3,"textContent":"%s %s %s","id":%d}}]},"timestamp":%d}}`+"\n",
				at, r.IntN(9000), words[r.IntN(len(words))], words[r.IntN(len(words))], r.IntN(9000),
				words[r.IntN(len(words))], words[r.IntN(len(words))], words[r.IntN(len(words))], r.IntN(90000), at)
			events++
		}
		chunks[i] = benchChunk{payload: wire.Deflate([]byte(text.String())), events: events, raw: text.Len()}
	}
	return chunks
}

// ingest prints the table.
func (b bench) ingest(ctx context.Context) error {
	packed, raw := 0, 0
	for _, c := range b.chunks {
		packed, raw = packed+len(c.payload), raw+c.raw
	}
	fmt.Fprintf(b.out, "made-up chunks: %.1f KB packed, %.1f KB raw in the mean; %v each; seed %d\n",
		float64(packed)/64e3, float64(raw)/64e3, b.each, b.seed)
	syncs, err := b.syncRate()
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "this disk: %.0f syncs/s of 16 KB appends, one after the other\n\n", syncs)
	fmt.Fprintln(b.out, "writers  chunks/s   MB/s  raw MB/s  p50 ms  p99 ms  CPU s/raw MB  cores  RSS MB  written/packed  bare journal/s  ratio")
	for _, writers := range benchWriters {
		bare, err := b.bare(ctx, writers)
		if err != nil {
			return err
		}
		m, err := b.overHTTP(ctx, writers)
		if err != nil {
			return err
		}
		seconds := m.took.Seconds()
		fmt.Fprintf(b.out, "%7d %9.0f %6.1f %9.1f %7.2f %7.2f %13.4f %6.2f %7.0f %15.2f %15.0f %5.0f%%\n",
			writers, float64(m.chunks)/seconds, float64(m.packed)/1e6/seconds, float64(m.raw)/1e6/seconds,
			milliseconds(m.percentile(0.5)), milliseconds(m.percentile(0.99)), m.cpu/(float64(m.raw)/1e6), m.cpu/seconds,
			m.rss/1e6, m.written/float64(m.packed), bare, 100*float64(m.chunks)/seconds/bare)
	}
	fmt.Fprintln(b.out, "\nCPU, RSS and bytes written are the collector process's; the load generator shares the machine with it.")
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// measured is what one round of load gave.
type measured struct {
	chunks, packed, raw int
	took                time.Duration
	latencies           []time.Duration
	cpu, rss, written   float64 // seconds, bytes, bytes
}

func (m *measured) percentile(p float64) time.Duration {
	if len(m.latencies) == 0 {
		return 0
	}
	return m.latencies[int(p*float64(len(m.latencies)-1))]
}

// syncRate is how many syncs of 16 KB the disk does one after the other.
func (b bench) syncRate() (float64, error) {
	f, err := os.Create(filepath.Join(b.dir, "syncs"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // the file is thrown away
	block := make([]byte, 16<<10)
	n, start := 0, time.Now()
	for ; time.Since(start) < time.Second; n++ {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// bare is the rate of the journal alone, with as many writers.
func (b bench) bare(ctx context.Context, writers int) (float64, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("bare-%d", writers))
	log, err := journaldisk.Open(dir, journaldisk.Config{})
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var wg sync.WaitGroup
	counts, errs := make([]int, writers), make([]error, writers)
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			h := benchHeader(w, 0)
			for time.Since(start) < b.each && ctx.Err() == nil {
				c := b.chunks[(w+counts[w])%len(b.chunks)]
				h.Seq, h.Events = uint32(counts[w]%1_000_000), c.events
				if _, errs[w] = log.Append(ctx, []journal.Chunk{{Header: h, Arrived: 1, Day: 20261123, Body: c.payload}}); errs[w] != nil {
					return
				}
				counts[w]++
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	if err := log.Close(); err != nil {
		return 0, err
	}
	total := 0
	for w, n := range counts {
		if errs[w] != nil {
			return 0, errs[w]
		}
		total += n
	}
	return float64(total) / took.Seconds(), nil
}

// overHTTP runs a collector in a process of its own and loads it.
func (b bench) overHTTP(ctx context.Context, writers int) (*measured, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, fmt.Sprintf("http-%d", writers))
	child := exec.CommandContext(ctx, self, "bench", "ingest", "-serve", dir)
	in, err := child.StdinPipe() // its end ends the child
	if err != nil {
		return nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		return nil, fmt.Errorf("start the collector: %w", err)
	}
	defer func() {
		_ = in.Close()
		_ = child.Wait() // what it had to say went to stderr
		_ = os.RemoveAll(dir)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the collector did not start: %w", err)
	}
	addr := strings.TrimSpace(line)
	before := usageOf(child.Process.Pid)
	m, err := b.load(ctx, addr, writers)
	if err != nil {
		return nil, err
	}
	after := usageOf(child.Process.Pid)
	m.cpu, m.written, m.rss = after.cpu-before.cpu, after.written-before.written, after.rss
	return m, nil
}

// usage of a process, from /proc; zeros where there is none.
type usage struct{ cpu, written, rss float64 }

func usageOf(pid int) usage {
	var u usage
	field := func(file, name string) float64 {
		body, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
		if err != nil {
			return 0
		}
		_, rest, ok := strings.Cut("\n"+string(body), "\n"+name+":")
		if !ok {
			return 0
		}
		n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		return n
	}
	u.written = field("io", "write_bytes")
	u.rss = field("status", "VmHWM") * 1024
	if body, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		_, rest, _ := strings.Cut(string(body), ") ")
		if f := strings.Fields(rest); len(f) > 13 {
			user, _ := strconv.ParseFloat(f[11], 64)
			system, _ := strconv.ParseFloat(f[12], 64)
			u.cpu = (user + system) / 100 // USER_HZ, 100 on every Linux
		}
	}
	return u
}

// load sends chunks over writers connections, each answered before the next.
func (b bench) load(ctx context.Context, addr string, writers int) (*measured, error) {
	parts, errs := make([]measured, writers), make([]error, writers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			errs[w] = b.writer(ctx, addr, w, start, &parts[w])
		})
	}
	wg.Wait()
	all := &measured{took: time.Since(start)}
	for w := range parts {
		if errs[w] != nil {
			return nil, fmt.Errorf("writer %d: %w", w, errs[w])
		}
		all.chunks += parts[w].chunks
		all.packed += parts[w].packed
		all.raw += parts[w].raw
		all.latencies = append(all.latencies, parts[w].latencies...)
	}
	slices.Sort(all.latencies)
	return all, nil
}
