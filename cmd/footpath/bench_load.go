package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"footpath/collect"
	journaldisk "footpath/journal/disk"
	keysdisk "footpath/privacy/keys/disk"
	"footpath/store/meta"
	"footpath/store/meta/sqlite"
	"footpath/wire"
)

const (
	benchKey    = wire.ProjectKey("be9c0000000000000000000000000000000000be")
	benchOrigin = "http://bench.example"
	// benchSession is the chunks of a made-up session (faults-and-attacks.md 5.1).
	benchSession = 24
)

// benchHeader is the header of a writer's n-th session.
func benchHeader(writer, n int) wire.Header {
	id := func(kind string) wire.ID { return wire.ID(fmt.Sprintf("%s%04d%016d", kind, writer, n)) }
	return wire.Header{
		Codec: wire.CodecRRWeb, Flags: wire.FlagTierB | wire.FlagConsent, Project: benchKey,
		Session: id("S"), Visitor: id("V"), Record: id("R"), Events: 1, SentMs: time.Now().UnixMilli(),
	}
}

// writer sends session after session over one connection until the time is over.
func (b bench) writer(ctx context.Context, addr string, w int, start time.Time, m *measured) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // every answer has been read
	answers := bufio.NewReader(conn)
	var body, request []byte
	for n := 0; ; n++ {
		h := benchHeader(w, n)
		for h.Seq = range uint32(benchSession) {
			if time.Since(start) >= b.each || ctx.Err() != nil {
				return ctx.Err()
			}
			c := b.chunks[(w+m.chunks)%len(b.chunks)]
			h.Events = c.events
			if body, err = wire.Append(body[:0], h, c.payload); err != nil {
				return err
			}
			request = fmt.Appendf(request[:0], "POST /v1/chunks HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nContent-Type: text/plain;charset=UTF-8\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\nContent-Length: %d\r\n\r\n", addr, benchOrigin, len(body))
			request = append(request, body...)
			sent := time.Now()
			if _, err := conn.Write(request); err != nil {
				return err
			}
			answer, err := readAnswer(answers)
			if err != nil {
				return err
			}
			m.latencies = append(m.latencies, time.Since(sent))
			h.Token = answer.Token
			m.chunks, m.packed, m.raw = m.chunks+1, m.packed+len(c.payload), m.raw+c.raw
		}
	}
}

// readAnswer reads one 202 with its answer, cheaply: the load generator shares two
// cores with what it measures.
func readAnswer(r *bufio.Reader) (wire.Answer, error) {
	var answer wire.Answer
	status, err := r.ReadString('\n')
	if err != nil {
		return answer, err
	}
	length, reason := 0, ""
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return answer, err
		}
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			break
		}
		switch name {
		case "Content-Length":
			if length, err = strconv.Atoi(value); err != nil {
				return answer, err
			}
		case wire.ReasonHeader:
			reason = value
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return answer, err
	}
	if !strings.Contains(status, " 202 ") {
		return answer, fmt.Errorf("answered %s (%s)", strings.TrimSpace(status), reason)
	}
	return answer, json.Unmarshal(body, &answer)
}

// benchServe is the measured collector: the real one on real stores, with limits
// that one loopback address does not run into. It ends with its input.
func benchServe(ctx context.Context, dir string, in io.Reader, out io.Writer) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	journal, err := journaldisk.Open(filepath.Join(dir, "journal"), journaldisk.Config{Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	master := bytes.Repeat([]byte{1}, keysdisk.MasterLen)
	keys, err := keysdisk.Open(filepath.Join(dir, "keys"), master, keysdisk.WithLogger(log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	projects, err := sqlite.Open(filepath.Join(dir, metaFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, projects.Close()) }()
	err = projects.CreateProject(ctx, meta.Project{
		Key: benchKey, Name: "bench", Domains: []string{"bench.example"}, Purpose: "measure", LegalBasis: "consent",
		Consent: meta.OptIn, Profile: meta.Strict, Replay: true, Sampling: 10_000, IdleMinutes: 15, MaxMinutes: 60, Created: time.Now(),
	})
	if err != nil {
		return err
	}
	const unlimited = 1e9
	c, err := collect.New(collect.Config{
		NewPerSecond: unlimited, NewBurst: unlimited, NetPerSecond: unlimited, NetBurst: unlimited,
		SessionPerSecond: unlimited, SessionBurst: unlimited,
	}, collect.Deps{Log: journal, Keys: keys, Meta: projects, Secret: master, Logger: log})
	if err != nil {
		return err
	}
	return benchListen(ctx, c, in, out)
}

func benchListen(ctx context.Context, c *collect.Collector, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran := make(chan error, 1)
	go func() { ran <- c.Run(ctx) }()
	select {
	case <-c.Ready():
	case err := <-ran:
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, in) // the end of input is the signal
		_ = server.Close()
	}()
	fmt.Fprintln(out, listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	cancel()
	return <-ran
}
