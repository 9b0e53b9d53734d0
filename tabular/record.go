package tabular

import (
	"bytes"

	"retailq"
)

// Record is one record of a file. It is valid until the next call of Reader.Read.
type Record struct {
	// Start is where the record's first byte stands.
	Start Position
	// Raw is the record as it is written, without its line ending. Of a record_too_long only the first
	// Limits.RecordBytes bytes are kept.
	Raw []byte
	// Bytes is the length of the span that the record covers, without its line ending: len(Raw), except for a
	// record_too_long.
	Bytes int64
	// Problem is nil for a structurally sound record. Otherwise the cells mean nothing.
	Problem *Problem
	// BareQuotes tells that a cell without quotes around it holds one, as in: 5" pipe. It is read as it stands.
	BareQuotes bool

	delimiter byte
	quoted    bool    // some cell may be quoted
	ends      []int32 // where each cell ends in Raw; the next begins one byte later
	scratch   []byte  // cells whose doubled quotes were undone
}

// Problem is what is wrong with a record or with one of its cells.
type Problem struct {
	// Code is stable: "quote_broken", "phone_invalid".
	Code string
	// Column is the header in the file, or "" where the whole record is at fault.
	Column string
	// Line is the physical line to look at, where that is not the one on which the record starts; else 0.
	Line int64
	// Value is what the file says, shortened.
	Value string
	// Message says what is wrong, and Hint how to put it right.
	Message string
	Hint    string
}

// rowError is the problem as users get it.
func (p *Problem) rowError(line int64) retailq.RowError {
	if p.Line > 0 {
		line = p.Line
	}
	return retailq.RowError{
		Line: line, Column: p.Column, Code: p.Code, Value: p.Value, Message: p.Message, Hint: p.Hint,
	}
}

// Len is the number of cells. It is 0 where Problem says that the record could not be cut into cells.
func (rec *Record) Len() int { return len(rec.ends) }

// RawField returns cell i as it is written, quotes and all.
func (rec *Record) RawField(i int) []byte {
	from := 0
	if i > 0 {
		from = int(rec.ends[i-1]) + 1
	}
	return rec.Raw[from:rec.ends[i]]
}

// Field returns the value of cell i: without the quotes around it, doubled quotes undone, everything else as
// written, line endings inside quotes included. It is valid until the next call of Reader.Read.
func (rec *Record) Field(i int) []byte {
	raw := rec.RawField(i)
	if !rec.quoted {
		return raw
	}
	cell := trimBlanks(raw)
	if len(cell) < 2 || cell[0] != '"' {
		return raw
	}
	cell = cell[1 : len(cell)-1]
	quote := bytes.IndexByte(cell, '"')
	if quote < 0 {
		return cell
	}
	from := len(rec.scratch)
	for quote >= 0 {
		rec.scratch = append(rec.scratch, cell[:quote+1]...)
		cell = cell[quote+2:]
		quote = bytes.IndexByte(cell, '"')
	}
	rec.scratch = append(rec.scratch, cell...)
	return rec.scratch[from:]
}

// trimBlanks cuts spaces and tabs off both ends.
func trimBlanks(cell []byte) []byte {
	for len(cell) > 0 && isBlank(cell[0]) {
		cell = cell[1:]
	}
	for len(cell) > 0 && isBlank(cell[len(cell)-1]) {
		cell = cell[:len(cell)-1]
	}
	return cell
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' }
