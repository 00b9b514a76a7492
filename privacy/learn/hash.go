package learn

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf16"
)

// Version names a set of texts: the first 16 hexadecimal digits of the SHA-256
// of the texts joined by line feeds. The same texts have the same version.
func Version(texts []string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\n")))
	return hex.EncodeToString(sum[:])[:16]
}

// Hash is the recorder's hash of a normalised text: FNV-1a, 32 bits, over its
// UTF-16 code units, of each the low byte first.
func Hash(text string) uint32 {
	h := uint32(2166136261)
	for _, unit := range utf16.Encode([]rune(text)) {
		h = (h ^ uint32(unit&0xff)) * 16777619
		h = (h ^ uint32(unit>>8)) * 16777619
	}
	return h
}

// Hashes is the field of that name in wire.Texts.
func Hashes(texts []string) string {
	raw := make([]byte, 0, 4*len(texts))
	for _, t := range texts {
		raw = binary.LittleEndian.AppendUint32(raw, Hash(t))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// Normal is a text as both sides compare it: runs of white space (as JavaScript's
// \s sees it) become one space, and none stands at either end.
func Normal(text string) string {
	return strings.Join(strings.FieldsFunc(text, space), " ")
}

// space is JavaScript's \s: unicode.IsSpace differs in U+0085 and U+FEFF.
func space(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r == ' ', r == '\u00a0', r == '\ufeff', r == '\u1680',
		r >= '\u2000' && r <= '\u200a', r == '\u2028', r == '\u2029', r == '\u202f', r == '\u205f', r == '\u3000':
		return true
	}
	return false
}
