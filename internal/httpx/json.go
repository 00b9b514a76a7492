package httpx

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxBody bounds a JSON request body: the longest is a project with 50 domains
	// and 100 property names, some 20 KB.
	MaxBody = 64 << 10
	// gzipFrom is the length from which compressing pays: below it the answer fits
	// one packet anyway.
	gzipFrom = 1 << 10
)

// ReadJSON decodes the request's body into v. It takes JSON only, at most MaxBody
// bytes of it, one value, no unknown and no repeated field, and valid UTF-8.
func ReadJSON(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return Errorf(http.StatusRequestEntityTooLarge, "too-large", "The request is longer than %d bytes.", MaxBody)
		}
		return &Error{Status: http.StatusBadRequest, Code: "body", Message: "The request ended too early. Send it again.", Err: err}
	}
	err = strict.Unmarshal(body, v, strict.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	return jsonError(err)
}

// jsonError turns a decoder's error into one that names the field.
func jsonError(err error) error {
	var semantic *strict.SemanticError
	if errors.As(err, &semantic) {
		field := fieldOf(semantic.JSONPointer)
		if errors.Is(err, strict.ErrUnknownName) {
			return &Error{Status: http.StatusUnprocessableEntity, Code: "unknown-field", Field: field, Message: fmt.Sprintf("There is no field %q here. Check its spelling.", field)}
		}
		return &Error{Status: http.StatusUnprocessableEntity, Code: "invalid", Field: field, Message: fmt.Sprintf("The field %q holds a %s, which is not what is expected there.", field, kindName(semantic.JSONKind))}
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) && errors.Is(err, jsontext.ErrDuplicateName) {
		field := fieldOf(syntactic.JSONPointer)
		return &Error{Status: http.StatusBadRequest, Code: "json", Field: field, Message: fmt.Sprintf("The field %q stands twice.", field)}
	}
	return &Error{Status: http.StatusBadRequest, Code: "json", Message: "The body is not valid JSON.", Err: err}
}

func fieldOf(p jsontext.Pointer) string { return strings.TrimPrefix(string(p), "/") }

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 'f', 't':
		return "truth value"
	case '"':
		return "text"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "list"
	}
	return "value"
}

// IsJSON says whether the request declares a JSON body.
func IsJSON(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "application/json"
}

// WriteJSON answers 200 with v. Unless the answer is marked no-store beforehand,
// it carries an ETag and answers 304 when the caller has it already; from 1 KB on
// it is compressed for callers that take gzip.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return writeBody(w, r, status, body)
}

// WriteBody answers with ready bytes of the given media type, by the same rules.
func WriteBody(w http.ResponseWriter, r *http.Request, mediaType string, body []byte) error {
	w.Header().Set("Content-Type", mediaType)
	return writeBody(w, r, http.StatusOK, body)
}

func writeBody(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	if r.Method == http.MethodGet && status == http.StatusOK && !strings.Contains(h.Get("Cache-Control"), "no-store") {
		tag := etag(body)
		h.Set("ETag", tag)
		if matches(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if len(body) >= gzipFrom && AcceptsGzip(r) {
		packed, err := pack(body)
		if err != nil {
			return err
		}
		h.Set("Content-Encoding", "gzip")
		body = packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(body) // the caller may be gone: nothing to do about it
	return nil
}

// etag is weak: gzip and plain forms share it.
func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

func matches(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

func pack(body []byte) ([]byte, error) {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// AcceptsGzip says whether the caller takes gzip. "gzip;q=0" does not.
func AcceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name = strings.TrimSpace(name); name != "gzip" && name != "*" {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}

// marshal is for shapes that cannot fail.
func marshal(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"error":{"code":"internal","message":"The answer could not be written."}}`)
	}
	return body
}
