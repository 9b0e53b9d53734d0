package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"retailq"
)

var utf8BOM = []byte("\xEF\xBB\xBF")

// SampleBytes is how much of a file [Sniff] should see.
const SampleBytes = 256 << 10

// Sniff decides a file's dialect from its beginning. whole says that the sample is the entire file.
//
// It fails with retailq.ErrInvalid, code empty_file, no_records, not_csv, compressed_unsupported,
// encoding_unsupported, header_blank, header_duplicate, header_invalid or the code of a record's problem, and with
// retailq.ErrTooLarge, code columns_too_many. Each says what to do.
func Sniff(sample []byte, whole bool, limits Limits) (Dialect, error) {
	limits = limits.orDefault()
	if err := recognise(sample); err != nil {
		return Dialect{}, err
	}
	at := Position{Line: 1}
	if bytes.HasPrefix(sample, utf8BOM) {
		at.Offset = int64(len(utf8BOM))
	}
	d := Dialect{Encoding: UTF8}
	separator, n := separatorLine(sample[at.Offset:])
	if n > 0 {
		at.Offset += int64(n)
		at.Line++
	}
	if len(bytes.TrimSpace(sample[at.Offset:])) == 0 {
		return Dialect{}, retailq.Invalid("empty_file", "the file is empty").
			WithHint("Upload a file with a line of column names and at least one row.")
	}
	d.Delimiter = separator
	if separator == "" {
		d.Delimiter = detectDelimiter(sample, whole, at, limits)
	}
	if err := d.readHeader(sample, whole, at, limits); err != nil {
		return Dialect{}, err
	}
	d.Newline = detectNewline(sample)
	return d, checkEncoding(sample, whole, d, limits)
}

// separatorLine reads the line "sep=;" that Excel writes and honours as a file's first.
func separatorLine(data []byte) (separator string, length int) {
	line := data
	if i := nextLine(data, 0, true); i >= 0 {
		line, length = data[:i], i
	} else {
		length = len(data)
	}
	line = bytes.Trim(bytes.TrimRight(line, "\r\n"), "\"")
	if len(line) != 5 || !bytes.EqualFold(line[:4], []byte("sep=")) || strings.IndexByte(delimiters, line[4]) < 0 {
		return "", 0
	}
	return string(line[4:]), length
}

// readHeader takes the first record with content for the header.
func (d *Dialect) readHeader(sample []byte, whole bool, at Position, limits Limits) error {
	r := NewReader(bytes.NewReader(sample[at.Offset:]), *d, at, limits)
	rec, err := r.Read()
	if err != nil {
		return retailq.Invalid("empty_file", "the file has no column names").
			WithHint("Put a line of column names before the rows.")
	}
	if rec.Problem != nil {
		return retailq.Invalid(rec.Problem.Code, "the line of column names cannot be read: %s", rec.Problem.Message).
			WithHint("%s", rec.Problem.Hint)
	}
	d.HeaderLine = rec.Start.Line
	for i := range rec.Len() {
		d.Header = append(d.Header, string(trim(rec.Field(i))))
	}
	for len(d.Header) > 0 && d.Header[len(d.Header)-1] == "" {
		d.Header = d.Header[:len(d.Header)-1]
	}
	d.Start = r.Position()
	if err := checkHeader(d.Header, limits); err != nil {
		return err
	}
	if _, err := r.Read(); errors.Is(err, io.EOF) && whole {
		return retailq.Invalid("no_records", "the file has column names and no rows").
			WithHint("Add at least one row below the column names.")
	}
	return nil
}

func checkHeader(header []string, limits Limits) error {
	if len(header) > limits.Columns {
		return retailq.Errorf(retailq.ErrTooLarge, "columns_too_many", "the file has %d columns; %d are allowed",
			len(header), limits.Columns).WithHint("Remove the columns that are not needed.")
	}
	if len(header) == 0 {
		header = []string{""}
	}
	seen := map[string]int{}
	for i, title := range header {
		if title == "" {
			return retailq.Invalid("header_blank", "column %d has no name", i+1).
				WithHint("Name every column in the first line, or remove the column.")
		}
		if !utf8.ValidString(title) {
			return encodingError(fmt.Sprintf("the name of column %d is not valid UTF-8", i+1))
		}
		if strings.ContainsFunc(title, func(c rune) bool { return c < ' ' || c == 0x7F || isC1(c) }) {
			return retailq.Invalid("header_invalid", "the name of column %d holds a line break or a control character",
				i+1).WithHint("Keep each column's name on one line.")
		}
		if first, ok := seen[fold(title)]; ok {
			return retailq.Invalid("header_duplicate", "columns %d (%q) and %d (%q) have the same name",
				first+1, header[first], i+1, title).WithHint("Rename or remove one of them.")
		}
		seen[fold(title)] = i
	}
	return nil
}
