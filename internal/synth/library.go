package synth

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"footpath/wire"
)

// recorded is what record.mjs has written: texts by index, event data (equal ones
// once), and the records.
//
//go:embed visits.json.gz
var recorded []byte

// placeholder stands for the site's address in the recordings.
const placeholder = "http://site.invalid"

// library holds the recordings of one profile, fitted to one project.
type library struct {
	pages map[string][]*record // by "desktop start"
}

// record is one page view as it was recorded.
type record struct {
	page, next string
	events     []event
}

type event struct {
	at   int64 // milliseconds from the page view
	kind wire.Kind
	data []byte
	move bool // pointer positions, which come as they are sampled
}

type recordedFile struct {
	Texts   []string `json:"texts"`
	Blobs   []string `json:"blobs"`
	Records []struct {
		Profile string              `json:"profile"`
		Device  string              `json:"device"`
		Page    string              `json:"page"`
		Next    string              `json:"next"`
		Events  [][]json.RawMessage `json:"events"`
	} `json:"records"`
}

// load unpacks the recordings and fits them: the site's address, and the public
// texts by their index in the project's own set.
func load(cfg Config) (*library, error) {
	zip, err := gzip.NewReader(bytes.NewReader(recorded))
	if err != nil {
		return nil, fmt.Errorf("unpack recordings: %w", err)
	}
	var file recordedFile
	if err := json.NewDecoder(zip).Decode(&file); err != nil {
		return nil, fmt.Errorf("read recordings: %w", err)
	}
	fit := newFitting(cfg, file.Texts)
	blobs := make([][]byte, len(file.Blobs))
	lib := &library{pages: map[string][]*record{}}
	for _, rec := range file.Records {
		if rec.Profile != cfg.Profile {
			continue
		}
		v := &record{page: rec.Page, next: rec.Next}
		for _, raw := range rec.Events {
			e, number, err := readEvent(raw)
			if err != nil || number < 0 || number >= len(blobs) {
				return nil, fmt.Errorf("read recordings: event of %s: %w", rec.Page, err)
			}
			if blobs[number] == nil {
				blobs[number] = []byte(fit.apply(file.Blobs[number]))
			}
			e.data = blobs[number]
			e.move = e.kind == wire.KindDOM && moving.Match(e.data)
			v.events = append(v.events, e)
		}
		name := rec.Device + " " + rec.Page
		lib.pages[name] = append(lib.pages[name], v)
	}
	if len(lib.pages) == 0 {
		return nil, fmt.Errorf("no recordings for the profile %q", cfg.Profile)
	}
	return lib, nil
}

func readEvent(raw []json.RawMessage) (e event, number int, err error) {
	if len(raw) != 3 {
		return e, 0, fmt.Errorf("has %d parts, want 3", len(raw))
	}
	if err = json.Unmarshal(raw[0], &e.at); err == nil {
		if err = json.Unmarshal(raw[1], &e.kind); err == nil {
			err = json.Unmarshal(raw[2], &number)
		}
	}
	return e, number, err
}

// moving are rrweb's mouse moves (1), touch moves (6) and drags (12).
var moving = regexp.MustCompile(`"source":(?:1|6|12)[,}]`)

// fitting translates the recordings' texts into a project's.
type fitting struct {
	site    *strings.Replacer
	known   []string
	index   map[string]int
	version string
}

func newFitting(cfg Config, texts []string) *fitting {
	f := &fitting{site: strings.NewReplacer(placeholder, cfg.Site), known: texts, index: map[string]int{}, version: cfg.TextsVersion}
	for i, t := range cfg.Texts {
		f.index[t] = i
	}
	return f
}

var (
	mark    = regexp.MustCompile(string(wire.TextMark) + `(\d+)` + string(wire.TextEnd))
	version = regexp.MustCompile(`"tv":"[0-9a-f]*"`)
)

// apply renumbers the public texts; one that is not public in the project is
// masked as the recorder would have done it.
func (f *fitting) apply(data string) string {
	data = mark.ReplaceAllStringFunc(data, func(m string) string {
		n, err := strconv.Atoi(strings.Trim(m, string(wire.TextMark)+string(wire.TextEnd)))
		if err != nil || n >= len(f.known) {
			return "xx"
		}
		if i, ok := f.index[f.known[n]]; ok {
			return string(wire.TextMark) + strconv.Itoa(i) + string(wire.TextEnd)
		}
		return masked(f.known[n])
	})
	data = version.ReplaceAllLiteralString(data, `"tv":"`+f.version+`"`)
	return f.site.Replace(data)
}

// masked is the shape of a text: words of x by length, 0 for numbers.
func masked(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		bare := strings.TrimRight(w, ".,:;!?")
		glyph, size := "x", 12
		if bare != "" && strings.Trim(bare, "0123456789") == "" {
			glyph = "0"
		}
		switch n := len([]rune(w)); {
		case n <= 3:
			size = 2
		case n <= 6:
			size = 5
		case n <= 10:
			size = 8
		}
		words[i] = strings.Repeat(glyph, size)
	}
	return strings.Join(words, " ")
}
