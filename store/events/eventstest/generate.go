package eventstest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"footpath/journal"
	"footpath/store/events"
	"footpath/wire"
)

// Data says what to make up. The same Data gives the same batches.
type Data struct {
	Seed     uint64
	Projects int   // 2 by default
	Sessions int   // over all projects; about 12 events each
	From, To int64 // sessions start in [From, To), milliseconds UTC
	Batch    int   // sessions per batch, 200 by default
}

// Project is the key of the i-th made-up project.
func Project(i int) wire.ProjectKey { return wire.ProjectKey(fmt.Sprintf("%040x", 0xf00d+i)) }

var (
	paths     = []string{"/", "/search", "/apply", "/apply/address", "/apply/check", "/done", "/help", "/help/contact", "/naïve-Ünicode/日本", "/it's"}
	referrers = []string{"", "", "https://www.example.org", "https://search.example", "https://news.example"}
	devices   = []string{"desktop", "mobile", "tablet", "other"}
	browsers  = []string{"Chrome 156", "Chrome 155", "Firefox 140", "Safari 26", "Chromium 156"}
	systems   = []string{"Windows", "macOS", "Android", "iOS", "Linux"}
	countries = []string{"", "GB", "FR", "DE", "IE"}
	languages = []string{"en", "cy", "fr", "pl"}
	screens   = []string{"small", "medium", "large"}
	campaigns = []string{"", "", "", "spring", "autumn"}
	customs   = []string{"postcode", "estimate", "download", "print", "o'clock"}
)

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

// maker holds the state of one generation.
type maker struct {
	Data
	*rand.Rand
	visitors []wire.ID
}

// Generate calls fn with one batch after the other, offsets growing, sessions in
// order of their start.
func Generate(d Data, fn func(events.Batch) error) error {
	if d.Projects == 0 {
		d.Projects = 2
	}
	if d.Batch == 0 {
		d.Batch = 200
	}
	m := &maker{Data: d, Rand: rand.New(rand.NewPCG(d.Seed, 1))}
	for range d.Sessions/3 + 1 {
		m.visitors = append(m.visitors, m.id())
	}
	step := max((d.To-d.From)/int64(max(d.Sessions, 1)), 1)
	for i := 0; i < d.Sessions; i += d.Batch {
		var b events.Batch
		for j := i; j < min(i+d.Batch, d.Sessions); j++ {
			m.session(&b, d.From+int64(j)*step+m.Int64N(step))
		}
		b.Offset = journal.Position(i/d.Batch+1) * 10
		if err := fn(b); err != nil {
			return err
		}
	}
	return nil
}

// Batches gives all batches at once.
func Batches(d Data) []events.Batch {
	var out []events.Batch
	_ = Generate(d, func(b events.Batch) error { // this fn does not fail
		out = append(out, b)
		return nil
	})
	return out
}

func (m *maker) id() wire.ID {
	b := make([]byte, wire.IDLen)
	for i := range b {
		b[i] = alphabet[m.IntN(len(alphabet))]
	}
	return wire.ID(b)
}

// pick prefers the first ones, as visitors do.
func (m *maker) pick(from []string) string {
	return from[min(m.IntN(len(from)), m.IntN(len(from)))]
}

func (m *maker) session(b *events.Batch, start int64) {
	project := Project(m.IntN(m.Projects))
	s := events.Session{
		Project: project, Session: m.id(), Visitor: m.visitors[m.IntN(len(m.visitors))],
		Start: start, End: start, Referrer: m.pick(referrers),
		UTMCampaign: m.pick(campaigns), Device: m.pick(devices), Browser: m.pick(browsers), OS: m.pick(systems),
		Country: m.pick(countries), Language: m.pick(languages), Screen: m.pick(screens), Zone: "Europe/London",
		Width: 360 + int32(m.IntN(1600)), Height: 600 + int32(m.IntN(800)), New: m.IntN(3) > 0,
		HasReplay: m.IntN(4) > 0, Consent: "api", Records: 1, Bytes: m.Int64N(200_000), Gaps: int32(m.IntN(20) / 19),
		Sealed: m.IntN(10) > 0, Last: journal.Position(m.IntN(1_000_000)),
	}
	if s.UTMCampaign != "" {
		s.UTMSource, s.UTMMedium = "letter", "mail"
	}
	s.Day = dayOf(start)
	record := m.id()
	seq := int32(0)
	for range 1 + min(m.IntN(6), m.IntN(6)) {
		m.view(b, &s, record, &seq)
	}
	s.Duration = s.End - s.Start
	b.Sessions = append(b.Sessions, s)
	b.Replace = append(b.Replace, events.SessionKey{Project: project, Session: s.Session, Start: s.Start})
	if m.IntN(2) == 0 {
		b.Counts = append(b.Counts, events.Count{
			Project: project, Hour: start - start%3_600_000, URL: m.url(), Referrer: m.pick(referrers), UTMCampaign: m.pick(campaigns),
			Device: m.pick(devices), Browser: m.pick(browsers), OS: m.pick(systems), Language: m.pick(languages), Screen: m.pick(screens),
			Views: 1 + m.Int64N(3),
		})
	}
}

func (m *maker) url() string { return "https://site.example" + m.pick(paths) }

// view makes a page view and what happens on it.
func (m *maker) view(b *events.Batch, s *events.Session, record wire.ID, seq *int32) {
	url := m.url()
	event := func(kind string) *events.Event {
		e := events.Event{
			Project: s.Project, Session: s.Session, Visitor: s.Visitor, Record: record, View: s.Pages, Seq: *seq, Time: s.End, Kind: kind, URL: url,
			Title: "Title of " + url, Device: s.Device, Browser: s.Browser, OS: s.OS, Country: s.Country, Language: s.Language, Screen: s.Screen,
			Width: s.Width, Height: s.Height,
		}
		*seq++
		b.Events = append(b.Events, e)
		return &b.Events[len(b.Events)-1]
	}
	page := event("page")
	page.Referrer, page.UTMCampaign = s.Referrer, s.UTMCampaign
	if s.Pages == 0 {
		s.Entry = url
	}
	s.Exit = url
	s.URLs = appendNew(s.URLs, url)
	for range m.IntN(6) {
		s.End += 500 + m.Int64N(20_000)
		m.act(s, event)
	}
	s.End += 1_000 + m.Int64N(60_000)
	leave := event("leave")
	leave.Visible, leave.Active, leave.Depth = s.End-page.Time, (s.End-page.Time)/2, int32(m.IntN(10_001))
	s.Visible += leave.Visible
	s.Active += leave.Active
	s.Pages++
}

// act makes one thing that a visitor does.
func (m *maker) act(s *events.Session, event func(string) *events.Event) {
	switch n := m.IntN(10); {
	case n < 6:
		e := event("click")
		e.Path, e.Tag, e.Text, e.Role, e.By = "html > body > main > button.start", "button", "Start now", "button", "mouse"
		e.X, e.Y, e.PageX, e.PageY = int32(m.IntN(10_001)), int32(m.IntN(10_001)), int32(m.IntN(1200)), int32(m.IntN(4000))
		s.Clicks++
	case n < 8:
		e := event("input")
		e.Path, e.Tag, e.Name = "html > body > main > form > fp-field#postcode", "fp-field", "Postcode"
		s.Inputs++
	case n < 9:
		e := event("custom")
		e.Name = m.pick(customs)
		e.PropKeys, e.PropValues = []string{"step", "kind"}, []string{fmt.Sprint(m.IntN(5)), "full"}
		s.EventNames = appendNew(s.EventNames, e.Name)
		s.Customs++
	default:
		e := event("error")
		e.Name, e.Text, e.Path, e.X = "TypeError", "x is not a function", "https://site.example/app.js", int32(m.IntN(500))
		s.Errors++
	}
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

func dayOf(ms int64) int32 {
	t := time.UnixMilli(ms).UTC()
	return int32(t.Year()*10_000 + int(t.Month())*100 + t.Day())
}
