package tabular

import (
	"fmt"
	"io"
)

// firstRead is the size of a reader's buffer until a record needs more.
const firstRead = 128 << 10

// Reader cuts a file into records. It holds one record, and the next as far as it needs it to find its footing again
// after a broken one: at most about two Limits.RecordBytes.
//
// Where a record ends depends on the bytes from its start only, so a Reader started at any Position of another one
// returns the same records, also if its source ends at a Position of the other.
//
// A quoted cell keeps its line endings as they are. Spaces around the quotes are ignored. Outside quotes LF, CRLF and
// CR alone each end a record. A record whose quoting is broken reaches to the next line that is sound by itself and
// has as many cells as the header; where there is none, to the end of the file or of Limits.RecordBytes.
type Reader struct {
	src       io.Reader
	srcErr    error // what src said last
	limits    Limits
	delimiter byte
	width     int  // cells of a record; 0 takes any number
	crFirst   bool // lines likely end in CR alone; which way the end is looked for first changes the speed only

	buf   []byte // buf[0:] holds the bytes that were read and not yet passed
	r, w  int    // buf[r:w] is unread
	pos   Position
	blank int64
	rec   Record
	long  []byte // the beginning of a record_too_long
	fault error  // sticky: a read that failed within a record
}

// NewReader returns a Reader of src, whose first byte stands at position at of the file: Dialect.Start, or what
// Position returned.
func NewReader(src io.Reader, d Dialect, at Position, limits Limits) *Reader {
	if at.Line < 1 {
		at.Line = 1
	}
	return &Reader{
		src: src, limits: limits.orDefault(), delimiter: d.delimiter(), width: len(d.Header), pos: at,
		crFirst: d.Newline == NewlineCR, rec: Record{delimiter: d.delimiter()},
	}
}

// Position is where the next record, or a line without content before it, begins.
func (r *Reader) Position() Position { return r.pos }

// Blank is how many lines without content this Reader has passed: nothing but spaces, tabs and delimiters.
func (r *Reader) Blank() int64 { return r.blank }

// Read returns the next record, sound or not, and io.EOF after the last one. Any other error is the source's; the
// record it befell is not returned, and Position stays before it.
func (r *Reader) Read() (*Record, error) {
	if r.fault != nil {
		return nil, r.fault
	}
	if err := r.skipBlank(); err != nil {
		return nil, r.fail(err)
	}
	for {
		data, last := r.unread(), r.atEnd()
		found := r.scan(data, last)
		if found.verdict != incomplete {
			return r.finish(found)
		}
		if err := r.fill(len(data) + 1); err != nil {
			return nil, r.fail(err)
		}
	}
}

// finish makes the record that scan found, or works out how far a bad one reaches.
func (r *Reader) finish(found span) (*Record, error) {
	rec := &r.rec
	rec.Start, rec.Problem, rec.scratch = r.pos, nil, rec.scratch[:0]
	rec.BareQuotes, rec.quoted = found.bare, found.quoted
	var err error
	switch found.verdict {
	case broken:
		found, err = r.resync(found)
	case tooLong:
		err = r.skipLong()
	}
	if err != nil {
		return nil, r.fail(err)
	}
	if found.verdict == tooLong {
		return rec, nil
	}
	rec.Raw = r.buf[r.r : r.r+found.length]
	rec.Bytes = int64(found.length)
	if rec.Problem == nil {
		rec.Problem = r.check(found)
	}
	r.pass(found)
	return rec, nil
}

// check finds what is wrong with a record that could be cut into cells.
func (r *Reader) check(found span) *Problem {
	if found.longField > 0 {
		return &Problem{
			Code:    CodeFieldTooLong,
			Message: fmt.Sprintf("cell %d is longer than %d bytes", found.longField, r.limits.FieldBytes),
			Hint:    "Shorten the cell.",
		}
	}
	n := r.rec.Len()
	switch {
	case r.width == 0 || n == r.width:
		return nil
	case n < r.width:
		return &Problem{
			Code:    CodeColumnsMissing,
			Message: fmt.Sprintf("the record has %d cells, the header %d", n, r.width),
			Hint:    "Add the missing cells: one without a value is empty, but keeps its delimiter.",
		}
	case r.emptyFrom(r.width):
		return nil
	}
	return &Problem{
		Code:    CodeColumnsExtra,
		Message: fmt.Sprintf("the record has %d cells, the header %d", n, r.width),
		Hint:    "Put a cell that holds the delimiter into double quotes, or remove what is too much.",
	}
}

// emptyFrom reports whether the record's cells from the i-th on are all empty, as spreadsheets like to add.
func (r *Reader) emptyFrom(i int) bool {
	for ; i < r.rec.Len(); i++ {
		if len(trimBlanks(r.rec.Field(i))) > 0 {
			return false
		}
	}
	return true
}

// pass moves behind a record or a blank line.
func (r *Reader) pass(found span) {
	r.r += found.next
	r.pos.Offset += int64(found.next)
	r.pos.Line += found.lines
}

func (r *Reader) fail(err error) error {
	r.fault = err
	return err
}
