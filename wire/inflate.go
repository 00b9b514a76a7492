package wire

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Inflate unpacks a payload, all of it in memory. It stops at MaxInflated (fault
// 11) and takes exactly one gzip member with nothing behind it (fault 12).
func Inflate(payload []byte) ([]byte, error) {
	in := bytes.NewReader(payload)
	zr, err := open(in)
	if err != nil {
		return nil, err
	}
	// DOM events shrink six- to tenfold; starting near that saves most copies.
	var out bytes.Buffer
	out.Grow(min(8*len(payload)+512, MaxInflated+1))
	if _, err := io.Copy(&out, io.LimitReader(zr, MaxInflated+1)); err != nil {
		return nil, fmt.Errorf("%w: gzip: damaged or cut short", ErrMalformed)
	}
	if out.Len() > MaxInflated {
		return nil, fmt.Errorf("%w: more than %d bytes unpacked", ErrTooLarge, MaxInflated)
	}
	if in.Len() > 0 {
		return nil, fmt.Errorf("%w: bytes behind the gzip member", ErrMalformed)
	}
	return out.Bytes(), nil
}

// open starts reading the one gzip member of a payload.
func open(in *bytes.Reader) (*gzip.Reader, error) {
	zr, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("%w: no gzip header", ErrMalformed)
	}
	zr.Multistream(false)
	return zr, nil
}

// Deflate packs newline-delimited events into a payload. The product's recorder
// does this in the browser; tests, the bench and synthetic visitors do it here.
func Deflate(events []byte) []byte {
	var out bytes.Buffer
	// A bytes.Buffer takes every write, and the level is a valid one.
	zw, _ := gzip.NewWriterLevel(&out, gzip.DefaultCompression)
	_, _ = zw.Write(events)
	_ = zw.Close()
	return out.Bytes()
}

// Summary is what Check learns of a payload without keeping it.
type Summary struct {
	Events  int // lines
	DOM     int // of kind dom
	Count   int // of kind count
	Unknown int // of a kind this version does not know
	Bytes   int // unpacked
}

// Check unpacks a payload in a stream, keeping none of it, and says whether every
// line is one JSON object within the limits: MaxInflated, MaxEvents, MaxDepth,
// one gzip member, no number beyond a float64, one plain "k" a line. What passes
// is decoded later by Events without a surprise. Memory stays at one buffer
// whatever the input (faults 8, 11–14).
func Check(payload []byte) (Summary, error) {
	in := bytes.NewReader(payload)
	zr, err := open(in)
	if err != nil {
		return Summary{}, err
	}
	var s scanner
	buf := make([]byte, 32<<10)
	for {
		n, err := zr.Read(buf)
		s.sum.Bytes += n
		if s.sum.Bytes > MaxInflated {
			return s.sum, fmt.Errorf("%w: more than %d bytes unpacked", ErrTooLarge, MaxInflated)
		}
		if serr := s.feed(buf[:n]); serr != nil {
			return s.sum, serr
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return s.sum, fmt.Errorf("%w: gzip: damaged or cut short", ErrMalformed)
		}
	}
	if in.Len() > 0 {
		return s.sum, fmt.Errorf("%w: bytes behind the gzip member", ErrMalformed)
	}
	return s.sum, s.finish()
}
