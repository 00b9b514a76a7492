package demo

import (
	"bytes"
	"net/http"
	"strings"

	"footpath/wire"
)

// view is what a page shows.
type view struct {
	Title  string
	Errors []problem
	Event  *event
	values map[string]string

	// Set for every page.
	Recorder string
	Key      wire.ProjectKey
	Path     string
	Chosen   bool
	Other    *link

	// For one page each.
	Saved, Usage bool
	Searched     bool
	Results      []application
	Application  *application
	Messages     []message
	Titles       []string
	Rows         []row
	Reference    string
}

// event is what the page tells Footpath that happened.
type event struct {
	Name  string
	Count int
	Kind  string
}

// problem is a message about a field.
type problem struct {
	Field, Message string
}

type link struct{ URL, Label string }

type row struct{ Label, Value, Change string }

// Value is what was entered in a field.
func (v *view) Value(field string) string { return v.values[field] }

// Problem is what is wrong with a field, or nil.
func (v *view) Problem(field string) *problem {
	for i := range v.Errors {
		if v.Errors[i].Field == field {
			return &v.Errors[i]
		}
	}
	return nil
}

// Message says what is wrong with a field, or "".
func (v *view) Message(field string) string {
	if p := v.Problem(field); p != nil {
		return p.Message
	}
	return ""
}

// show renders a page whole before the first byte leaves.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, page string, v *view) {
	v.Recorder = s.cfg.Collector + "/recorder.js"
	v.Key = s.cfg.Key
	v.Path = r.URL.RequestURI()
	v.Chosen = cookie(r, "cookies_preferences_set") == "true"
	if s.cfg.Other != "" {
		v.Other = &link{strings.TrimRight(s.cfg.Other, "/") + "/", s.cfg.OtherLabel}
	}
	if len(v.Errors) > 0 && v.Event == nil {
		v.Event = &event{Name: "form_error", Count: len(v.Errors)}
	}
	var body bytes.Buffer
	if err := s.pages[page].ExecuteTemplate(&body, "layout", v); err != nil {
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
