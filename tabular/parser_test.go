package tabular

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"retailq"
)

// opened is a file that is ready to be parsed.
type opened struct {
	dialect Dialect
	mapping Mapping
	parser  *Parser
	reader  *Reader
}

func open(t *testing.T, file string) opened {
	t.Helper()
	d, err := Sniff([]byte(file), true, DefaultLimits)
	require.NoError(t, err)
	m, err := retailers.Map(d.Header, nil)
	require.NoError(t, err)
	return opened{
		dialect: d, mapping: m, parser: NewParser(retailers, m, Env{Country: "BD"}),
		reader: NewReader(strings.NewReader(file[d.Start.Offset:]), d, d.Start, DefaultLimits),
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	f := open(t, "Mobile;Retailer Code;colour;name;credit limit\n"+
		"01712345678;007;red; Rahim ;\n"+
		"12; ;red;a\x00b;-1\n"+
		"1;2;3\n"+
		";8;;\"Karim; Sons\";5\n")
	require.Equal(t, []string{"uid", "name", "phone", "credit_limit"}, f.parser.Columns())
	var rows [][]string
	var errs [][]retailq.RowError
	var keys []string
	var row Row
	for {
		rec, err := f.reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		key, ok := f.parser.Key(rec)
		if !ok {
			keys = append(keys, "none")
		} else {
			keys = append(keys, string(key))
		}
		bad := f.parser.Parse(rec, &row)
		if errs = append(errs, bad); bad != nil {
			continue
		}
		require.Equal(t, string(key), string(row.Values[0]))
		var values []string
		for _, v := range row.Values {
			if v == nil {
				v = []byte("NULL")
			}
			values = append(values, string(v))
		}
		rows = append(rows, values)
	}
	require.Equal(t, []string{"007", "none", "none", "8"}, keys)
	require.Equal(t, [][]string{{"007", "Rahim", "+8801712345678", "NULL"}, {"8", "Karim; Sons", "NULL", "5.00"}}, rows)
	hints := func(e retailq.RowError) retailq.RowError {
		require.NotEmpty(t, e.Hint)
		require.NotEmpty(t, e.Message)
		e.Hint, e.Message = "", ""
		return e
	}
	for i := range errs {
		for j := range errs[i] {
			errs[i][j] = hints(errs[i][j])
		}
	}
	require.Empty(t, cmp.Diff([][]retailq.RowError{
		nil,
		{
			{Line: 3, Column: "Retailer Code", Code: CodeRequired, Value: " "},
			{Line: 3, Column: "name", Code: CodeControlCharacter, Value: "a\uFFFDb"},
			{Line: 3, Column: "Mobile", Code: CodePhoneInvalid, Value: "12"},
			{Line: 3, Column: "credit limit", Code: CodeMoneyNegative, Value: "-1"},
		},
		{{Line: 4, Code: CodeColumnsMissing}},
		nil,
	}, errs))
}

// What Parse keeps of a row does not change with the next record, nor with composed characters at a cell's start.
func TestParseKeepsCellsApart(t *testing.T) {
	t.Parallel()
	f := open(t, "uid,name,address\ne,\u0301a,\u0301b\nx,y,z\n")
	rec, err := f.reader.Read()
	require.NoError(t, err)
	var row Row
	require.Nil(t, f.parser.Parse(rec, &row))
	_, err = f.reader.Read()
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("e"), []byte("\u0301a"), []byte("\u0301b")}, row.Values)
}

const rejects = "uid,name,phone\r\n" +
	"007,\" Rahim, \"\"Sons\"\" \",12\r\n" + // bad phone
	"1,2\r\n" + // too few
	"2,a,b,c\r\n" + // too many
	"3,\"open,01712345678\r\n" + // broken quote
	"'4,=cmd,\xFF\r\n" + // not UTF-8
	"5,Karim,12,,\r\n" // empty cells behind

const rejectsReport = "uid,name,phone,_line,_codes,_messages\r\n" +
	"007,\" Rahim, \"\"Sons\"\" \",12,2,phone_invalid,phone: this is not a valid phone number\r\n" +
	"\"1,2\",,,3,columns_missing,\"the record has 2 cells, the header 3\"\r\n" +
	"\"2,a,b,c\",,,4,columns_extra,\"the record has 4 cells, the header 3\"\r\n" +
	"\"3,\"\"open,01712345678\",,,5,quote_broken,the quote that opens cell 2 on line 5 is not closed properly\r\n" +
	"'4,=cmd,\xFF,6,encoding_invalid,phone: the cell is not valid UTF-8\r\n" +
	"5,Karim,12,7,phone_invalid,phone: this is not a valid phone number\r\n"

// rejected writes the report on a file, in two parts that are put together.
func rejected(t *testing.T, file string) string {
	t.Helper()
	f := open(t, file)
	var parts [2]bytes.Buffer
	first, second := NewReportWriter(&parts[0], f.dialect), NewReportWriter(&parts[1], f.dialect)
	require.NoError(t, first.WriteHeader())
	var row Row
	for n := 0; ; n++ {
		rec, err := f.reader.Read()
		if errors.Is(err, io.EOF) {
			return parts[0].String() + parts[1].String()
		}
		require.NoError(t, err)
		errs := f.parser.Parse(rec, &row)
		require.NotEmpty(t, errs)
		if n < 3 {
			require.NoError(t, first.Write(rec, errs))
		} else {
			require.NoError(t, second.Write(rec, errs))
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	report := rejected(t, rejects)
	require.Empty(t, cmp.Diff(rejectsReport, report))

	// Uploaded again as it is, every row is rejected again for the same reason; the report is the same but for
	// messages and lines.
	again := rejected(t, report)
	codes := func(report string) []string {
		all, _ := readAll(t, strings.NewReader(report), dialectOf(",", 6), Position{Line: 1}, DefaultLimits)
		var rows []string
		for _, s := range all {
			require.Nil(t, s.Problem)
			rows = append(rows, strings.Join(append(s.Cells[:3:3], s.Cells[4]), "|"))
		}
		return rows
	}
	require.Empty(t, cmp.Diff(codes(report), codes(again)))
}

// A report whose rows were mended is accepted with its columns still in it.
func TestReportCorrected(t *testing.T) {
	t.Parallel()
	f := open(t, "uid,name,phone,_line,_codes,_messages\n"+
		"1,2,,3,columns_missing,\"the record has 2 cells, the header 3\"\n"+
		"007,Rahim,01712345678,2,phone_invalid,=phone\n")
	require.Empty(t, f.mapping.Unknown)
	var row Row
	for range 2 {
		rec, err := f.reader.Read()
		require.NoError(t, err)
		require.Nil(t, f.parser.Parse(rec, &row))
		_, ok := f.parser.Key(rec)
		require.True(t, ok)
	}
}

// A record that is longer than a cell may be comes back in pieces, of which none is lost and none is accepted.
func TestReportOfALongSpan(t *testing.T) {
	t.Parallel()
	span := "1,\"" + strings.Repeat("\"\"", 50_000) + "\n"
	report := rejected(t, "uid,name,phone\n"+span)
	all, _ := readAll(t, strings.NewReader(report), dialectOf(",", 6), Position{Line: 1}, DefaultLimits)
	var joined strings.Builder
	for _, s := range all[1:] {
		require.Nil(t, s.Problem)
		joined.WriteString(s.Cells[0])
	}
	require.Equal(t, strings.TrimSuffix(span, "\n"), joined.String())
	rejected(t, report)
}

// Our own text does not begin like a formula.
func TestReportDisarms(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := NewReportWriter(&out, dialectOf(";", 1))
	rec := &Record{Raw: []byte("=1"), ends: []int32{2}, Start: Position{Line: 2}}
	require.NoError(t, w.Write(rec, []retailq.RowError{
		{Code: "x", Column: "=cmd|calc", Message: "bad; worse"}, {Code: "x", Message: "twice"},
	}))
	require.Equal(t, "=1;2;x;\"'=cmd|calc: bad; worse; twice\"\n", out.String())
}
