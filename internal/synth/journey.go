package synth

import (
	"math/rand/v2"
	"slices"
)

// entries are the pages on which visits begin.
var entries = []choice[string]{{"start", 62}, {"search", 14}, {"guide", 6}, {"extensions", 9}, {"trees", 4}, {"results", 5}}

// ways are where people go from each page; "" is away. A way that was not
// recorded from a page on a device is never taken.
var ways = map[string][]choice[string]{
	"start":         {{"work", 40}, {"search", 20}, {"extensions", 14}, {"fees", 8}, {"cookies", 2}, {"", 16}},
	"work":          {{"you", 74}, {"work-error", 10}, {"", 16}},
	"work-error":    {{"you", 88}, {"", 12}},
	"you":           {{"details", 52}, {"you-error", 30}, {"", 18}},
	"you-error":     {{"details", 78}, {"", 22}},
	"details":       {{"check", 54}, {"details-error", 31}, {"", 15}},
	"details-error": {{"check", 60}, {"details-error", 14}, {"", 26}},
	"check":         {{"done", 91}, {"", 9}},
	"done":          {{"start", 22}, {"", 78}},
	"search":        {{"results", 48}, {"application", 16}, {"none", 10}, {"search-error", 8}, {"", 18}},
	"search-error":  {{"results", 76}, {"", 24}},
	"none":          {{"", 100}},
	"results":       {{"application", 58}, {"", 42}},
	"application":   {{"search", 26}, {"guide", 10}, {"", 64}},
	"guide":         {{"extensions", 40}, {"trees", 24}, {"messages", 12}, {"", 24}},
	"extensions":    {{"fees", 28}, {"work", 30}, {"", 42}},
	"fees":          {{"work", 44}, {"", 56}},
	"trees":         {{"work", 40}, {"", 60}},
	"messages":      {{"", 100}},
	"cookies":       {{"", 100}},
}

// longest bounds a visit in pages.
const longest = 14

// leg is one page of a visit: what was recorded, and whether it is cut off before
// its last action, since this visitor goes away.
type leg struct {
	record *record
	cut    bool
}

// wander draws the pages of a visit.
func wander(r *rand.Rand, visits *library, kind string) []leg {
	var legs []leg
	page := pick(r, entries)
	for len(legs) < longest {
		next := ""
		if len(legs) < longest-1 {
			next = pick(r, possible(visits, kind, page))
		}
		all := visits.pages[kind+" "+page]
		same := slices.DeleteFunc(slices.Clone(all), func(v *record) bool { return v.next != next })
		switch {
		case len(all) == 0:
			return legs
		case len(same) > 0:
			legs = append(legs, leg{record: same[r.IntN(len(same))]})
		default: // nobody left from here in the recordings
			legs = append(legs, leg{record: all[r.IntN(len(all))], cut: true})
		}
		if next == "" {
			return legs
		}
		page = next
	}
	return legs
}

// possible are the ways from a page that were recorded, and going away.
func possible(visits *library, kind, page string) []choice[string] {
	var out []choice[string]
	for _, w := range ways[page] {
		recorded := slices.ContainsFunc(visits.pages[kind+" "+page], func(v *record) bool { return v.next == w.value })
		if w.value == "" || recorded {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return []choice[string]{{"", 1}}
	}
	return out
}
