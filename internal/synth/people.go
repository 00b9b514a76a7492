package synth

import (
	"math/rand/v2"
	"time"

	"footpath/wire"
)

// person is a made-up visitor with one device.
type person struct {
	visitor  wire.ID
	client   Client
	kind     string // which recordings fit: desktop or mobile
	screen   string
	language string
	pace     float64   // how much slower than the recording
	last     time.Time // when the latest visit has surely ended; zero for somebody new
}

type machine struct {
	kind, device, os, screen string
	browsers                 []choice[string]
}

// machines are what people come with, roughly as public services see it.
var machines = []choice[machine]{
	{machine{"desktop", "desktop", "Windows", "large", []choice[string]{{"Chrome 155", 40}, {"Edge 155", 40}, {"Firefox 150", 20}}}, 36},
	{machine{"desktop", "desktop", "macOS", "large", []choice[string]{{"Safari 26", 55}, {"Chrome 155", 35}, {"Firefox 150", 10}}}, 12},
	{machine{"desktop", "desktop", "Linux", "large", []choice[string]{{"Firefox 150", 60}, {"Chrome 155", 40}}}, 2},
	{machine{"mobile", "mobile", "iOS", "small", []choice[string]{{"Safari 26", 90}, {"Chrome 155", 10}}}, 27},
	{machine{"mobile", "mobile", "Android", "small", []choice[string]{{"Chrome 155", 75}, {"Samsung Internet 29", 25}}}, 18},
	{machine{"desktop", "tablet", "iOS", "medium", []choice[string]{{"Safari 26", 100}}}, 5},
}

var (
	countries = []choice[string]{{"GB", 94}, {"IE", 2}, {"FR", 2}, {"PL", 1}, {"US", 1}}
	languages = []choice[string]{{"en", 91}, {"cy", 3}, {"pl", 3}, {"ur", 2}, {"fr", 1}}
)

// someone is a person who was here before, or a new one.
func someone(r *rand.Rand, known []person, now time.Time) person {
	if len(known) > 0 && r.IntN(100) < returning {
		if p := known[r.IntN(len(known))]; p.last.Before(now) {
			return p
		}
	}
	m := pick(r, machines)
	return person{
		visitor:  newID(r),
		client:   Client{Device: m.device, Browser: pick(r, m.browsers), OS: m.os, Country: pick(r, countries)},
		kind:     m.kind,
		screen:   m.screen,
		language: pick(r, languages),
		// From hasty to thorough: the recording's pauses are shorter than anybody's.
		pace: 3 + 18*r.Float64()*r.Float64(),
	}
}

// source is how a visit was begun.
type source struct {
	referrer string
	utm      wire.UTM
}

var sources = []choice[source]{
	{source{}, 34},
	{source{referrer: "https://www.google.com"}, 30},
	{source{referrer: "https://www.bing.com"}, 8},
	{source{referrer: "https://duckduckgo.com"}, 4},
	{source{referrer: "https://www.hollowmere.example"}, 14},
	{source{referrer: "https://news.hollowmere.example", utm: wire.UTM{Source: "news", Medium: "article", Campaign: "new-fees"}}, 4},
	{source{utm: wire.UTM{Source: "letter", Medium: "email", Campaign: "spring-planning"}}, 6},
}
