package tabular

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// cellText is the trimmed text of one cell: valid UTF-8, without control characters but tabs and line breaks.
type cellText struct {
	bytes []byte
	ascii bool
	lines bool // it holds tabs or line breaks
}

// environment is an Env, and what is derived from it once for all cells.
type environment struct {
	Env
	dialPlan dialPlan
}

// parseFunc appends the canonical text of a cell, which is not empty, to dst.
type parseFunc func(dst []byte, cell cellText, c *Column, env *environment) ([]byte, *Problem)

// parseFuncs tells what each Type does.
var parseFuncs = [...]parseFunc{
	Text:  parseText,
	Key:   parseKey,
	Phone: parsePhone,
	Money: parseMoney,
	Bool:  parseBool,
	Time:  parseTime,
}

const (
	defaultTextRunes = 255
	defaultKeyRunes  = 128
)

// inspect refuses what no column can hold: Postgres takes neither NUL nor bytes that are not UTF-8.
func inspect(cell []byte) (cellText, *Problem) {
	text := cellText{bytes: cell, ascii: true}
	control := false
	for _, b := range cell {
		switch {
		case b >= utf8.RuneSelf:
			text.ascii = false
		case b == '\t', b == '\n', b == '\r':
			text.lines = true
		case b < ' ', b == 0x7F:
			control = true
		}
	}
	if !text.ascii && !utf8.Valid(cell) {
		return text, &Problem{
			Code:    CodeEncodingInvalid,
			Message: "the cell is not valid UTF-8",
			Hint:    "Save the file as UTF-8; Excel calls it \"CSV UTF-8 (Comma delimited)\".",
		}
	}
	if control || !text.ascii && bytes.ContainsFunc(cell, isC1) {
		return text, controlProblem()
	}
	return text, nil
}

// isC1 reports whether c is one of the control characters U+0080 to U+009F, which text is full of whose encoding was
// guessed wrong.
func isC1(c rune) bool { return c >= 0x80 && c <= 0x9F }

func controlProblem() *Problem {
	return &Problem{
		Code:    CodeControlCharacter,
		Message: "the cell holds a control character",
		Hint:    "Remove what cannot be seen, such as NUL; typing the cell anew is the surest way.",
	}
}

func parseText(dst []byte, cell cellText, c *Column, _ *environment) ([]byte, *Problem) {
	limit := c.Max
	if limit == 0 {
		limit = defaultTextRunes
	}
	return appendText(dst, cell, limit)
}

func parseKey(dst []byte, cell cellText, c *Column, _ *environment) ([]byte, *Problem) {
	limit := c.Max
	if limit == 0 {
		limit = defaultKeyRunes
	}
	switch {
	case cell.lines:
		return nil, controlProblem()
	case isScientific(cell.bytes):
		return nil, scientificProblem()
	}
	return appendText(dst, cell, limit)
}

// appendText appends a text in Unicode's normal form C, so that names that look alike are alike.
func appendText(dst []byte, cell cellText, limit int) ([]byte, *Problem) {
	from := len(dst)
	if cell.ascii || norm.NFC.IsNormal(cell.bytes) {
		dst = append(dst, cell.bytes...)
	} else {
		dst = append(dst, norm.NFC.Bytes(cell.bytes)...)
	}
	if len(dst)-from <= limit {
		return dst, nil
	}
	if n := utf8.RuneCount(dst[from:]); n > limit {
		return nil, &Problem{
			Code:    CodeTooLong,
			Message: fmt.Sprintf("the cell has %d characters; %d are allowed", n, limit),
			Hint:    "Shorten the text.",
		}
	}
	return dst, nil
}

// trim cuts off both ends what cannot be seen: spaces of every kind, line breaks, zero-width characters.
func trim(cell []byte) []byte {
	if n := len(cell); n == 0 || isInk(cell[0]) && isInk(cell[n-1]) {
		return cell
	}
	return bytes.TrimFunc(cell, isInvisible)
}

// isInk reports whether a byte is an ASCII character that can be seen.
func isInk(b byte) bool { return b > ' ' && b < 0x7F }

func isInvisible(c rune) bool {
	switch c {
	case '\u200B', '\u2060', '\uFEFF':
		return true
	}
	return unicode.IsSpace(c)
}

// isScientific reports whether a cell is what spreadsheets make of a long number: 1.71E+10.
func isScientific(cell []byte) bool {
	e := bytes.IndexByte(cell, '+') - 1
	return e > 0 && (cell[e] == 'E' || cell[e] == 'e') && isNumber(cell[:e]) && isDigits(cell[e+2:])
}

func scientificProblem() *Problem {
	return &Problem{
		Code:    CodeExcelScientific,
		Message: "a spreadsheet has shortened the number, and digits are lost",
		Hint:    "Format the column as text in the spreadsheet, enter the full number again and export anew.",
	}
}

func isDigits(s []byte) bool {
	for _, b := range s {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(s) > 0
}

// isNumber reports whether s is digits with at most one decimal point or comma among them.
func isNumber(s []byte) bool {
	if i := bytes.IndexAny(s, ".,"); i >= 0 {
		return isDigits(s[:i]) && isDigits(s[i+1:])
	}
	return isDigits(s)
}
