package tabular

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// phoneBytes holds the longest number with an international prefix: E.164 allows 15 digits.
const phoneBytes = 24

// parsePhone takes a number as people write it, and lets the library say whether such a number can exist. What the
// library would skip, such as letters, an extension or a second number, is refused.
func parsePhone(dst []byte, cell cellText, _ *Column, env *environment) ([]byte, *Problem) {
	if isScientific(cell.bytes) {
		return nil, scientificProblem()
	}
	var buf [phoneBytes]byte
	digits, ok := dialled(buf[:0], cell.bytes)
	if !ok {
		return nil, phoneProblem(env.Country)
	}
	if national := env.dialPlan.national(digits); env.dialPlan.isValid(national) {
		dst = append(dst, '+')
		dst = strconv.AppendInt(dst, int64(env.dialPlan.callingCode), 10)
		return append(dst, national...), nil
	}
	number, err := phonenumbers.Parse(string(digits), env.Country)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return nil, phoneProblem(env.Country)
	}
	return append(dst, phonenumbers.Format(number, phonenumbers.E164)...), nil
}

// dialled appends what is dialled of a written number: its digits, and a + before them.
func dialled(dst, cell []byte) ([]byte, bool) {
	cell = bytes.TrimPrefix(cell, []byte("'")) // how spreadsheets mark text
	if n := len(cell) - 2; n > 0 && cell[n] == '.' && cell[n+1] == '0' && isDigits(cell[:n]) {
		cell = cell[:n] // how they write a whole number
	}
	for len(cell) > 0 {
		c, size := rune(cell[0]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(cell)
		}
		cell = cell[size:]
		digit, isDigit := digitValue(c)
		switch {
		case isDigit:
			dst = append(dst, '0'+digit)
		case c == '+' || c == '＋':
			if len(dst) > 0 {
				return nil, false
			}
			dst = append(dst, '+')
		case !isPhoneFiller(c):
			return nil, false
		}
		if len(dst) == phoneBytes {
			return nil, false
		}
	}
	return dst, len(dst) > 0
}

// isPhoneFiller reports whether c stands between digits without a meaning of its own.
func isPhoneFiller(c rune) bool {
	switch c {
	case ' ', '-', '.', '(', ')':
		return true
	}
	return c >= utf8.RuneSelf && (isInvisible(c) || unicode.Is(unicode.Pd, c) || unicode.Is(unicode.Cf, c))
}

// digitValue is the value of a decimal digit of any script.
func digitValue(c rune) (byte, bool) {
	if c < utf8.RuneSelf {
		return byte(c - '0'), c >= '0' && c <= '9'
	}
	if !unicode.IsDigit(c) {
		return 0, false
	}
	// Unicode keeps the ten digits of a script together and in order (Stability Policy, Numeric Type).
	zero := c
	for c-zero < 9 && unicode.IsDigit(zero-1) {
		zero--
	}
	return byte(c - zero), true
}

func phoneProblem(country string) *Problem {
	hint := "Start the number with + and its country code."
	if country != "" {
		hint = "Write one number of " + country + " as it is dialled there, or start it with + and its country code."
	}
	return &Problem{Code: CodePhoneInvalid, Message: "this is not a valid phone number", Hint: hint}
}
