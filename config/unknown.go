package config

import (
	"fmt"
	"slices"
	"strings"
)

const (
	prefix = "RETAILQ_"
	// testPrefix is of variables that only tests read.
	testPrefix = "RETAILQ_TEST_"
)

// Warnings returns a sentence for each variable that has retailq's prefix but is read by no command: it is a typing
// error, most likely, and its setting is without effect. A variable of another command is none, as several commands
// often share one environment.
func Warnings(environ []string) []string {
	var known []string
	for _, v := range Variables() {
		known = append(known, v.Name)
	}
	var warnings []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, testPrefix) || slices.Contains(known, name) {
			continue
		}
		warning := name + " is not a setting of retailq and has no effect"
		if near := nearest(name, known); near != "" {
			warning += fmt.Sprintf("; did you mean %s?", near)
		}
		warnings = append(warnings, warning)
	}
	slices.Sort(warnings)
	return warnings
}

// nearest returns the known name that takes the fewest edits, or "" where even that takes more than three.
func nearest(name string, known []string) string {
	best, fewest := "", 4
	for _, candidate := range known {
		if n := edits(name, candidate); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best
}

// edits is the Levenshtein distance of two names: how many letters must be added, removed or replaced.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
