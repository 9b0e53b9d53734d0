package tabular

import "bytes"

// verdict is what scan can say of the bytes it was given.
type verdict uint8

const (
	sound      verdict = iota
	incomplete         // the record may go on behind the bytes given
	broken             // a quoted cell does not end as it should
	tooLong            // no end within Limits.RecordBytes
)

// span is one record as scan found it. The ends of its cells are in Reader.rec.ends.
type span struct {
	verdict verdict
	length  int   // bytes without the line ending
	next    int   // bytes with it: where the next record begins
	lines   int64 // line endings in those
	quoted  bool  // a cell is quoted
	bare    bool  // a cell that is not quoted holds a quote
	// longField is the number, from 1, of the first cell over Limits.FieldBytes; 0 for none.
	longField int
	// open and openCell say where the last quoted cell opened, the broken one if the record is: its offset, and the
	// number of the cell from 1.
	open, openCell int
	// lineEnd is where the line ends on which the last cell without quotes stands.
	lineEnd int
}

// scan finds the record at the beginning of data. last says that nothing follows data. Whatever the record, scan is
// never incomplete once data holds lookahead bytes.
func (r *Reader) scan(data []byte, last bool) span {
	line := data
	if len(line) > r.limits.RecordBytes+1 {
		line = line[:r.limits.RecordBytes+1]
	}
	end := -1
	if r.crFirst {
		if end = bytes.IndexByte(line, '\r'); end >= 0 {
			line = line[:end]
		}
	}
	if lf := bytes.IndexByte(line, '\n'); lf >= 0 {
		line, end = line[:lf], lf
	}
	if bytes.IndexByte(line, '"') >= 0 {
		return r.scanQuoted(data, last)
	}
	if cr := bytes.IndexByte(line, '\r'); cr >= 0 {
		line, end = line[:cr], cr
	}
	if len(line) > r.limits.RecordBytes {
		return span{verdict: tooLong}
	}
	found := span{length: len(line), next: len(line), lines: 1}
	switch {
	case end < 0 && !last:
		return span{verdict: incomplete}
	case end < 0:
		found.lines = 0
	default:
		ending := endingAt(data, end, last)
		if ending < 0 {
			return span{verdict: incomplete}
		}
		found.next += ending
	}
	r.split(line, &found)
	return found
}

// lookahead is how many bytes decide any record: the longest one and its line ending.
func (r *Reader) lookahead() int { return r.limits.RecordBytes + 2 }

// split cuts a line without quotes into cells.
func (r *Reader) split(line []byte, found *span) {
	ends, at := r.rec.ends[:0], 0
	for {
		i := bytes.IndexByte(line[at:], r.delimiter)
		if i < 0 {
			break
		}
		at += i
		ends = append(ends, int32(at))
		at++
	}
	ends = append(ends, int32(len(line)))
	r.rec.ends = ends
	if len(line) > r.limits.FieldBytes {
		found.longField = r.longField()
	}
}

// longField is the number of the first cell that is longer than the limit as it is written.
func (r *Reader) longField() int {
	from := 0
	for i, end := range r.rec.ends {
		if int(end)-from > r.limits.FieldBytes {
			return i + 1
		}
		from = int(end) + 1
	}
	return 0
}

// endingAt is the length of the line ending at data[i]: 0 where there is none, and -1 if a CR is the last byte so
// far, as an LF may follow.
func endingAt(data []byte, i int, last bool) int {
	switch {
	case data[i] == '\n':
		return 1
	case data[i] != '\r':
		return 0
	case i+1 < len(data):
		if data[i+1] == '\n' {
			return 2
		}
		return 1
	case last:
		return 1
	}
	return -1
}

// nextLine is where the first line that begins behind data[from] begins, or -1 if none does within data.
func nextLine(data []byte, from int, last bool) int {
	for i := from; i < len(data); i++ {
		if n := endingAt(data, i, last); n > 0 {
			return i + n
		}
	}
	return -1
}

// countLines counts the line endings in data, which holds no half of a CRLF.
func countLines(data []byte) int64 {
	n := bytes.Count(data, []byte{'\n'})
	for {
		i := bytes.IndexByte(data, '\r')
		if i < 0 {
			return int64(n)
		}
		if i+1 == len(data) || data[i+1] != '\n' {
			n++
		}
		data = data[i+1:]
	}
}
