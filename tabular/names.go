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

// distance is the number of letters to add, remove, change or swap with their neighbour (optimal string alignment).
func distance(a, b []rune) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		table[i][0] = i
	}
	for j := range b {
		table[0][j+1] = j + 1
	}
	for i, x := range a {
		for j, y := range b {
			least := min(table[i][j+1]+1, table[i+1][j]+1, table[i][j]+1)
			if x == y {
				least = table[i][j]
			}
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				least = min(least, table[i-1][j-1]+1)
			}
			table[i+1][j+1] = least
		}
	}
	return table[len(a)][len(b)]
}
