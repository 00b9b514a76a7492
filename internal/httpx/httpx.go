// Package httpx is the plumbing that the HTTP rooms share: errors with one JSON
// shape, strict and bounded request bodies, answers with ETag and gzip, security
// headers, the same-origin rule, who is at the other end behind which proxies,
// and a log and metrics that name no visitor.
package httpx

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Error is an answer that is not a success. Message says what to do; it goes to
// the caller. Err is the inner cause; it goes to the log alone.
type Error struct {
	Status     int
	Code       string // short, stable, for programs
	Message    string // a sentence for people
	Field      string // the field or query parameter that is wrong, or empty
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%d %s: %v", e.Status, e.Code, e.Err)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// Invalid says that field holds something that cannot be used, and what to write
// instead: status 422.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Code: "invalid", Message: fmt.Sprintf(format, args...), Field: field}
}

// Errorf makes an error with a status, a code and a message.
func Errorf(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Internal hides err behind a 500; reference leads from the answer to the log.
func Internal(err error, reference string) *Error {
	return &Error{
		Status: http.StatusInternalServerError, Code: "internal", Err: err,
		Message: "Something went wrong on the server. Try again; if it stays, look in the server's log for " + reference + ".",
	}
}

// ErrorBody is the one shape of an error answer.
type ErrorBody struct {
	Error ErrorDetail `json:"error"`
}

// ErrorDetail is what an error answer says.
type ErrorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
}

// WriteError answers with err, which is an *Error or becomes a plain 500.
func WriteError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = Internal(err, "this request")
	}
	h := w.Header()
	if e.RetryAfter > 0 {
		// Whole seconds, rounded up: a client that obeys is never early.
		h.Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	body := marshal(ErrorBody{ErrorDetail{Code: e.Code, Message: e.Message, Field: e.Field}})
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the caller may be gone: nothing to do about it
}
