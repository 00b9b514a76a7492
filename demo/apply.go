package demo

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// step is one page of the form.
type step struct {
	name, page, title string
	fields            []string
	next              string
	check             func(values map[string]string, now time.Time) []problem
}

var steps = []step{
	{"work", "work", "What would you like to do?", []string{"work"}, "/apply/you", checkWork},
	{"you", "you", "About you", []string{"name", "email", "site"}, "/apply/details", checkYou},
	{"details", "details", "About the work", []string{"description", "day", "month", "year"}, "/apply/check", checkDetails},
}

// message is a text of an error summary, and what to do about it.
type message struct{ Text, Help string }

// The messages of the form. The guide lists them all.
var (
	noWork        = message{"Choose what you would like to do", "Choose one of the four kinds of work. If none fits, choose the nearest."}
	noName        = message{"Enter your full name", "Enter your first name and your last name."}
	noEmail       = message{"Enter an email address in the correct format", "It has an @ in it, and a dot behind that."}
	noSite        = message{"Enter a postcode", "Enter the postcode of the building, not your own when you live elsewhere."}
	wrongSite     = message{"Enter a postcode in Hollowmere, like HM1 then a number and two letters", "Our postcodes begin with HM1, HM2, HM3 or HM4."}
	noDescription = message{"Describe the work", "A sentence or two is enough."}
	shortText     = message{"Describe the work in at least 20 characters", "Say what you would like to build and how large it is."}
	noDay         = message{"Enter a date with day, month and year as numbers", "For the first of March enter 1, 3 and the year."}
	pastDay       = message{"The day on which you begin must be in the future", "Work that has begun already needs another form: write to us."}

	someFound = message{"Applications near that postcode", "They are listed, the newest first. Follow a reference to read more."}
	noneFound = message{"We found no applications near that postcode", "Check the postcode, or try one nearby."}

	allMessages = []message{noWork, noName, noEmail, noSite, wrongSite, noDescription, shortText, noDay, pastDay, someFound, noneFound}
)

var emailShape = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)

func (s *Site) messages(w http.ResponseWriter, r *http.Request) {
	v := &view{Title: "Problems with the form", Messages: allMessages, Titles: []string{searchTitle}}
	for _, st := range steps {
		v.Titles = append(v.Titles, st.title)
	}
	s.show(w, r, http.StatusOK, "messages", v)
}

func checkWork(values map[string]string, _ time.Time) []problem {
	if kindOfWork[values["work"]] == "" {
		return []problem{{"work", noWork.Text}}
	}
	return nil
}

func checkYou(values map[string]string, _ time.Time) []problem {
	var wrong []problem
	if !strings.Contains(values["name"], " ") {
		wrong = append(wrong, problem{"name", noName.Text})
	}
	if !emailShape.MatchString(values["email"]) {
		wrong = append(wrong, problem{"email", noEmail.Text})
	}
	if msg := checkPostcode(strings.ToUpper(values["site"])); msg != "" {
		wrong = append(wrong, problem{"site", msg})
	}
	return wrong
}

// checkPostcode says what is wrong with a postcode in capitals, or "".
func checkPostcode(text string) string {
	switch {
	case text == "":
		return noSite.Text
	case !district.MatchString(text):
		return wrongSite.Text
	}
	return ""
}

func checkDetails(values map[string]string, now time.Time) []problem {
	var wrong []problem
	switch n := len([]rune(values["description"])); {
	case n == 0:
		wrong = append(wrong, problem{"description", noDescription.Text})
	case n < 20:
		wrong = append(wrong, problem{"description", shortText.Text})
	}
	day, err := parseDay(values)
	switch {
	case err != nil:
		wrong = append(wrong, problem{"day", noDay.Text})
	case day.Before(now):
		wrong = append(wrong, problem{"day", pastDay.Text})
	}
	return wrong
}

// parseDay takes only days that exist.
func parseDay(values map[string]string) (time.Time, error) {
	var n [3]int
	for i, field := range []string{"year", "month", "day"} {
		v, err := strconv.Atoi(values[field])
		if err != nil {
			return time.Time{}, err
		}
		n[i] = v
	}
	day := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if day.Year() != n[0] || int(day.Month()) != n[1] || day.Day() != n[2] {
		return time.Time{}, fmt.Errorf("no such day")
	}
	return day, nil
}

// kindOfWork names the answers to the first question.
var kindOfWork = map[string]string{
	"extend": "Extend a house", "loft": "Convert a loft", "outbuilding": "Put up a garage or shed", "tree": "Work on a protected tree",
}

func (s *Site) ask(w http.ResponseWriter, r *http.Request, st step) {
	v := &view{Title: st.title, values: s.answers.get(cookie(r, applicationCookie))}
	if st.name == "work" {
		v.Event = &event{Name: "application_started", Count: 1}
	}
	s.show(w, r, http.StatusOK, st.page, v)
}

func (s *Site) answer(w http.ResponseWriter, r *http.Request, st step) {
	given := map[string]string{}
	for _, f := range st.fields {
		given[f] = strings.TrimSpace(r.PostFormValue(f))
	}
	if wrong := st.check(given, s.cfg.Now()); len(wrong) > 0 {
		s.show(w, r, http.StatusUnprocessableEntity, st.page, &view{Title: st.title, Errors: wrong, values: given})
		return
	}
	s.remember(w, r, given)
	http.Redirect(w, r, st.next, http.StatusSeeOther)
}

func (s *Site) remember(w http.ResponseWriter, r *http.Request, given map[string]string) {
	id := s.answers.put(cookie(r, applicationCookie), given)
	http.SetCookie(w, &http.Cookie{
		Name: applicationCookie, Value: id, Path: "/apply", MaxAge: int(keep / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *Site) check(w http.ResponseWriter, r *http.Request) {
	v := &view{Title: "Check your answers"}
	if a := s.answers.get(cookie(r, applicationCookie)); a["work"] != "" {
		v.Rows = []row{
			{"What you would like to do", kindOfWork[a["work"]], "/apply/work"},
			{"Full name", a["name"], "/apply/you"},
			{"Email address", a["email"], "/apply/you"},
			{"Postcode of the building", a["site"], "/apply/you"},
			{"The work", a["description"], "/apply/details"},
			{"Begins on", strings.Trim(a["day"]+" "+a["month"]+" "+a["year"], " "), "/apply/details"},
		}
	}
	s.show(w, r, http.StatusOK, "check", v)
}

// send ends the application: the answers are forgotten, a made-up reference is
// all that is left.
func (s *Site) send(w http.ResponseWriter, r *http.Request) {
	id := cookie(r, applicationCookie)
	a := s.answers.get(id)
	for _, st := range steps {
		if len(st.check(a, s.cfg.Now())) > 0 {
			http.Redirect(w, r, "/apply/"+st.name, http.StatusSeeOther)
			return
		}
	}
	s.answers.forget(id)
	s.remember(w, r, map[string]string{"reference": reference(s.cfg.Now()), "sent": a["work"]})
	http.Redirect(w, r, "/apply/done", http.StatusSeeOther)
}

// reference looks like one of the register's and is kept nowhere.
func reference(now time.Time) string {
	return fmt.Sprintf("%02d/%04d/FUL", now.Year()%100, 1000+now.UnixMilli()%9000)
}

func (s *Site) done(w http.ResponseWriter, r *http.Request) {
	v := &view{Title: "Application sent"}
	id := cookie(r, applicationCookie)
	if a := s.answers.get(id); a["reference"] != "" {
		v.Reference = a["reference"]
		if a["told"] == "" {
			v.Event = &event{Name: "application_sent", Count: 1, Kind: a["sent"]}
			s.answers.put(id, map[string]string{"told": "1"})
		}
	}
	s.show(w, r, http.StatusOK, "done", v)
}
