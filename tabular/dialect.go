package tabular

// Limits cap what a file may make its reader hold in memory. A field that is zero means the default.
type Limits struct {
	// RecordBytes is the length of one record without its line ending. A longer one is a bad record.
	RecordBytes int `json:"record_bytes"`
	// FieldBytes is the length of one cell as it is written in the file, without the quotes around it.
	// It also bounds how far an unclosed quote can reach.
	FieldBytes int `json:"field_bytes"`
	// Columns is the number of columns in the header. A file with more is refused.
	Columns int `json:"columns"`
}

// DefaultLimits are generous for data that people keep in tables and small beside a worker's memory.
var DefaultLimits = Limits{RecordBytes: 1 << 20, FieldBytes: 64 << 10, Columns: 200}

func (l Limits) orDefault() Limits {
	if l.RecordBytes <= 0 {
		l.RecordBytes = DefaultLimits.RecordBytes
	}
	if l.FieldBytes <= 0 {
		l.FieldBytes = DefaultLimits.FieldBytes
	}
	if l.Columns <= 0 {
		l.Columns = DefaultLimits.Columns
	}
	return l
}

// Position is a place between two records of a file.
type Position struct {
	// Offset counts bytes from the start of the file, a byte order mark included.
	Offset int64 `json:"offset"`
	// Line is the physical line at Offset, from 1. LF, CRLF and a CR alone each end a line, also inside quotes.
	Line int64 `json:"line"`
}

// UTF8 is the only Encoding so far.
const UTF8 = "utf-8"

// The values of Dialect.Newline.
const (
	NewlineLF    = "lf"
	NewlineCRLF  = "crlf"
	NewlineCR    = "cr"
	NewlineMixed = "mixed"
)

// Dialect is how a file is written. [Sniff] decides it once per file, and it is stored with the import, so that
// every worker reads the file alike.
type Dialect struct {
	Encoding string `json:"encoding"`
	// Delimiter is one of "," ";" "\t" "|".
	Delimiter string `json:"delimiter"`
	// Newline says how the sampled lines end. The reader takes any line ending whatever it says; reports follow it.
	Newline string `json:"newline"`
	// Header holds the names as they stand in the file, trimmed, in order, without empty ones at the end.
	// A record has as many cells as Header has names; more are tolerated only if the additional ones are empty.
	Header []string `json:"header"`
	// HeaderLine is the physical line on which the header stands.
	HeaderLine int64 `json:"header_line"`
	// Start is where the first record after the header begins.
	Start Position `json:"start"`
}

func (d Dialect) delimiter() byte {
	if d.Delimiter == "" {
		return ','
	}
	return d.Delimiter[0]
}

// newline is the line ending that a file derived from this one should have.
func (d Dialect) newline() string {
	switch d.Newline {
	case NewlineCRLF:
		return "\r\n"
	case NewlineCR:
		return "\r"
	}
	return "\n"
}
