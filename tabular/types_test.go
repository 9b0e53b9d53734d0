package tabular

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parseOne is what a column makes of a cell: its canonical text, "NULL", or the code of its problem after a "!".
func parseOne(t *testing.T, c Column, cell string) string {
	t.Helper()
	c.Name = "value"
	p := NewParser(Schema{Columns: []Column{c}}, Mapping{Columns: []MappedColumn{{Name: "value", Header: "Value"}}},
		Env{Country: "BD"})
	rec := &Record{Raw: []byte(cell), ends: []int32{int32(len(cell))}, delimiter: ',', Start: Position{Line: 7}}
	row := Row{Values: make([][]byte, 3), text: []byte("left over")}
	errs := p.Parse(rec, &row)
	if len(errs) > 0 {
		require.Len(t, errs, 1)
		assert.EqualValues(t, 7, errs[0].Line)
		assert.Equal(t, "Value", errs[0].Column)
		assert.NotEmpty(t, errs[0].Message)
		assert.NotEmpty(t, errs[0].Hint)
		return "!" + errs[0].Code
	}
	require.Len(t, row.Values, 1)
	if row.Values[0] == nil {
		return "NULL"
	}
	return string(row.Values[0])
}

func TestTypes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 255)
	tests := []struct {
		name   string
		column Column
		cells  map[string]string // cell → canonical text
	}{
		{"text", Column{Type: Text}, map[string]string{
			"":                              "NULL",
			" \t\u00a0\u200b\ufeff":         "NULL",
			"Rahim Store":                   "Rahim Store",
			" \u00a0\u200bRahim\u2060 \r\n": "Rahim",
			"two\r\nlines\tand a tab":       "two\r\nlines\tand a tab",
			"inner\u00a0space":              "inner\u00a0space",
			"Cafe\u0301":                    "Caf\u00e9",
			"Café":                          "Café",
			"রহিম স্টোর":                    "রহিম স্টোর",
			"Магазин":                       "Магазин",
			"\u202eRTL":                     "\u202eRTL",
			"007":                           "007",
			"1.71E+10":                      "1.71E+10",
			"=1+1":                          "=1+1",
			"<script>":                      "<script>",
			`5" pipe`:                       `5" pipe`,
			long:                            long,
			long + "x":                      "!" + CodeTooLong,
			strings.Repeat("x", 256):        "!" + CodeTooLong,
			"a\x00b":                        "!" + CodeControlCharacter,
			"a\x1bb":                        "!" + CodeControlCharacter,
			"a\x7fb":                        "!" + CodeControlCharacter,
			"a\u0092b":                      "!" + CodeControlCharacter,
			"Caf\xe9":                       "!" + CodeEncodingInvalid,
			"\xed\xa0\x80":                  "!" + CodeEncodingInvalid, // half of a surrogate pair
			"cut \xe0\xa6":                  "!" + CodeEncodingInvalid,
		}},
		{"text of three", Column{Type: Text, Max: 3}, map[string]string{
			"äöü": "äöü", "abcd": "!" + CodeTooLong, "e\u0301e\u0301e\u0301": "ééé",
		}},
		{"text required", Column{Type: Text, Required: true}, map[string]string{
			"": "!" + CodeRequired, "\u00a0": "!" + CodeRequired, "x": "x",
		}},
		{"key", Column{Type: Key, Required: true}, map[string]string{
			"":                       "!" + CodeRequired,
			"007":                    "007",
			" r-1 ":                  "r-1",
			"R1":                     "R1",
			"Cafe\u0301":             "Café",
			"a\nb":                   "!" + CodeControlCharacter,
			"a\tb":                   "!" + CodeControlCharacter,
			"a\x00":                  "!" + CodeControlCharacter,
			"a\xff":                  "!" + CodeEncodingInvalid,
			"1.71E+10":               "!" + CodeExcelScientific,
			"8,8e+09":                "!" + CodeExcelScientific,
			"E+10":                   "E+10",
			"1E10":                   "1E10",
			"1E+":                    "1E+",
			strings.Repeat("ä", 128): strings.Repeat("ä", 128),
			strings.Repeat("k", 129): "!" + CodeTooLong,
		}},
		{"phone", Column{Type: Phone}, map[string]string{
			"":                           "NULL",
			"01712345678":                "+8801712345678",
			"+8801712345678":             "+8801712345678",
			"8801712345678":              "+8801712345678",
			"008801712345678":            "+8801712345678",
			"1712345678":                 "+8801712345678",
			"+880 (0)1712-345678":        "+8801712345678",
			"+8801712345678.0":           "!" + CodePhoneInvalid,
			"8801712345678.0":            "+8801712345678",
			"'01712345678":               "+8801712345678",
			"01712-345 678":              "+8801712345678",
			"(01712) 345.678":            "+8801712345678",
			"\u202a+8801712345678\u202c": "+8801712345678",
			"01712\u2011345678":          "+8801712345678",
			"০১৭১২৩৪৫৬৭৮":                "+8801712345678",
			"＋8801712345678":             "+8801712345678",
			"+14155552671":               "+14155552671",
			"+390612345678":              "+390612345678",
			"1.71E+10":                   "!" + CodeExcelScientific,
			"8.80171E+12":                "!" + CodeExcelScientific,
			"12":                         "!" + CodePhoneInvalid,
			"0171234567":                 "!" + CodePhoneInvalid,
			"00000000000":                "!" + CodePhoneInvalid,
			"+9991712345678":             "!" + CodePhoneInvalid,
			"01712345678/01812345678":    "!" + CodePhoneInvalid,
			"01712345678, 01812345678":   "!" + CodePhoneInvalid,
			"01712345678 ext 5":          "!" + CodePhoneInvalid,
			"call 01712345678":           "!" + CodePhoneInvalid,
			"1-800-FLOWERS":              "!" + CodePhoneInvalid,
			"=\"01712345678\"":           "!" + CodePhoneInvalid,
			"017+12345678":               "!" + CodePhoneInvalid,
			"+":                          "!" + CodePhoneInvalid,
			"-":                          "!" + CodePhoneInvalid,
			"N/A":                        "!" + CodePhoneInvalid,
			strings.Repeat("1", 100):     "!" + CodePhoneInvalid,
			"0171\x002345678":            "!" + CodeControlCharacter,
		}},
		{"money", Column{Type: Money}, map[string]string{
			"":                "NULL",
			"0":               "0.00",
			"1500":            "1500.00",
			"1500.5":          "1500.50",
			"1500.50":         "1500.50",
			"+7":              "7.00",
			"-7.25":           "-7.25",
			"-0.00":           "0.00",
			"007":             "7.00",
			"0.5":             "0.50",
			"1.5000":          "1.50",
			"999999999999.99": "999999999999.99",
			"1000000000000":   "!" + CodeMoneyRange,
			"1.005":           "!" + CodeMoneyDecimals,
			"1.500":           "!" + CodeMoneyDecimals, // fifteen hundred, or one and a half
			"1.50001":         "!" + CodeMoneyDecimals,
			"1,234.50":        "!" + CodeMoneyInvalid,
			"1234,50":         "!" + CodeMoneyInvalid,
			"1 234.50":        "!" + CodeMoneyInvalid,
			"৳500":            "!" + CodeMoneyInvalid,
			"500 BDT":         "!" + CodeMoneyInvalid,
			"$5":              "!" + CodeMoneyInvalid,
			"(1234.50)":       "!" + CodeMoneyInvalid,
			"--5":             "!" + CodeMoneyInvalid,
			"5-":              "!" + CodeMoneyInvalid,
			".5":              "!" + CodeMoneyInvalid,
			"5.":              "!" + CodeMoneyInvalid,
			".":               "!" + CodeMoneyInvalid,
			"-":               "!" + CodeMoneyInvalid,
			"1.2.3":           "!" + CodeMoneyInvalid,
			"0x10":            "!" + CodeMoneyInvalid,
			"NaN":             "!" + CodeMoneyInvalid,
			"Inf":             "!" + CodeMoneyInvalid,
			"1e5":             "!" + CodeMoneyInvalid,
			"1.5E+5":          "!" + CodeExcelScientific,
			"৫০০":             "!" + CodeMoneyInvalid,
			"5\x00":           "!" + CodeControlCharacter,
		}},
		{"money from zero", Column{Type: Money, NonNegative: true}, map[string]string{
			"-0.01": "!" + CodeMoneyNegative, "-0": "0.00", "0.01": "0.01",
		}},
		{"bool", Column{Type: Bool}, map[string]string{
			"": "NULL", "true": "true", "TRUE": "true", "Yes": "true", "y": "true", "1": "true", "Active": "true",
			"false": "false", "False": "false", "NO": "false", "n": "false", "0": "false", " inactive ": "false",
			"maybe": "!" + CodeBoolInvalid, "2": "!" + CodeBoolInvalid, "-": "!" + CodeBoolInvalid,
			"activeness": "!" + CodeBoolInvalid, "inactives": "!" + CodeBoolInvalid, "হ্যাঁ": "!" + CodeBoolInvalid,
			"tr\nue": "!" + CodeBoolInvalid,
		}},
		{"time", Column{Type: Time}, map[string]string{
			"":                                     "NULL",
			"2025-03-31":                           "2025-03-31T00:00:00Z",
			"2024-02-29":                           "2024-02-29T00:00:00Z",
			"2025-03-31T14:30:00Z":                 "2025-03-31T14:30:00Z",
			"2025-03-31t14:30:00z":                 "2025-03-31T14:30:00Z",
			"2025-03-31 14:30:00":                  "2025-03-31T14:30:00Z",
			"2025-03-31 14:30":                     "2025-03-31T14:30:00Z",
			"2025-03-31T14:30+06:00":               "2025-03-31T08:30:00Z",
			"2025-03-31T14:30:00+06:00":            "2025-03-31T08:30:00Z",
			"2025-03-31T14:30:00+0600":             "2025-03-31T08:30:00Z",
			"2025-03-31 14:30:00+06":               "2025-03-31T08:30:00Z",
			"2025-03-31 14:30:00 -0530":            "2025-03-31T20:00:00Z",
			"2025-03-31 14:30:00.123456+00":        "2025-03-31T14:30:00.123456Z",
			"2025-03-31T14:30:00.1234567Z":         "2025-03-31T14:30:00.123456Z",
			"2025-03-31T14:30:00.500Z":             "2025-03-31T14:30:00.5Z",
			"1900-01-01":                           "1900-01-01T00:00:00Z",
			"2100-12-31":                           "2100-12-31T00:00:00Z",
			"1899-12-31":                           "!" + CodeDateRange,
			"2101-01-01":                           "!" + CodeDateRange,
			"2100-12-31T23:00:00-06:00":            "!" + CodeDateRange,
			"03/04/2025":                           "!" + CodeDateAmbiguous,
			"31/12/2025":                           "!" + CodeDateAmbiguous,
			"3.4.25":                               "!" + CodeDateAmbiguous,
			"03-04-2025 10:00":                     "!" + CodeDateAmbiguous,
			"03-04-25":                             "!" + CodeDateAmbiguous,
			"2025-02-29":                           "!" + CodeDateInvalid,
			"2025-13-01":                           "!" + CodeDateInvalid,
			"0000-00-00":                           "!" + CodeDateInvalid,
			"2025-3-1":                             "!" + CodeDateInvalid,
			"2025/03/31":                           "!" + CodeDateInvalid,
			"20250331":                             "!" + CodeDateInvalid,
			"45747":                                "!" + CodeDateInvalid,
			"2025-03-31T24:00:00Z":                 "!" + CodeDateInvalid,
			"2025-03-31T14:60:00Z":                 "!" + CodeDateInvalid,
			"2025-03-31T23:59:60Z":                 "!" + CodeDateInvalid,
			"2025-03-31T1:00:00Z":                  "!" + CodeDateInvalid,
			"2025-03-31T14:30:00.Z":                "!" + CodeDateInvalid,
			"2025-03-31T14:30:00,5Z":               "!" + CodeDateInvalid,
			"2025-03-31T14:30:00+6":                "!" + CodeDateInvalid,
			"2025-03-31T14:30:00+06:0":             "!" + CodeDateInvalid,
			"2025-03-31T14:30:00+06:":              "!" + CodeDateInvalid,
			"2025-03-31T14:30:00 Asia/Dhaka":       "!" + CodeDateInvalid,
			"2025-03-31T":                          "!" + CodeDateInvalid,
			"2025-03-31x14:30":                     "!" + CodeDateInvalid,
			"31 March 2025":                        "!" + CodeDateInvalid,
			"today":                                "!" + CodeDateInvalid,
			"2025-03-31T14:30:" + longDigits + "Z": "!" + CodeDateInvalid,
		}},
	}
	for _, tt := range tests {
		for cell, want := range tt.cells {
			assert.Equal(t, want, parseOne(t, tt.column, cell), "%s %q", tt.name, cell)
		}
	}
}

const longDigits = "00.0000000000000000000000000000000000000000000000000000"

// Whatever a number's form, the short way to it and the library's Parse agree.
func TestPhonesAsTheLibraryParsesThem(t *testing.T) {
	t.Parallel()
	kinds := []phonenumbers.PhoneNumberType{
		phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.PREMIUM_RATE,
		phonenumbers.SHARED_COST, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER, phonenumbers.PAGER, phonenumbers.UAN,
	}
	formats := []phonenumbers.PhoneNumberFormat{
		phonenumbers.E164, phonenumbers.NATIONAL, phonenumbers.INTERNATIONAL,
	}
	compared := 0
	for region := range phonenumbers.GetSupportedRegions() {
		env := environment{Env: Env{Country: region}, dialPlan: dialPlanOf(region)}
		for _, kind := range kinds {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			for _, format := range formats {
				text := phonenumbers.Format(example, format)
				want := ""
				if number, err := phonenumbers.Parse(text, region); err == nil && phonenumbers.IsValidNumber(number) {
					want = phonenumbers.Format(number, phonenumbers.E164)
				}
				got, _ := parsePhone(nil, cellText{bytes: []byte(text)}, &Column{}, &env)
				assert.Equal(t, want, string(got), "%s %q", region, text)
				compared++
			}
		}
	}
	assert.Greater(t, compared, 2000)
}
