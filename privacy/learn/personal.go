package learn

import (
	"math/big"
	"regexp"
	"strings"
)

// Shapes of personal data. They are wide on purpose: a public text that is left
// out is only masked, a private one that is taken in is shown.
var (
	email    = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]`)
	phone    = regexp.MustCompile(`(?:\+|\b0)[\d][\d ().-]{7,}\d`)
	numbers  = regexp.MustCompile(`\d(?:[ -]?\d){8,33}`)
	nino     = regexp.MustCompile(`(?i)\b[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b`)
	iban     = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b`)
	postcode = regexp.MustCompile(`(?i)\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b`)
	titled   = regexp.MustCompile(`\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Dame|Rev|Lord|Lady)\.? [A-Z]`)
	nameWord = regexp.MustCompile(`^\p{Lu}[\p{L}'’-]+$`)
)

// Personal names the kind of personal data that a text seems to hold, or "".
func Personal(text string) string {
	switch {
	case email.MatchString(text):
		return "email"
	case iban.MatchString(text) && anyMatch(iban, text, validIBAN):
		return "iban"
	case anyMatch(numbers, text, validCard):
		return "card"
	case anyMatch(numbers, text, validNHS):
		return "nhs number"
	case phone.MatchString(text):
		return "phone"
	case nino.MatchString(text):
		return "national insurance number"
	case postcode.MatchString(text):
		return "postcode"
	case titled.MatchString(text):
		return "name"
	}
	return ""
}

// nameShaped: two to four words, each capitalised, and nothing else. Headings and
// labels are written like that too, so this is asked of other texts only.
func nameShaped(text string) bool {
	words := strings.Fields(text)
	if len(words) < 2 || len(words) > 4 {
		return false
	}
	for _, w := range words {
		if !nameWord.MatchString(w) {
			return false
		}
	}
	return true
}

func anyMatch(shape *regexp.Regexp, text string, valid func(string) bool) bool {
	for _, m := range shape.FindAllString(text, -1) {
		if valid(strings.NewReplacer(" ", "", "-", "").Replace(m)) {
			return true
		}
	}
	return false
}

// validCard: 13 to 19 digits whose Luhn sum fits.
func validCard(digits string) bool {
	if len(digits) < 13 || len(digits) > 19 {
		return false
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// validNHS: ten digits, the last a check digit modulo 11.
func validNHS(digits string) bool {
	if len(digits) != 10 {
		return false
	}
	sum := 0
	for i := range 9 {
		sum += int(digits[i]-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check != 10 && int(digits[9]-'0') == check
}

// validIBAN: the ISO 13616 remainder modulo 97 is 1.
func validIBAN(text string) bool {
	var digits strings.Builder
	for _, c := range text[4:] + text[:4] {
		if c >= 'A' && c <= 'Z' {
			digits.WriteString([]string{"1", "2", "3"}[(c-'A')/10])
			digits.WriteByte("0123456789"[(c-'A')%10])
			continue
		}
		digits.WriteRune(c)
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}
