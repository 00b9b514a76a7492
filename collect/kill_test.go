package collect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"footpath/journal/journaltest"
	"footpath/wire"
)

// childDir, in the environment, makes this test binary a collector on that
// directory, to be killed.
const childDir = "FOOTPATH_TEST_COLLECTOR"

func TestMain(m *testing.M) {
	if os.Getenv(childDir) == "" {
		os.Exit(m.Run())
	}
	runChild(os.Getenv(childDir))
}

// runChild serves until it is killed, or its input ends with the test.
func runChild(dir string) {
	testing.Init()
	testing.Benchmark(func(b *testing.B) {
		if b.N > 1 {
			return
		}
		s := newSite(b, dir, Config{}, nil)
		fmt.Println(s.server.Listener.Addr())
		_, _ = io.Copy(io.Discard, os.Stdin)
	})
}

// ledger is what the clients were told is durable.
type ledger struct {
	mu    sync.Mutex
	acked map[chunkID]string
}

// TestKill covers faults 31 and 1 with a real process: SIGKILL under load, at a
// random moment, again and again; every acknowledged chunk is there exactly once
// and reads as it was sent, and repeats of unanswered ones are stored once.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	book := &ledger{acked: map[chunkID]string{}}
	r := rand.New(rand.NewPCG(31, 1))
	const lives, writers = 5, 8
	tokens := make([]string, writers)
	next := make([]uint32, writers)
	for range lives {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+dir)
		child.Stderr = os.Stderr
		in, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("the collector did not start: %v", err)
		}
		addr := strings.TrimSpace(line)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() { book.write(t, addr, w, &next[w], &tokens[w]) })
		}
		time.Sleep(time.Duration(100+r.IntN(400)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		_ = child.Wait() // it was killed
		_ = in.Close()
	}
	book.verify(t, dir)
}

// write sends one writer's chunks, each twice, until the server is gone. The chunk
// without an answer is sent again in the next life.
func (l *ledger) write(t *testing.T, addr string, w int, next *uint32, token *string) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for ; ; *next++ {
		h := header(w, w, *next)
		h.Token = *token
		text := page(int(*next))
		body := envelope(t, h, text)
		for range 2 {
			req, err := http.NewRequest("POST", "http://"+addr+"/v1/chunks", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Origin", testOrigin)
			req.Header.Set("Content-Type", "text/plain")
			req.Header.Set("User-Agent", chromeUA)
			resp, err := client.Do(req)
			if err != nil {
				return // killed
			}
			var a wire.Answer
			err = json.NewDecoder(resp.Body).Decode(&a)
			_ = resp.Body.Close()
			switch {
			case resp.StatusCode == http.StatusTooManyRequests:
				time.Sleep(50 * time.Millisecond)
				continue
			case resp.StatusCode != http.StatusAccepted:
				t.Errorf("writer %d chunk %d: %s %s", w, *next, resp.Status, resp.Header.Get(wire.ReasonHeader))
				return
			case err != nil:
				return // killed while answering
			}
			*token = a.Token
			l.mu.Lock()
			l.acked[chunkID{h.Project, h.Session, h.Record, h.Seq}] = text
			l.mu.Unlock()
		}
	}
}

func (l *ledger) verify(t *testing.T, dir string) {
	s := newSite(t, dir, Config{}, nil)
	found := map[chunkID]int{}
	for _, e := range journaltest.Read(t, s.log, 0) {
		c := e.Chunk
		id := chunkID{c.Project, c.Session, c.Record, c.Seq}
		found[id]++
		if want, acked := l.acked[id]; acked && s.open(c) != want {
			t.Errorf("chunk %v reads differently", id)
		}
	}
	for id := range l.acked {
		if found[id] != 1 {
			t.Errorf("acknowledged chunk %v: found %d times", id, found[id])
		}
	}
	for id, n := range found {
		if n > 1 {
			t.Errorf("chunk %v stored %d times", id, n)
		}
	}
	if len(l.acked) < 50 {
		t.Fatalf("only %d chunks were acknowledged: too little load to show anything", len(l.acked))
	}
	t.Logf("%d acknowledged over the lives, all there once", len(l.acked))
	if err := s.log.Err(); err != nil {
		t.Error(err)
	}
}
