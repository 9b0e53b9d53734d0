package sample

import "strings"

// BadKind is one way in which a row can be bad.
type BadKind struct {
	// Name describes it in a few words.
	Name string
	// Code is that of the row error that an import reports. It is "" for the one kind that is not rejected: a row that
	// takes the uid of an earlier one. The last of them counts, and the earlier one is counted as a duplicate.
	Code string

	append func(b []byte, r *row) []byte
}

// BadKinds lists every kind, in the order in which they take turns. All are problems of one row; none needs a cell of
// megabytes.
func BadKinds() []BadKind { return badKinds }

// The row behind a broken quote must be sound, or the reader takes both for one. So the kinds that are broken as a
// whole stand apart from one another, also where the last is followed by the first.
var badKinds = []BadKind{
	{"no uid", "required", func(b []byte, r *row) []byte { return r.appendAfterUID(b) }},
	{"no name", "required", func(b []byte, r *row) []byte { r.name = ""; return r.append(b) }},
	{"an uid of 129 characters", "too_long", func(b []byte, r *row) []byte {
		return r.appendAfterUID(append(b, strings.Repeat("R", 129)...))
	}},
	{"a name of 300 characters", "too_long", func(b []byte, r *row) []byte {
		r.name = strings.Repeat("Store ", 50) + "."
		return r.append(b)
	}},
	{"a phone number that is too short", "phone_invalid", withPhone("01712")},
	{"a word in place of a phone number", "phone_invalid", withPhone("call owner")},
	{"a phone number that a spreadsheet shortened", "excel_scientific", withPhone("8.80171E+12")},
	{"too few cells", "columns_missing", func(b []byte, r *row) []byte {
		return append(append(append(appendUID(b, r.number), ','), r.name...), ",\n"...)
	}},
	{"an amount with three decimals", "money_decimals", withCredit("1500.125")},
	{"an amount below zero", "money_negative", withCredit("-500.00")},
	{"an amount with a currency and thousands", "money_invalid", withCredit(`"৳ 15,000"`)},
	{"an amount beyond all bounds", "money_range", withCredit("9999999999999.00")},
	{"neither yes nor no", "bool_invalid", func(b []byte, r *row) []byte { r.active = "maybe"; return r.append(b) }},
	{"too many cells", "columns_extra", func(b []byte, r *row) []byte {
		r.address = address{form: areaAddress, street: "Road 5, House 12"} // commas without quotes
		r.active, r.seen = "true", "2025-03-31"                            // or the last cells might pass for padding
		return r.append(b)
	}},
	{"a date of which either number may be the month", "date_ambiguous", withSeen("03/04/2025")},
	{"a day that does not exist", "date_invalid", withSeen("2025-02-30")},
	{"a year out of range", "date_range", withSeen("1025-03-31")},
	{"a region that nobody has", "region_unknown", func(b []byte, r *row) []byte {
		r.place.Region = "Dhakka"
		return r.append(b)
	}},
	{"an area that nobody has", "area_unknown", func(b []byte, r *row) []byte {
		r.place.Area = "New Market 9"
		return r.append(b)
	}},
	{"text behind the closing quote", "quote_broken", func(b []byte, r *row) []byte {
		r.name = `"Bhai Bhai" Store`
		r.address = address{form: streetAddress, street: "Station Road"} // no quotes to mend it
		return r.append(b)
	}},
	{"a name in another encoding", "encoding_invalid", func(b []byte, r *row) []byte {
		r.name = "Caf\xE9 Corner" // Latin-1
		return r.append(b)
	}},
	{"a NUL in the name", "control_character", func(b []byte, r *row) []byte {
		r.name = "Padma\x00Store"
		return r.append(b)
	}},
	{Name: "the uid of an earlier row"}, // see plan.append
}

func withPhone(text string) func([]byte, *row) []byte {
	return func(b []byte, r *row) []byte { r.phone = phone{text: text}; return r.append(b) }
}

func withCredit(text string) func([]byte, *row) []byte {
	return func(b []byte, r *row) []byte { r.credit = text; return r.append(b) }
}

func withSeen(text string) func([]byte, *row) []byte {
	return func(b []byte, r *row) []byte { r.seen = text; return r.append(b) }
}
