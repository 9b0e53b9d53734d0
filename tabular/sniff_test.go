package tabular

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"retailq"
)

func TestSniff(t *testing.T) {
	t.Parallel()
	rows := func(line string) string { return strings.Repeat(line, 25) }
	tests := []struct {
		name string
		file string
		want Dialect
	}{
		{"comma", "uid,name\n1,a\n", Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"uid", "name"}, HeaderLine: 1, Start: Position{9, 2}}},
		{"byte order mark", "\xEF\xBB\xBFuid,name\n1,a\n", Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"uid", "name"}, HeaderLine: 1, Start: Position{12, 2}}},
		{"byte order mark before a quoted header", "\xEF\xBB\xBF\"uid\";\"a \"\"name\"\"\"\r\n1;a\r\n", Dialect{
			Delimiter: ";", Newline: "crlf", Header: []string{"uid", `a "name"`}, HeaderLine: 1, Start: Position{23, 2}}},
		{"separator line", "sep=;\r\nuid;a,b\r\n1;2,5\r\n", Dialect{
			Delimiter: ";", Newline: "crlf", Header: []string{"uid", "a,b"}, HeaderLine: 2, Start: Position{16, 3}}},
		{"quoted separator line and mark", "\xEF\xBB\xBF\"sep=|\"\nuid|a\n1|2\n", Dialect{
			Delimiter: "|", Newline: "lf", Header: []string{"uid", "a"}, HeaderLine: 2, Start: Position{17, 3}}},
		{"tab separator line", "sep=\t\nuid\ta\n1\t2\n", Dialect{
			Delimiter: "\t", Newline: "lf", Header: []string{"uid", "a"}, HeaderLine: 2, Start: Position{12, 3}}},
		{"decimal comma goes with semicolon", "uid;amount\n" + rows("1;2,5\n"), Dialect{
			Delimiter: ";", Newline: "lf", Header: []string{"uid", "amount"}, HeaderLine: 1, Start: Position{11, 2}}},
		{"commas in the header alone", "uid;name, or alias\n" + rows("1;a\n"), Dialect{
			Delimiter: ";", Newline: "lf", Header: []string{"uid", "name, or alias"}, HeaderLine: 1, Start: Position{19, 2}}},
		{"two records mislead", "a,b;c,d\n1,2;3,4\n1,2;3,4\n" + rows("1;2\n"), Dialect{
			Delimiter: ";", Newline: "lf", Header: []string{"a,b", "c,d"}, HeaderLine: 1, Start: Position{8, 2}}},
		{"quoted delimiters do not count", "a,b\n" + rows("\"1;2;3\",\"x;y\"\n"), Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"a", "b"}, HeaderLine: 1, Start: Position{4, 2}}},
		{"one column", "uid\n1\n2\n", Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"uid"}, HeaderLine: 1, Start: Position{4, 2}}},
		{"cr alone", "uid,name\r1,a\r", Dialect{
			Delimiter: ",", Newline: "cr", Header: []string{"uid", "name"}, HeaderLine: 1, Start: Position{9, 2}}},
		{"mixed", "uid,name\r\n1,a\n2,b\r", Dialect{
			Delimiter: ",", Newline: "mixed", Header: []string{"uid", "name"}, HeaderLine: 1, Start: Position{10, 2}}},
		{"blank lines before the header, empty names behind it", "\n ,\n uid , name ,,\n1,a,,\n", Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"uid", "name"}, HeaderLine: 3, Start: Position{19, 4}}},
		{"other scripts", "কোড,Имя\n1,a\n", Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"কোড", "Имя"}, HeaderLine: 1, Start: Position{17, 2}}},
		{"a few bad bytes are the rows' own", "uid,name\n1,\xE4\n2,b\x00\n", Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"uid", "name"}, HeaderLine: 1, Start: Position{9, 2}}},
		{"bad bytes among good ones", "uid,name\n" + rows("1,\xE4\n") + rows("2,ä\n"), Dialect{
			Delimiter: ",", Newline: "lf", Header: []string{"uid", "name"}, HeaderLine: 1, Start: Position{9, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Encoding = UTF8
			got, err := Sniff([]byte(tt.file), true, DefaultLimits)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(tt.want, got))
		})
	}
}

func TestSniffRefuses(t *testing.T) {
	t.Parallel()
	utf16 := func(text string, high int) string {
		b := make([]byte, 2*len(text))
		for i := range text {
			b[2*i+high] = text[i]
		}
		return string(b)
	}
	tests := []struct {
		name, file, code, message string
	}{
		{"empty", "", "empty_file", ""},
		{"mark only", "\xEF\xBB\xBF", "empty_file", ""},
		{"blank", " \r\n\t\n", "empty_file", ""},
		{"delimiters only", ",,,\n,,\n", "empty_file", ""},
		{"separator line only", "sep=,\n", "empty_file", ""},
		{"header only", "uid,name\n", "no_records", ""},
		{"header and blank lines", "uid,name\n\n,\n", "no_records", ""},
		{"blank name", "uid,,name\n1,2,3\n", "header_blank", "column 2 has no name"},
		{"no name at all", "\"\",\"\"\n1,2\n", "header_blank", "column 1 has no name"},
		{"duplicate", "uid,Name,phone,name\n1,2,3,4\n", "header_duplicate",
			`columns 2 ("Name") and 4 ("name") have the same name`},
		{"line break in a name", "uid,\"a\nb\"\n1,2\n", "header_invalid", ""},
		{"nul in a name", "uid,na\x00me\n1,2\n", "header_invalid", ""},
		{"broken header", "uid,\"name\n1,2\n", CodeQuoteBroken, ""},
		{"header in another encoding", "uid,n\xE4me\n1,2\n", "encoding_unsupported", ""},
		{"rows in another encoding", "uid,name\n" + strings.Repeat("1,\xE4\n2,b\n", 10), "encoding_unsupported", ""},
		{"utf-16le with mark", "\xFF\xFE" + utf16("uid,name\n", 0), "encoding_unsupported", ""},
		{"utf-16be with mark", "\xFE\xFF" + utf16("uid,name\n", 1), "encoding_unsupported", ""},
		{"utf-16le", utf16("uid,name\n1,2\n", 0), "encoding_unsupported", ""},
		{"utf-16be", utf16("uid,name\n1,2\n", 1), "encoding_unsupported", ""},
		{"gzip", "\x1F\x8B\x08\x00", "compressed_unsupported", ""},
		{"zip or xlsx", "PK\x03\x04\x14\x00", "compressed_unsupported", ""},
		{"xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "not_csv", ""},
		{"pdf", "%PDF-1.7\n", "not_csv", ""},
		{"png", "\x89PNG\r\n", "not_csv", ""},
		{"html", "\n <!DOCTYPE html><html>", "not_csv", ""},
		{"html table", "<TABLE><tr>", "not_csv", ""},
		{"xml", "<?xml version=\"1.0\"?>", "not_csv", ""},
		{"json", "[{\"uid\": 1}]", "not_csv", ""},
		{"binary", strings.Repeat("\x00\x00\x01", 50), "not_csv", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Sniff([]byte(tt.file), true, DefaultLimits)
			var e *retailq.Error
			require.ErrorAs(t, err, &e)
			require.ErrorIs(t, err, retailq.ErrInvalid)
			require.Equal(t, tt.code, e.Code)
			require.Contains(t, e.Message, tt.message)
			require.NotEmpty(t, e.Hint)
		})
	}
}

func TestSniffLimits(t *testing.T) {
	t.Parallel()
	wide := strings.TrimSuffix(strings.Repeat("c,", 201), ",")
	_, err := Sniff([]byte(wide+"\n"+wide+"\n"), true, DefaultLimits)
	require.ErrorIs(t, err, retailq.ErrTooLarge)
	require.ErrorContains(t, err, "201 columns; 200 are allowed")

	_, err = Sniff([]byte(strings.Repeat("x", 50)), false, tight)
	require.ErrorContains(t, err, "longer than 48 bytes")

	// A sample that ends within a record does not make the record count.
	d, err := Sniff([]byte("uid,name\n1,a\n2"), false, DefaultLimits)
	require.NoError(t, err)
	require.Equal(t, ",", d.Delimiter)
	_, err = Sniff([]byte("uid,name\n"), false, DefaultLimits)
	require.NoError(t, err, "the rows may follow behind the sample")
}
