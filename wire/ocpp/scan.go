package ocpp

import (
	"encoding/json"
	"unicode/utf8"
)

// The functions below walk through JSON text that json.Valid has accepted. They allocate nothing, and since the grammar is
// known to hold they need no errors of their own: every index that they return lies inside the text.

// skipSpace returns the index of the first byte at or after at that is not white space.
func skipSpace(text []byte, at int) int {
	for at < len(text) {
		switch text[at] {
		case ' ', '\t', '\n', '\r':
			at++
		default:
			return at
		}
	}
	return at
}

// skipString returns the index after the string that begins at at.
func skipString(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}

// skipValue returns the index after the value that begins at at.
func skipValue(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = skipString(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case ' ', '\t', '\n', '\r', ',', ':':
			at++
			continue
		default:
			at = skipScalar(text, at)
		}
		if depth <= 0 {
			return at
		}
	}
	return len(text)
}

// skipScalar returns the index after a number or a literal.
func skipScalar(text []byte, at int) int {
	for at < len(text) {
		switch text[at] {
		case ' ', '\t', '\n', '\r', ',', ':', '}', ']':
			return at
		}
		at++
	}
	return at
}

// plain returns the contents of a string literal; the second result is false when it holds escapes and had to be decoded.
func plain(literal []byte) (contents []byte, verbatim bool) {
	inner := literal[1 : len(literal)-1]
	for _, b := range inner {
		if b == '\\' {
			var decoded string
			// The literal is part of valid JSON, so this cannot fail; an empty result would only be refused later.
			_ = json.Unmarshal(literal, &decoded)
			return []byte(decoded), false
		}
	}
	return inner, true
}

// characters counts the characters of a string literal as the schemas do, by code points.
func characters(literal []byte) int {
	contents, _ := plain(literal)
	return utf8.RuneCount(contents)
}
