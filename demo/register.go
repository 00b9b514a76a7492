package demo

import (
	"net/http"
	"regexp"
	"strings"
)

// application is an entry of the public register. People and places are made up.
type application struct {
	ID, Address, Postcode, Applicant, Work, Status string
}

// Reference is how people quote it: "26/0142/FUL".
func (a application) Reference() string { return strings.ReplaceAll(a.ID, "-", "/") }

// Class is the style of its status.
func (a application) Class() string {
	if a.Status == "Granted" || a.Status == "Refused" {
		return strings.ToLower(a.Status)
	}
	return ""
}

var register = []application{
	{"26-0187-FUL", "3 Mere View, Hollowmere", "HM1 2AB", "Adaeze Whitlock", "Single storey extension behind a terraced house", "Being considered"},
	{"26-0181-TPO", "The Old Vicarage, Church Walk", "HM1 2AB", "Parish of Hollowmere", "Crown reduction of a copper beech", "Being considered"},
	{"26-0174-FUL", "18 Ferry Lane, Hollowmere", "HM1 2AD", "Tomasz Underhill", "Dormer window facing the garden", "Granted"},
	{"26-0169-FUL", "41 Station Road, Nether Hollow", "HM2 1QP", "Priya Askew", "Change of a shop into two flats", "Refused"},
	{"26-0158-HOU", "7 Kiln Close, Nether Hollow", "HM2 1QT", "Gwen Marchbanks", "Garage with a workshop above", "Granted"},
	{"26-0142-FUL", "Mill Green Farm, Mill Green", "HM3 7RS", "Ottoline Bray", "Barn converted into three homes", "Being considered"},
	{"26-0139-HOU", "2 Weir Cottages, Mill Green", "HM3 7RT", "Samir Colegate", "Porch and new front steps", "Granted"},
	{"26-0120-HOU", "5 Mere View, Hollowmere", "HM1 2AB", "Ruth Penhallow", "Loft converted, with three roof lights", "Granted"},
}

// searchTitle is the title of the search page.
const searchTitle = "Find an application"

// newest is how many the search page shows before a search.
const newest = 4

// district are the postcodes of Hollowmere.
var district = regexp.MustCompile(`^HM[1-4] ?\d[A-Z]{2}$`)

func (s *Site) search(w http.ResponseWriter, r *http.Request) {
	v := &view{Title: searchTitle, Results: register[:newest], Searched: r.URL.Query().Has("postcode")}
	if v.Searched {
		text := strings.ToUpper(strings.TrimSpace(r.URL.Query().Get("postcode")))
		v.values = map[string]string{"postcode": text}
		if msg := checkPostcode(text); msg != "" {
			v.Errors, v.Results, v.Searched = []problem{{"postcode", msg}}, register[:newest], false
		} else {
			v.Results = near(text)
			v.Event = &event{Name: "search", Count: len(v.Results)}
		}
	}
	s.show(w, r, http.StatusOK, "search", v)
}

// near finds applications in the same sector: "HM1 2".
func near(postcode string) []application {
	sector := strings.ReplaceAll(postcode, " ", "")[:4]
	var found []application
	for _, a := range register {
		if strings.HasPrefix(strings.ReplaceAll(a.Postcode, " ", ""), sector) {
			found = append(found, a)
		}
	}
	return found
}

func (s *Site) application(w http.ResponseWriter, r *http.Request) {
	for _, a := range register {
		if a.ID == r.PathValue("id") {
			s.show(w, r, http.StatusOK, "application", &view{Title: "Planning application", Application: &a})
			return
		}
	}
	s.show(w, r, http.StatusNotFound, "missing", &view{Title: "Page not found"})
}
