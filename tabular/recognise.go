package tabular

import (
	"bytes"

	"retailq"
)

// formats are what is uploaded in place of a CSV file, by the bytes it begins with.
var formats = []struct {
	magic string
	code  string
	name  string
	hint  string
}{
	{"\x1F\x8B", "compressed_unsupported", "a gzip archive", "Unpack the file and upload the CSV file in it."},
	{"PK\x03\x04", "compressed_unsupported", "a zip archive or an Excel workbook", hintSaveAs},
	{"PK\x05\x06", "compressed_unsupported", "an empty zip archive", hintSaveAs},
	{"BZh", "compressed_unsupported", "a bzip2 archive", "Unpack the file and upload the CSV file in it."},
	{"\xFD7zXZ\x00", "compressed_unsupported", "an xz archive", "Unpack the file and upload the CSV file in it."},
	{"\x28\xB5\x2F\xFD", "compressed_unsupported", "a zstd archive", "Unpack the file and upload the CSV file in it."},
	{"7z\xBC\xAF\x27\x1C", "compressed_unsupported", "a 7z archive", "Unpack the file and upload the CSV file in it."},
	{"Rar!", "compressed_unsupported", "a rar archive", "Unpack the file and upload the CSV file in it."},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "not_csv", "an old Excel workbook", hintSaveAs},
	{"%PDF", "not_csv", "a PDF", hintSaveAs},
	{"\x89PNG", "not_csv", "an image", hintSaveAs},
	{"\xFF\xD8\xFF", "not_csv", "an image", hintSaveAs},
	{"GIF8", "not_csv", "an image", hintSaveAs},
	{"{\\rtf", "not_csv", "a text document", hintSaveAs},
	{"PAR1", "not_csv", "a Parquet file", hintSaveAs},
	{"SQLite format 3\x00", "not_csv", "a database", hintSaveAs},
}

// markup are the beginnings of texts that are no tables, in lower case.
var markup = []string{"<!doctype", "<html", "<?xml", "<table", "[{", "{\""}

const hintSaveAs = "Open it in a spreadsheet and save it as \"CSV UTF-8 (Comma delimited)\"."

// recognise refuses a file that is something else than delimited text in UTF-8.
func recognise(sample []byte) error {
	for _, f := range formats {
		if bytes.HasPrefix(sample, []byte(f.magic)) {
			return retailq.Invalid(f.code, "the file is %s, not a CSV file", f.name).WithHint("%s", f.hint)
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(sample, utf8BOM), " \t\r\n")
	start := bytes.ToLower(text[:min(len(text), 16)])
	for _, m := range markup {
		if bytes.HasPrefix(start, []byte(m)) {
			return retailq.Invalid("not_csv", "the file is a web page or data for programs, not a CSV file").
				WithHint(hintSaveAs)
		}
	}
	if isUTF16(sample) {
		return encodingError("the file is UTF-16")
	}
	if nuls := bytes.Count(sample, []byte{0}); nuls > len(sample)/10 {
		return retailq.Invalid("not_csv", "the file is not a text file").WithHint(hintSaveAs)
	}
	return nil
}

// isUTF16 reports whether text is UTF-16: it says so, or every other byte is mostly zero, as Latin letters make it.
func isUTF16(sample []byte) bool {
	if bytes.HasPrefix(sample, []byte("\xFF\xFE")) || bytes.HasPrefix(sample, []byte("\xFE\xFF")) {
		return true
	}
	var nuls [2]int
	for i, b := range sample {
		if b == 0 {
			nuls[i%2]++
		}
	}
	pairs := len(sample) / 2
	few, many := min(nuls[0], nuls[1]), max(nuls[0], nuls[1])
	return pairs >= 4 && many > pairs/2 && few < pairs/10
}

func encodingError(message string) error {
	return retailq.Invalid("encoding_unsupported", "%s; only UTF-8 is read", message).WithHint(hintSaveAs)
}
