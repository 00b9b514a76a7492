package process

import (
	"encoding/json"
	"maps"
	"slices"

	"footpath/wire"
)

// maxValues is how many distinct string values of a property a project keeps
// (ruling 15); every further one is counted as other.
const (
	maxValues = 50
	// maxKeys bounds how many properties are followed per project; a project
	// allows a handful.
	maxKeys   = 200
	maxString = 256 // bytes of one string value
	other     = "other"
)

// props writes properties as rows hold them, in the order of their names.
func (e *row) props(in map[string]json.RawMessage) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		raw := in[name]
		value, word := string(raw), false
		if len(raw) > 0 && raw[0] == '"' {
			if json.Unmarshal(raw, &value) != nil {
				continue
			}
			value, word = wire.Text(value, maxString), true
		}
		e.PropKeys, e.PropValues, e.words = append(e.PropKeys, name), append(e.PropValues, value), append(e.words, word)
	}
}

// valueSets holds the distinct string values of each project's properties, first
// come first kept. They outlive a restart, so that reading the journal again gives
// the same rows.
type valueSets struct {
	projects map[wire.ProjectKey]map[string][]string
	changed  map[wire.ProjectKey]bool
}

func newValueSets() *valueSets {
	return &valueSets{projects: map[wire.ProjectKey]map[string][]string{}, changed: map[wire.ProjectKey]bool{}}
}

// admit replaces the values beyond the bound and says how many those were.
func (v *valueSets) admit(r *row) (others int) {
	for i, name := range r.PropKeys {
		if i < len(r.words) && r.words[i] && !v.keep(r.Project, name, r.PropValues[i]) {
			r.PropValues[i] = other
			others++
		}
	}
	return others
}

func (v *valueSets) keep(project wire.ProjectKey, name, value string) bool {
	set := v.projects[project]
	if set == nil {
		set = map[string][]string{}
		v.projects[project] = set
	}
	values, known := set[name]
	if value == other || slices.Contains(values, value) {
		return true
	}
	if len(values) >= maxValues || !known && len(set) >= maxKeys {
		return false
	}
	set[name] = append(values, value)
	v.changed[project] = true
	return true
}

// grown lists the projects whose sets grew since it was asked last.
func (v *valueSets) grown() []wire.ProjectKey {
	list := slices.Sorted(maps.Keys(v.changed))
	clear(v.changed)
	return list
}

// valuesName is where a project's sets stand among the installation's facts.
func valuesName(project wire.ProjectKey) string { return "values/" + string(project) }

func (v *valueSets) export(project wire.ProjectKey) string {
	b, _ := json.Marshal(v.projects[project]) // strings only: it cannot fail
	return string(b)
}

func (v *valueSets) load(project wire.ProjectKey, text string) error {
	var set map[string][]string
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return err
	}
	if set != nil {
		v.projects[project] = set
	}
	return nil
}
