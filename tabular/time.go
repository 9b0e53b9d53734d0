package tabular

import (
	"bytes"
	"time"
)

const (
	firstYear = 1900
	lastYear  = 2100
)

// timeLayouts are the forms of ISO 8601 that are taken. Go's parser also takes a fraction behind the seconds.
var timeLayouts = []string{
	time.DateOnly,
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
}

// parseTime takes an ISO 8601 date or date-time. Without a zone it is UTC, and a date alone is its midnight. It never
// guesses which of two numbers is the month.
func parseTime(dst []byte, cell cellText, _ *Column, _ Env) ([]byte, *Problem) {
	var buf [40]byte
	n := copy(buf[:], cell.bytes)
	text := buf[:n]
	if n > 10 && text[10] == ' ' {
		text[10] = 'T' // RFC 3339, section 5.6, allows the space
		text = append(text[:11], bytes.TrimLeft(text[11:], " ")...)
	}
	if len(cell.bytes) > len(buf) {
		return nil, dateProblem(CodeDateInvalid, "this is not a date")
	}
	moment, ok := parseMoment(string(text))
	if !ok {
		return nil, notISO(cell.bytes)
	}
	if moment.Year() < firstYear || moment.Year() > lastYear {
		return nil, dateProblem(CodeDateRange, "the year is not between 1900 and 2100")
	}
	// Microseconds are what a timestamptz holds.
	return moment.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999Z07:00"), nil
}

func parseMoment(text string) (time.Time, bool) {
	if len(text) < len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return time.Time{}, false
	}
	for _, layout := range timeLayouts {
		if moment, err := time.Parse(layout, text); err == nil {
			return moment, true
		}
	}
	return time.Time{}, false
}

// notISO says why a cell is not taken, as far as its shape tells.
func notISO(cell []byte) *Problem {
	switch {
	case isDigits(cell) && len(cell) == 5:
		return dateProblem(CodeDateInvalid, "this looks like the day number that a spreadsheet keeps for a date")
	case isAmbiguousDate(cell):
		return dateProblem(CodeDateAmbiguous, "day and month cannot be told apart for certain")
	}
	return dateProblem(CodeDateInvalid, "this is not a date")
}

// isAmbiguousDate reports whether a cell begins with two short numbers and a third, as in 03/04/2025 or 3.4.25.
func isAmbiguousDate(cell []byte) bool {
	date, _, _ := bytes.Cut(cell, []byte(" "))
	parts := bytes.FieldsFunc(date, func(c rune) bool { return c == '/' || c == '.' || c == '-' })
	if len(parts) != 3 {
		return false
	}
	for i, part := range parts {
		if !isDigits(part) || i < 2 && len(part) > 2 {
			return false
		}
	}
	return true
}

func dateProblem(code, message string) *Problem {
	return &Problem{Code: code, Message: message, Hint: "Write year, month and day, as in 2025-03-31 or 2025-03-31T14:30:00Z."}
}
