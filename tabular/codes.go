package tabular

// The codes of problems with a whole record. Such a record is reported as it stands, in one piece.
const (
	// CodeColumnsMissing: fewer cells than the header has.
	CodeColumnsMissing = "columns_missing"
	// CodeColumnsExtra: more cells than the header has, and not all of the additional ones are empty.
	CodeColumnsExtra = "columns_extra"
	// CodeQuoteBroken: a quoted cell is not closed, not closed within Limits.FieldBytes, or followed by more text.
	CodeQuoteBroken = "quote_broken"
	// CodeFieldTooLong: a cell is longer than Limits.FieldBytes.
	CodeFieldTooLong = "field_too_long"
	// CodeRecordTooLong: the record is longer than Limits.RecordBytes.
	CodeRecordTooLong = "record_too_long"
)

// The codes of problems with one cell.
const (
	// CodeRequired: the cell is empty and must not be.
	CodeRequired = "required"
	// CodeTooLong: more characters than the column takes.
	CodeTooLong = "too_long"
	// CodeEncodingInvalid: bytes that are not UTF-8.
	CodeEncodingInvalid = "encoding_invalid"
	// CodeControlCharacter: NUL or another control character that no table should hold.
	CodeControlCharacter = "control_character"
	// CodeExcelScientific: digits were lost when a spreadsheet wrote a long number as 1.71E+10.
	CodeExcelScientific = "excel_scientific"
	CodePhoneInvalid    = "phone_invalid"
	CodeMoneyInvalid    = "money_invalid"
	// CodeMoneyDecimals: more than two decimals.
	CodeMoneyDecimals = "money_decimals"
	// CodeMoneyRange: beyond what numeric(14,2) holds.
	CodeMoneyRange    = "money_range"
	CodeMoneyNegative = "money_negative"
	CodeBoolInvalid   = "bool_invalid"
	CodeDateInvalid   = "date_invalid"
	// CodeDateAmbiguous: day and month cannot be told apart, as in 03/04/2025.
	CodeDateAmbiguous = "date_ambiguous"
	// CodeDateRange: outside the years 1900 to 2100.
	CodeDateRange = "date_range"
)

// isStructural reports whether a code is one of a whole record.
func isStructural(code string) bool {
	switch code {
	case CodeColumnsMissing, CodeColumnsExtra, CodeQuoteBroken, CodeFieldTooLong, CodeRecordTooLong:
		return true
	}
	return false
}
