package tabular

// Schema describes a dataset: the columns that a file of it may have.
type Schema struct {
	// Dataset is the name that users know it by: "retailers".
	Dataset string
	// Key names the column that tells one row from another. It must be among Columns and Required.
	Key     string
	Columns []Column
}

// Column is one column of a dataset.
type Column struct {
	// Name is the column in the database, and a header that is always understood.
	Name string
	// Aliases are further headers that mean this column. See [Schema.Map] for how they are compared.
	Aliases []string
	// Required columns must be in the file, and their cells must not be empty.
	Required bool
	Type     Type
	// Max is the greatest length of Text and Key, in characters (runes); 0 means 255 for Text and 128 for Key.
	Max int
	// NonNegative refuses Money below zero.
	NonNegative bool
}

// Type says what the cells of a column are, and so how their canonical text is found.
type Type uint8

// The types. Each yields text that Postgres accepts for the column type named.
const (
	// Text is for names and addresses (text): NFC, trimmed of spaces, no-break and zero-width ones included.
	// Line breaks and tabs are kept, other control characters refused.
	Text Type = iota
	// Key is for identifiers (text): as Text, but on one line. Case and leading zeros are kept.
	Key
	// Phone is a telephone number (text), in E.164 form: "+8801712345678".
	Phone
	// Money is an exact amount (numeric(14,2)) with two decimals: "1500.00".
	Money
	// Bool is "true" or "false" (boolean).
	Bool
	// Time is a moment (timestamptz), in RFC 3339 form and UTC: "2025-03-31T00:00:00Z".
	Time
)

// Env is what the meaning of a cell depends on beside the cell itself. It is the same for a whole file.
type Env struct {
	// Country is the ISO 3166-1 alpha-2 code of the country whose national phone numbers need no prefix: "BD".
	// Without it every number must start with + and its country code.
	Country string `json:"country"`
}

func (s Schema) column(name string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
