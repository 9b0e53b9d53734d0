package tabular

import (
	"bytes"
	"unicode/utf8"
)

// delimiters are tried in this order; the first of equals wins.
const delimiters = ",;\t|"

// scoredRecords is how many records decide about the delimiter. Two are known to mislead, twenty are enough.
const scoredRecords = 200

// detectDelimiter finds the delimiter under which most records have as many cells as the header, and among equals
// the one that gives most cells. A file in which none separates anything has one column.
func detectDelimiter(sample []byte, whole bool, at Position, limits Limits) string {
	best, delimiter := 0.0, delimiters[:1]
	for i := range len(delimiters) {
		if score := scoreDelimiter(sample, whole, at, delimiters[i:i+1], limits); score > best {
			best, delimiter = score, delimiters[i:i+1]
		}
	}
	return delimiter
}

// scoreDelimiter is the share of records as wide as the header, plus up to a tenth for the width.
func scoreDelimiter(sample []byte, whole bool, at Position, delimiter string, limits Limits) float64 {
	r := NewReader(bytes.NewReader(sample[at.Offset:]), Dialect{Delimiter: delimiter}, at, limits)
	width, fitting, read := 0, 0, 0
	for read < scoredRecords {
		rec, err := r.Read()
		cut := !whole && r.Position().Offset == int64(len(sample))
		if err != nil || cut && read > 0 {
			break
		}
		if read == 0 {
			width = rec.Len()
		}
		if rec.Problem == nil && rec.Len() == width {
			fitting++
		}
		read++
	}
	if width < 2 {
		return 0
	}
	return float64(fitting)/float64(read) + 0.1*(1-1/float64(width))
}

// detectNewline says how the lines of the sample end.
func detectNewline(sample []byte) string {
	lf := bytes.Count(sample, []byte{'\n'})
	crlf := bytes.Count(sample, []byte{'\r', '\n'})
	cr := bytes.Count(sample, []byte{'\r'}) - crlf
	if bytes.HasSuffix(sample, []byte{'\r'}) && lf > 0 {
		cr-- // the sample may end within a CRLF
	}
	switch {
	case cr == 0 && crlf == 0:
		return NewlineLF
	case cr == 0 && crlf == lf:
		return NewlineCRLF
	case lf == 0:
		return NewlineCR
	}
	return NewlineMixed
}

// Records of a file that is not UTF-8 are refused one by one, unless there are enough of them to refuse the file.
const (
	encodingRecords = 20
	encodingShare   = 10 // one in ten
)

// checkEncoding refuses a file in another encoding: many records are not UTF-8, and none has a character that shows
// that the others are.
func checkEncoding(sample []byte, whole bool, d Dialect, limits Limits) error {
	if utf8.Valid(sample) {
		return nil
	}
	r := NewReader(bytes.NewReader(sample[d.Start.Offset:]), d, d.Start, limits)
	read, invalid := 0, 0
	for {
		rec, err := r.Read()
		if err != nil || !whole && r.Position().Offset == int64(len(sample)) {
			break
		}
		read++
		switch {
		case !utf8.Valid(rec.Raw):
			invalid++
		case bytes.ContainsFunc(rec.Raw, func(c rune) bool { return c >= utf8.RuneSelf }):
			return nil
		}
	}
	if read >= encodingRecords && invalid*encodingShare >= read {
		return encodingError("the file is not UTF-8")
	}
	return nil
}
