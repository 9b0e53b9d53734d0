package tabular

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"retailq"
)

// reportPiece is how much of a record goes into one cell of a report: half of what a cell may hold, as every byte may
// be a quote that is written twice.
const reportPiece = 32 << 10

// ReportWriter writes rejected records as a file that can be corrected and uploaded again: the columns of the
// original, then _line, _codes and _messages. The bodies of several writers of one dialect can be concatenated.
//
// A record that was cut into cells stands in the report byte for byte. One that could not be stands in the first
// column as a whole, quoted, and on several rows if it is long.
type ReportWriter struct {
	w         io.Writer
	delimiter byte
	newline   string
	header    []string
	kept      []int // the columns of the original that no report has added
	verbatim  bool  // that is all of them
	row       []byte
}

// NewReportWriter returns a writer of reports on files of dialect d. Every row is one call of w.Write.
func NewReportWriter(w io.Writer, d Dialect) *ReportWriter {
	rw := &ReportWriter{w: w, delimiter: d.delimiter(), newline: d.newline(), header: d.Header}
	for i, title := range d.Header {
		if !slices.Contains([]string{reportLine, reportCodes, reportMessages}, title) {
			rw.kept = append(rw.kept, i)
		}
	}
	rw.verbatim = len(rw.kept) == len(d.Header)
	return rw
}

// WriteHeader writes the header. It is left out of a part that follows another.
func (rw *ReportWriter) WriteHeader() error {
	rw.row = rw.row[:0]
	for _, i := range rw.kept {
		rw.quote([]byte(rw.header[i]))
		rw.row = append(rw.row, rw.delimiter)
	}
	for i, title := range []string{reportLine, reportCodes, reportMessages} {
		if i > 0 {
			rw.row = append(rw.row, rw.delimiter)
		}
		rw.row = append(rw.row, title...)
	}
	return rw.flush()
}

// Write writes a record and what is wrong with it.
func (rw *ReportWriter) Write(rec *Record, errs []retailq.RowError) error {
	line := rec.Start.Line
	if len(errs) > 0 && errs[0].Line > 0 {
		line = errs[0].Line // where a broken quote opened
	}
	var codes, messages []string
	for _, e := range errs {
		if !slices.Contains(codes, e.Code) {
			codes = append(codes, e.Code)
		}
		message := e.Message
		if e.Column != "" {
			message = e.Column + ": " + message
		}
		messages = append(messages, message)
	}
	added := []string{strconv.FormatInt(line, 10), strings.Join(codes, " "), strings.Join(messages, "; ")}
	if rec.Problem == nil {
		rw.row = rw.appendCells(rw.row[:0], rec)
		return rw.finish(added)
	}
	raw := rec.Raw
	for {
		piece := raw[:min(len(raw), reportPiece)]
		raw = raw[len(piece):]
		rw.row = appendQuoted(rw.row[:0], piece)
		rw.row = append(rw.row, bytes.Repeat([]byte{rw.delimiter}, max(0, len(rw.kept)-1))...)
		if err := rw.finish(added); err != nil || len(raw) == 0 {
			return err
		}
	}
}

// appendCells appends the original cells as they are written.
func (rw *ReportWriter) appendCells(row []byte, rec *Record) []byte {
	if rw.verbatim && rec.Len() == len(rw.header) {
		return append(row, rec.Raw...)
	}
	for n, i := range rw.kept {
		if n > 0 {
			row = append(row, rw.delimiter)
		}
		row = append(row, rec.RawField(i)...)
	}
	return row
}

func (rw *ReportWriter) finish(added []string) error {
	for _, cell := range added {
		rw.row = append(rw.row, rw.delimiter)
		rw.quote([]byte(disarmed(cell)))
	}
	return rw.flush()
}

func (rw *ReportWriter) flush() error {
	rw.row = append(rw.row, rw.newline...)
	_, err := rw.w.Write(rw.row)
	return err
}

// quote appends a cell, in quotes where it needs them.
func (rw *ReportWriter) quote(cell []byte) {
	if bytes.IndexByte(cell, rw.delimiter) < 0 && !bytes.ContainsAny(cell, "\"\r\n") {
		rw.row = append(rw.row, cell...)
		return
	}
	rw.row = appendQuoted(rw.row, cell)
}

func appendQuoted(dst, cell []byte) []byte {
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, cell[:i+1]...), '"')
		cell = cell[i+1:]
	}
	return append(append(dst, cell...), '"')
}

// disarmed keeps a spreadsheet from taking our own text for a formula, as a header may begin like one. Cells of the
// file are given back as they are.
func disarmed(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
