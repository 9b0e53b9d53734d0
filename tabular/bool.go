package tabular

// maxBoolWord is the length of "inactive".
const maxBoolWord = 8

// parseBool takes the words that people and programs use for yes and no, in any case.
func parseBool(dst []byte, cell cellText, _ *Column, _ *environment) ([]byte, *Problem) {
	var word [maxBoolWord]byte
	n := copy(word[:], cell.bytes)
	for i, b := range word[:n] {
		if b >= 'A' && b <= 'Z' {
			word[i] = b + 'a' - 'A'
		}
	}
	if len(cell.bytes) <= maxBoolWord {
		switch string(word[:n]) {
		case "true", "yes", "y", "1", "active":
			return append(dst, "true"...), nil
		case "false", "no", "n", "0", "inactive":
			return append(dst, "false"...), nil
		}
	}
	return nil, &Problem{
		Code:    CodeBoolInvalid,
		Message: "this is neither yes nor no",
		Hint:    "Write one of true, false, yes, no, y, n, 1, 0, active, inactive.",
	}
}
