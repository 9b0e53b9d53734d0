package tabular

import "bytes"

// numeric(14,2) holds twelve digits before the point.
const (
	moneyDigits   = 12
	moneyDecimals = 2
)

// parseMoney takes digits with at most one point. It rounds nothing, and guesses nothing: 1,234 may be a thousand or
// one, and so may 1.234.
func parseMoney(dst []byte, cell cellText, c *Column, _ *environment) ([]byte, *Problem) {
	if isScientific(cell.bytes) {
		return nil, scientificProblem()
	}
	number := cell.bytes
	negative := number[0] == '-'
	if negative || number[0] == '+' {
		number = number[1:]
	}
	whole, decimals, hasPoint := bytes.Cut(number, []byte("."))
	if !isDigits(whole) || hasPoint && !isDigits(decimals) {
		return nil, moneyProblem(CodeMoneyInvalid, "this is not an amount")
	}
	exact := bytes.TrimRight(decimals, "0")
	if len(exact) > moneyDecimals || len(decimals) == 3 {
		return nil, moneyProblem(CodeMoneyDecimals, "the amount has more than two decimals")
	}
	whole = bytes.TrimLeft(whole, "0")
	if len(whole) > moneyDigits {
		return nil, moneyProblem(CodeMoneyRange, "the amount has more than 12 digits before the point")
	}
	if negative && len(whole)+len(exact) > 0 {
		if c.NonNegative {
			return nil, moneyProblem(CodeMoneyNegative, "the amount is below zero")
		}
		dst = append(dst, '-')
	}
	if len(whole) == 0 {
		dst = append(dst, '0')
	}
	dst = append(append(dst, whole...), '.')
	dst = append(dst, exact...)
	for range moneyDecimals - len(exact) {
		dst = append(dst, '0')
	}
	return dst, nil
}

func moneyProblem(code, message string) *Problem {
	return &Problem{
		Code: code, Message: message,
		Hint: "Write digits and a decimal point only, as in 1234.50: no currency, no thousands separator.",
	}
}
