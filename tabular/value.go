package tabular

import (
	"strings"
	"unicode/utf8"
)

// shownRunes is the length to which values are cut in messages to people.
const shownRunes = 200

// shorten makes a value fit to be shown and stored: valid UTF-8 without NUL, at most shownRunes long.
func shorten(value []byte) string {
	if len(value) > shownRunes*utf8.UTFMax {
		value = value[:shownRunes*utf8.UTFMax]
	}
	text := strings.ToValidUTF8(string(value), "\uFFFD")
	text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	runes := 0
	for i := range text {
		if runes == shownRunes {
			return text[:i]
		}
		runes++
	}
	return text
}
