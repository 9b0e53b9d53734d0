package tabular

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"retailq"
)

// tight are limits that a fuzzer reaches.
var tight = Limits{RecordBytes: 48, FieldBytes: 20, Columns: 5}

// seen is a copy of what a Reader returned.
type seen struct {
	Start, End Position
	Raw        string
	Bytes      int64
	Cells      []string
	Bare       bool
	Problem    *Problem
}

func readAll(tb testing.TB, src io.Reader, d Dialect, at Position, limits Limits) ([]seen, *Reader) {
	tb.Helper()
	r := NewReader(src, d, at, limits)
	r.buf = make([]byte, 16) // so that records meet the end of the buffer
	var all []seen
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, r
		}
		require.NoError(tb, err)
		s := seen{
			Start: rec.Start, End: r.Position(), Raw: string(rec.Raw), Bytes: rec.Bytes, Bare: rec.BareQuotes,
		}
		for i := range rec.Len() {
			s.Cells = append(s.Cells, string(rec.Field(i)))
		}
		if rec.Problem != nil {
			problem := *rec.Problem
			s.Problem = &problem
		}
		all = append(all, s)
	}
}

func dialectOf(delimiter string, width int) Dialect {
	d := Dialect{Encoding: UTF8, Delimiter: delimiter, Header: make([]string, width)}
	for i := range d.Header {
		d.Header[i] = string(rune('a' + i))
	}
	return d
}

func seedReader(f *testing.F) {
	f.Helper()
	for _, text := range []string{
		"a,b,c\n1,2,3\n", "1,\"x\ny\",3\r\n4,5,6", "1,\"x\n2,b,c\n3,d,e\n", "1,\"x\"y,3\n1,2,3\n", "\r\r1,2,3\r4,5,6\r",
		",,\n  \n1,2,3,,\n", "1,2\n1,2,3,4\n", "1, \"a\"\"b\" ,3\n", "5\" pipe,2,3\n", "\"", "\"\"\"", "a\r\nb\n\rc",
		strings.Repeat("x", 100) + "\n1,2,3\n", "\"" + strings.Repeat("y\n", 60) + "1,2,3\n",
		"1,\"" + strings.Repeat("z", 30) + "\",3\n1,2,3\n",
	} {
		f.Add([]byte(text), uint8(0), uint8(3))
		f.Add([]byte(strings.ReplaceAll(text, ",", ";")), uint8(1), uint8(2))
	}
}

// FuzzReader shows that every byte belongs to a record, its line ending or a line without content, and that no
// record passes the limits.
func FuzzReader(f *testing.F) {
	seedReader(f)
	f.Fuzz(func(t *testing.T, data []byte, delimiter, width uint8) {
		d := dialectOf(delimiters[delimiter%4:][:1], int(width%6))
		all, r := readAll(t, bytes.NewReader(data), d, Position{Line: 1}, tight)
		at := Position{Line: 1}
		for _, s := range all {
			requireBlank(t, data[at.Offset:s.Start.Offset], d.Delimiter)
			require.Equal(t, at.Line+countLines(data[at.Offset:s.Start.Offset]), s.Start.Line)
			require.LessOrEqual(t, len(s.Raw), tight.RecordBytes)
			require.Equal(t, string(data[s.Start.Offset:][:len(s.Raw)]), s.Raw)
			ending := string(data[s.Start.Offset+s.Bytes : s.End.Offset])
			if s.End.Offset < int64(len(data)) || ending != "" {
				require.Contains(t, []string{"\n", "\r\n", "\r"}, ending)
			}
			require.Equal(t, s.Start.Line+countLines(data[s.Start.Offset:s.End.Offset]), s.End.Line)
			if s.Problem == nil && len(d.Header) > 0 {
				require.GreaterOrEqual(t, len(s.Cells), len(d.Header))
			}
			at = s.End
		}
		requireBlank(t, data[at.Offset:], d.Delimiter)
		require.EqualValues(t, len(data), r.Position().Offset)
	})
}

func requireBlank(t *testing.T, data []byte, delimiter string) {
	t.Helper()
	require.Empty(t, strings.Trim(string(data), delimiter+" \t\r\n"))
}

// FuzzReaderInPieces shows that any part of a file between two positions reads as it does within the whole, however
// the bytes arrive.
func FuzzReaderInPieces(f *testing.F) {
	seedReader(f)
	f.Fuzz(func(t *testing.T, data []byte, delimiter, width uint8) {
		if len(data) <= 4096 {
			requireSameInPieces(t, data, dialectOf(delimiters[delimiter%4:][:1], int(width%6)))
		}
	})
}

// TestReaderInPieces tries what a fuzzer takes long to come upon: texts of little but quotes and line endings.
func TestReaderInPieces(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 2025))
	for range 1000 {
		data := make([]byte, rng.IntN(150))
		alphabet := []string{"a,\"\n", "ab,,\"\"\n\r", "abcdef,, \"\n", "a,\"\r\n\t"}[rng.IntN(4)]
		for i := range data {
			data[i] = alphabet[rng.IntN(len(alphabet))]
		}
		requireSameInPieces(t, data, dialectOf(",", rng.IntN(4)))
	}
}

func requireSameInPieces(t *testing.T, data []byte, d Dialect) {
	t.Helper()
	whole, _ := readAll(t, bytes.NewReader(data), d, Position{Line: 1}, tight)
	requireSame := func(want []seen, src io.Reader, d Dialect, at Position) {
		t.Helper()
		got, _ := readAll(t, src, d, at, tight)
		if !reflect.DeepEqual(want, got) { // cmp.Diff is a hundred times slower
			t.Fatalf("%q from %d: %s", data, at.Offset, cmp.Diff(want, got))
		}
	}
	start := Position{Line: 1}
	requireSame(whole, iotest.OneByteReader(bytes.NewReader(data)), d, start)
	hinted := d
	hinted.Newline = NewlineCR
	requireSame(whole, bytes.NewReader(data), hinted, start)

	positions := []Position{start}
	for _, s := range whole {
		positions = append(positions, s.End)
	}
	for from := range whole {
		rest := data[positions[from].Offset:]
		requireSame(whole[from:], bytes.NewReader(rest), d, positions[from])
		for _, to := range []int{from + 1, from + 2, (from + len(positions)) / 2} {
			if to > from && to <= len(whole) {
				piece := data[positions[from].Offset:positions[to].Offset]
				requireSame(whole[from:to], bytes.NewReader(piece), d, positions[from])
			}
		}
	}
}

// FuzzAgainstStandard shows that what encoding/csv reads without complaint reads the same here.
func FuzzAgainstStandard(f *testing.F) {
	seedReader(f)
	f.Fuzz(func(t *testing.T, data []byte, delimiter, _ uint8) {
		if bytes.IndexByte(data, '\r') >= 0 { // they differ on purpose
			return
		}
		d := Dialect{Delimiter: delimiters[delimiter%4:][:1]}
		standard := csv.NewReader(bytes.NewReader(data))
		standard.Comma, standard.FieldsPerRecord = rune(d.Delimiter[0]), -1
		want, err := standard.ReadAll()
		if err != nil {
			return
		}
		all, _ := readAll(t, bytes.NewReader(data), d, Position{Line: 1}, DefaultLimits)
		var got [][]string
		for _, s := range all {
			got = append(got, s.Cells)
		}
		noContent := func(cells []string) bool {
			return strings.Trim(strings.Join(cells, ""), d.Delimiter+" \t\n") == ""
		}
		want, got = slices.DeleteFunc(want, noContent), slices.DeleteFunc(got, noContent)
		require.Empty(t, cmp.Diff(want, got, cmpopts.EquateEmpty()))
	})
}

// FuzzSniff shows that no beginning of a file makes Sniff panic, and that what it decides can be read.
func FuzzSniff(f *testing.F) {
	for _, text := range []string{
		"", "\xEF\xBB\xBF\"uid\",name\n1,2\n", "sep=;\nuid;name\n1;2\n", "\xFF\xFEa\x00", "PK\x03\x04", "a,b\n",
		"a,,b\n1,2,3", "a,a\n1,2\n", "a|b\r\n1|2\r\n", "\"a\nb,c\n", "sep=", "\"sep=,\"\r\n", "n\xE4me,b\n1,2\n",
	} {
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, whole bool) {
		d, err := Sniff(data, whole, tight)
		if err != nil {
			var e *retailq.Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Hint)
			return
		}
		require.NotEmpty(t, d.Header)
		readAll(t, bytes.NewReader(data[d.Start.Offset:]), d, d.Start, tight)
	})
}

// FuzzReport shows that a report keeps every rejected byte, reads back, and gives the same report again.
func FuzzReport(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n", "a;b\r\n\"1;\";2\r\n3\n", "a,b\n\"1,2\n3,4\n", "a,b\n1,2,3,4\n5\n", "a,b\n5\" x, \"y\" ,,\n",
		"a,b\n" + strings.Repeat("\"", 39) + "\n", "a,b\n1,\"x\"y\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Sniff(data, true, DefaultLimits)
		if err != nil || strings.Contains(strings.Join(d.Header, ""), "_") {
			return
		}
		all, report := reportOn(t, data, d)
		again := d // a report's dialect is known to be its original's; what Sniff makes of it is another matter
		again.Header = append(append([]string(nil), d.Header...), reportLine, reportCodes, reportMessages)
		again.Start = Position{Offset: int64(bytes.Index(report, []byte(reportMessages)) + len(reportMessages)), Line: 1}
		reread, second := reportOn(t, report, again)
		require.Len(t, reread, len(all))
		for i, s := range reread {
			require.Nil(t, s.Problem, "%q", s.Raw)
			if all[i].Problem != nil {
				require.Equal(t, all[i].Raw, s.Cells[0])
				require.Equal(t, all[i].Problem.Code, s.Cells[len(d.Header)+1])
				continue
			}
			require.Equal(t, all[i].Cells[:len(d.Header)], s.Cells[:len(d.Header)])
		}
		third, _ := reportOn(t, second, again)
		for i := range third {
			require.Equal(t, reread[i].Cells[:len(d.Header)], third[i].Cells[:len(d.Header)])
			require.Equal(t, reread[i].Cells[len(d.Header)+1], third[i].Cells[len(d.Header)+1])
		}
	})
}

// reportOn rejects every record of a file.
func reportOn(t *testing.T, data []byte, d Dialect) ([]seen, []byte) {
	t.Helper()
	var out bytes.Buffer
	w := NewReportWriter(&out, d)
	require.NoError(t, w.WriteHeader())
	m := Mapping{}
	for i, title := range d.Header {
		if title == reportCodes {
			m.Codes = i + 1
		}
	}
	if m.Codes == 0 || len(d.Header) > 4 {
		m.Columns = []MappedColumn{{Name: "a"}, {Name: "b", Index: 1}}
	}
	if len(d.Header) < 2 {
		m.Columns = nil
	}
	p := NewParser(Schema{Columns: []Column{{Name: "a"}, {Name: "b"}}}, m, Env{})
	var row Row
	r := NewReader(bytes.NewReader(data[d.Start.Offset:]), d, d.Start, DefaultLimits)
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		errs := p.Parse(rec, &row)
		if len(errs) == 0 || rec.Problem == nil && !isStructural(errs[0].Code) {
			errs = []retailq.RowError{{Code: "rejected", Message: `a message, with "quotes"; and more`}}
		}
		require.NoError(t, w.Write(rec, errs))
	}
	all, _ := readAll(t, bytes.NewReader(data[d.Start.Offset:]), d, d.Start, DefaultLimits)
	return all, out.Bytes()
}
