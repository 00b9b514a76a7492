package replay

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// rules of a style sheet that changed; index is a number or a list of numbers.
type (
	rulePlace []int64

	ruleAdd struct {
		Rule  string     `json:"rule"`
		Index *rulePlace `json:"index,omitzero"`
	}
	ruleRemove struct {
		Index rulePlace `json:"index"`
	}
	styleRule struct {
		Source      int64        `json:"source"`
		ID          *int64       `json:"id,omitzero"`
		StyleID     *int64       `json:"styleId,omitzero"`
		Adds        []ruleAdd    `json:"adds,omitzero"`
		Removes     []ruleRemove `json:"removes,omitzero"`
		Replace     *string      `json:"replace,omitzero"`
		ReplaceSync *string      `json:"replaceSync,omitzero"`
	}
	styleDeclaration struct {
		Source  int64     `json:"source"`
		ID      *int64    `json:"id,omitzero"`
		StyleID *int64    `json:"styleId,omitzero"`
		Index   rulePlace `json:"index"`
		Set     *struct {
			Property string  `json:"property"`
			Value    *string `json:"value"`
			Priority string  `json:"priority,omitzero"`
		} `json:"set,omitzero"`
		Remove *struct {
			Property string `json:"property"`
		} `json:"remove,omitzero"`
	}
	adopted struct {
		Source int64 `json:"source"`
		ID     int64 `json:"id"`
		Styles []struct {
			StyleID int64     `json:"styleId"`
			Rules   []ruleAdd `json:"rules"`
		} `json:"styles,omitzero"`
		StyleIDs []int64 `json:"styleIds"`
	}
)

// UnmarshalJSONFrom reads a number or a list of numbers.
func (p *rulePlace) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	r := treeReader{dec: dec}
	if dec.PeekKind() != '[' {
		v, err := r.integer()
		*p = rulePlace{v}
		return err
	}
	*p = rulePlace{}
	return r.array(func() error {
		v, err := r.integer()
		*p = append(*p, v)
		return err
	})
}

// MarshalJSONTo writes one place as a number and a nested place as a list.
func (p rulePlace) MarshalJSONTo(enc *jsontext.Encoder) error {
	if len(p) == 1 {
		return enc.WriteToken(jsontext.Int(p[0]))
	}
	return json.MarshalEncode(enc, []int64(p))
}

// styleChange cleans the CSS of changed rules and declarations.
func (c *Checker) styleChange(out, data []byte, source int64) ([]byte, error) {
	var v any
	var err error
	switch source {
	case sourceStyleRule:
		var s styleRule
		err = json.Unmarshal(data, &s, lenient)
		c.cleanAdds(s.Adds)
		for _, text := range []*string{s.Replace, s.ReplaceSync} {
			if text != nil {
				*text = c.css(*text)
			}
		}
		v = s
	case sourceStyleDeclaration:
		var s styleDeclaration
		err = json.Unmarshal(data, &s, lenient)
		if c.badDeclaration(&s) {
			return nil, nil
		}
		v = declarationOut(s)
	default:
		var s adopted
		err = json.Unmarshal(data, &s, lenient)
		for _, sheet := range s.Styles {
			c.cleanAdds(sheet.Rules)
		}
		v = s
	}
	if err != nil {
		return nil, ErrMalformed
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, ErrMalformed
	}
	return append(out, b...), nil
}

func (c *Checker) cleanAdds(adds []ruleAdd) {
	for i := range adds {
		adds[i].Rule = c.css(adds[i].Rule)
	}
}

func (c *Checker) badDeclaration(s *styleDeclaration) bool {
	if s.Remove != nil && !propPattern.MatchString(s.Remove.Property) {
		return true
	}
	if s.Set == nil {
		return false
	}
	if s.Set.Value != nil {
		v := c.css(*s.Set.Value)
		s.Set.Value = &v
	}
	if s.Set.Priority != "important" {
		s.Set.Priority = ""
	}
	return !propPattern.MatchString(s.Set.Property)
}

// declarationOut keeps the place of a declaration a list, as rrweb has it there.
func declarationOut(s styleDeclaration) any {
	type plain styleDeclaration
	return struct {
		plain
		Index []int64 `json:"index"`
	}{plain(s), s.Index}
}
