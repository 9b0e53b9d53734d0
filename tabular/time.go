package tabular

import (
	"bytes"
	"time"
)

const (
	firstYear = 1900
	lastYear  = 2100
)

// longestTime holds every form of a date-time, with a fraction of nine digits and a zone.
const longestTime = 48

// parseTime takes an ISO 8601 date or date-time. Without a zone it is UTC, and a date alone is its midnight. It never
// guesses which of two numbers is the month. What is finer than a timestamptz, a microsecond, is cut off.
func parseTime(dst []byte, cell cellText, _ *Column, _ *environment) ([]byte, *Problem) {
	var buf [longestTime]byte
	text, ok := rfc3339(buf[:0], cell.bytes)
	if !ok {
		return nil, notISO(cell.bytes)
	}
	moment, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return nil, dateProblem(CodeDateInvalid, "there is no such date or time")
	}
	moment = moment.UTC().Truncate(time.Microsecond)
	if moment.Year() < firstYear || moment.Year() > lastYear {
		return nil, dateProblem(CodeDateRange, "the year is not between 1900 and 2100")
	}
	return moment.AppendFormat(dst, time.RFC3339Nano), nil
}

// rfc3339 appends the form of RFC 3339 to a date or date-time in one of the other forms of ISO 8601: the seconds and
// the zone may be missing, the zone may do without its minutes or colon, and a space may stand for the T.
func rfc3339(dst, cell []byte) ([]byte, bool) {
	const date, minutes = len("2006-01-02"), len("2006-01-02T15:04")
	if len(cell) > longestTime-len(":00+00:00") || !hasShape(cell, "0000-00-00") {
		return nil, false
	}
	if len(cell) == date {
		return append(append(dst, cell...), "T00:00:00Z"...), true
	}
	if c := cell[date]; c != 'T' && c != 't' && c != ' ' || !hasShape(cell[date+1:], "00:00") {
		return nil, false
	}
	dst = append(append(append(dst, cell[:date]...), 'T'), cell[date+1:minutes]...)
	rest := cell[minutes:]
	end := bytes.IndexAny(rest, "Zz+- ")
	if end < 0 {
		end = len(rest)
	}
	clock, zone := rest[:end], bytes.TrimLeft(rest[end:], " ")
	switch {
	case len(clock) == 0:
		dst = append(dst, ":00"...)
	case hasShape(clock, ":00") && (len(clock) == 3 || clock[3] == '.' && isDigits(clock[4:])):
		dst = append(dst, clock...)
	default:
		return nil, false
	}
	return appendZone(dst, zone)
}

// appendZone appends a zone in the form that RFC 3339 asks for; without one the time is UTC.
func appendZone(dst, zone []byte) ([]byte, bool) {
	switch {
	case len(zone) == 0, len(zone) == 1 && (zone[0] == 'Z' || zone[0] == 'z'):
		return append(dst, 'Z'), true
	case zone[0] != '+' && zone[0] != '-' || !hasShape(zone[1:], "00"):
		return nil, false
	}
	hours, minutes := zone[:3], bytes.TrimPrefix(zone[3:], []byte(":"))
	switch {
	case len(zone) == 3:
		minutes = []byte("00")
	case len(minutes) != 2 || !isDigits(minutes):
		return nil, false
	}
	return append(append(append(dst, hours...), ':'), minutes...), true
}

// hasShape reports whether text begins like shape, in which 0 stands for any digit.
func hasShape(text []byte, shape string) bool {
	if len(text) < len(shape) {
		return false
	}
	for i := range len(shape) {
		isDigit := text[i] >= '0' && text[i] <= '9'
		if shape[i] == '0' != isDigit || !isDigit && text[i] != shape[i] {
			return false
		}
	}
	return true
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
	return &Problem{
		Code: code, Message: message,
		Hint: "Write year, month and day, as in 2025-03-31 or 2025-03-31T14:30:00Z.",
	}
}
