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

// dialPlan is how numbers of one country are told apart without the library's Parse, which costs twice what
// validation does. It knows the two plain forms; the library has the last word on both, and parses all others.
type dialPlan struct {
	callingCode int32
	plus        string // "+880"
	trunk       string // "0", before a number that is dialled within the country
}

func dialPlanOf(country string) dialPlan {
	code := phonenumbers.GetCountryCodeForRegion(country)
	if code == 0 {
		return dialPlan{}
	}
	return dialPlan{
		callingCode: int32(code), plus: "+" + strconv.Itoa(code),
		trunk: phonenumbers.GetNddPrefixForRegion(country, true),
	}
}

// national is what follows the prefix in a number of the country, or nil if it has neither prefix.
func (d dialPlan) national(digits []byte) []byte {
	if d.callingCode == 0 {
		return nil
	}
	for _, prefix := range []string{d.plus, d.trunk} {
		if rest, ok := bytes.CutPrefix(digits, []byte(prefix)); ok && prefix != "" && len(rest) > 0 && rest[0] != '0' {
			return rest
		}
	}
	return nil
}

func (d dialPlan) isValid(national []byte) bool {
	n, err := strconv.ParseUint(string(national), 10, 64)
	if err != nil {
		return false
	}
	return phonenumbers.IsValidNumber(&phonenumbers.PhoneNumber{CountryCode: &d.callingCode, NationalNumber: &n})
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
