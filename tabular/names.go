package tabular

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold reduces a header to what tells it from others: its letters and digits, in lower case, without accents. A
// header that has none of these is its own fold.
func fold(name string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(name) {
		switch {
		case c >= 0x300 && c <= 0x36F: // the accents of Latin, Greek and Cyrillic
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.IsMark(c):
			b.WriteRune(unicode.ToLower(c))
		}
	}
	if b.Len() == 0 {
		return name
	}
	return b.String()
}

// nearest is the header that is most like a column's name or one of its aliases: a third of the letters may differ.
func nearest(c Column, headers []string) string {
	best, guess := 1.0/3, ""
	for _, name := range append([]string{c.Name}, c.Aliases...) {
		want := []rune(fold(name))
		for _, header := range headers {
			got := []rune(fold(header))
			share := float64(distance(want, got)) / float64(max(len(want), len(got)))
			if share < best || share == best && guess == "" {
				best, guess = share, header
			}
		}
	}
	return guess
}

// distance is the number of letters to add, remove or change (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
