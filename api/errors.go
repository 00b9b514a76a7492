package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"footpath/internal/auth"
	"footpath/internal/httpx"
	"footpath/privacy/keys"
	"footpath/report"
	"footpath/store/events"
	"footpath/store/meta"
	"footpath/store/recordings"
)

// fail answers with err; what is ours to mend goes to the log, once.
func (a *API) fail(c *call, err error) {
	e := toError(err, httpx.RequestID(c.ctx()))
	if e.Status == http.StatusInternalServerError {
		a.Logger.Error("request failed", "route", c.r.Pattern, "request", httpx.RequestID(c.ctx()), "err", err)
	}
	httpx.WriteError(c.w, e)
}

// toError is the one place where errors of the rooms become answers.
func toError(err error, reference string) *httpx.Error {
	var (
		e       *httpx.Error
		invalid *report.Invalid
	)
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &invalid):
		return httpx.Invalid(invalid.Field, "%s", invalid.Message)
	case errors.Is(err, keys.ErrErased):
		return httpx.Errorf(http.StatusGone, "erased", "This session was erased. Nothing of it is left.")
	case errors.Is(err, meta.ErrNotFound), errors.Is(err, report.ErrNotFound), errors.Is(err, recordings.ErrNotFound), errors.Is(err, keys.ErrUnknown):
		return httpx.Errorf(http.StatusNotFound, "not-found", "There is no such thing here. It may have been deleted or have expired.")
	case errors.Is(err, meta.ErrConflict):
		return httpx.Errorf(http.StatusConflict, "conflict", "Somebody else changed this in the meantime. Load it again, then change it.")
	case errors.Is(err, meta.ErrExists):
		return httpx.Errorf(http.StatusConflict, "exists", "That exists already. Choose another name or key.")
	case errors.Is(err, recordings.ErrDamaged):
		return httpx.Errorf(http.StatusInternalServerError, "damaged", "This part of the recording is damaged on disk. Other parts can be played; restore it from a backup.")
	case errors.Is(err, auth.ErrBusy):
		return &httpx.Error{
			Status: http.StatusServiceUnavailable, Code: "busy", RetryAfter: 5 * time.Second, Err: err,
			Message: "Too many people sign in at this moment. Try again in a few seconds.",
		}
	case errors.Is(err, events.ErrSlow), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &httpx.Error{
			Status: http.StatusServiceUnavailable, Code: "slow", RetryAfter: 5 * time.Second, Err: err,
			Message: "This took too long. Choose fewer days or filters, or try again in a moment.",
		}
	}
	return httpx.Internal(err, reference)
}
