package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// outline is what readers of a file want to know of it: "line: cell|cell" for a sound record, "line: !code" for
// another, with the number of lines it covers where that is not one.
func outline(t *testing.T, text string, d Dialect, limits Limits) []string {
	t.Helper()
	all, r := readAll(t, strings.NewReader(text), d, Position{Line: 1}, limits)
	var lines []string
	for _, s := range all {
		line, what := s.Start.Line, strings.Join(s.Cells, "|")
		if s.Problem != nil {
			if what = "!" + s.Problem.Code; s.Problem.Line > 0 {
				line = s.Problem.Line
			}
			what = fmt.Sprintf("%s x%d", what, s.End.Line-s.Start.Line)
		}
		lines = append(lines, fmt.Sprintf("%d: %s", line, what))
	}
	if r.Blank() > 0 {
		lines = append(lines, fmt.Sprintf("blank %d", r.Blank()))
	}
	return lines
}

func TestReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 60)
	tests := []struct {
		name      string
		delimiter string
		text      string
		want      []string
	}{
		{"lf", ",", "1,2,3\n4,5,6\n", []string{"1: 1|2|3", "2: 4|5|6"}},
		{"crlf", ",", "1,2,3\r\n4,5,6\r\n", []string{"1: 1|2|3", "2: 4|5|6"}},
		{"cr", ",", "1,2,3\r4,5,6\r", []string{"1: 1|2|3", "2: 4|5|6"}},
		{"mixed", ",", "1,2,3\r4,5,6\n7,8,9\r\n\"a\",b,c\rd,e,f", []string{
			"1: 1|2|3", "2: 4|5|6", "3: 7|8|9", "4: a|b|c", "5: d|e|f"}},
		{"no newline at the end", ",", "1,2,3\n4,5,6", []string{"1: 1|2|3", "2: 4|5|6"}},
		{"semicolon", ";", "1;2,5;3\n", []string{"1: 1|2,5|3"}},
		{"tab", "\t", "1\t\t3\n", []string{"1: 1||3"}},
		{"pipe", "|", "a|\"b|c\"|d\n", []string{"1: a|b|c|d"}},
		{"quoted", ",", "\"1\",\"a,b\",\"say \"\"hi\"\"\"\n\"\",\"\"\"\",x\n", []string{
			"1: 1|a,b|say \"hi\"", "2: |\"|x"}},
		{"quoted line endings are kept", ",", "1,\"a\r\nb\",3\n4,\"a\nb\rc\",6\n7,8,9\n", []string{
			"1: 1|a\r\nb|3", "3: 4|a\nb\rc|6", "6: 7|8|9"}},
		{"spaces around quotes", ",", "1, \"a,b\" ,3\n", []string{"1: 1|a,b|3"}},
		{"bare quote", ",", "1,5\" pipe,3\n", []string{"1: 1|5\" pipe|3"}},
		{"too few cells", ",", "1,2\n1,2,3\n", []string{"1: !columns_missing x1", "2: 1|2|3"}},
		{"too many cells", ",", "1,2,3,4\n1,2,3\n", []string{"1: !columns_extra x1", "2: 1|2|3"}},
		{"empty cells at the end", ",", "1,2,3,,\n1,2,3, ,\"\"\n", []string{"1: 1|2|3||", "2: 1|2|3| |"}},
		{"lines without content", ",", "\n1,2,3\n  \t\n,,\n,, ,,,,\n4,5,6\n\n", []string{
			"2: 1|2|3", "6: 4|5|6", "blank 5"}},
		{"quote opened and never closed", ",", "1,\"a,3\n4,5,6\n7,8,9\n", []string{
			"1: !quote_broken x1", "2: 4|5|6", "3: 7|8|9"}},
		{"quote closed by the next opening one", ",", "1,\"a,3\n4,\"b\",6\n7,8,9\n", []string{
			"1: !quote_broken x1", "2: 4|b|6", "3: 7|8|9"}},
		{"text behind a quote", ",", "1,\"a\"b,3\n4,5,6\n", []string{"1: !quote_broken x1", "2: 4|5|6"}},
		{"backslash escapes", ",", "1,\"a \\\"b\\\"\",3\n4,5,6\n", []string{"1: !quote_broken x1", "2: 4|5|6"}},
		{"broken over several lines", ",", "1,\"a\nb\nc,3\n4,5,6\n", []string{"1: !quote_broken x3", "4: 4|5|6"}},
		{"opened on a later line", ",", "\"a\nb\",\"c,3\n4,5,6\n", []string{"2: !quote_broken x2", "3: 4|5|6"}},
		{"broken to the end", ",", "1,2,3\n4,\"a\nb\n", []string{"1: 1|2|3", "2: !quote_broken x2"}},
		{"nothing sound within reach", ",", "1,\"" + strings.Repeat("\na,b", 20) + "\n7,8,9\n", []string{
			"1: !quote_broken x12", "13: !columns_missing x1", "14: !columns_missing x1", "15: !columns_missing x1",
			"16: !columns_missing x1", "17: !columns_missing x1", "18: !columns_missing x1",
			"19: !columns_missing x1", "20: !columns_missing x1", "21: !columns_missing x1", "22: 7|8|9"}},
		{"long record", ",", "1,2,3\n" + long + "\n4,5,6\n", []string{
			"1: 1|2|3", "2: !record_too_long x1", "3: 4|5|6"}},
		{"long field", ",", "1," + long[:25] + ",3\n4,5,6\n", []string{"1: !field_too_long x1", "2: 4|5|6"}},
		{"long quoted field", ",", "1,\"" + long[:25] + "\",3\n4,5,6\n", []string{"1: !quote_broken x1", "2: 4|5|6"}},
		{"field at its limit", ",", "1,\"" + long[:20] + "\",3\n", []string{"1: 1|" + long[:20] + "|3"}},
		{"nul and bad bytes pass", ",", "\x00,\xff,3\n", []string{"1: \x00|\xff|3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := outline(t, tt.text, dialectOf(tt.delimiter, 3), tight)
			require.Empty(t, cmp.Diff(tt.want, got))
		})
	}
}

func TestReaderTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	all, _ := readAll(t, strings.NewReader("\"a\nb\",\"c,3\n4,5,6\n"), dialectOf(",", 3), Position{Line: 10}, tight)
	require.Equal(t, Position{Line: 10}, all[0].Start)
	require.Equal(t, Position{Offset: 11, Line: 12}, all[1].Start)
	want := &Problem{
		Code: CodeQuoteBroken, Line: 11, Value: "\"c,3\n",
		Message: "the quote that opens cell 2 on line 11 is not closed properly",
		Hint: "Close the quote at the end of the cell, write quotes inside it twice (\"\"), " +
			"and keep the cell under 20 bytes.",
	}
	require.Empty(t, cmp.Diff(want, all[0].Problem))
}

// A cell that is too long for one limit and a record too long for the other are passed without being held.
func TestReaderHoldsOneRecord(t *testing.T) {
	t.Parallel()
	const size = 64 << 20
	line := io.LimitReader(endless('x'), size)
	src := io.MultiReader(strings.NewReader("1,2,3\n4,\""), line, strings.NewReader("\n7,8,9\n"))
	r := NewReader(src, dialectOf(",", 3), Position{}, Limits{})
	var got []string
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		code := ""
		if rec.Problem != nil {
			code = rec.Problem.Code
		}
		got = append(got, fmt.Sprintf("%d %d %s", rec.Start.Line, rec.Bytes, code))
	}
	require.Equal(t, []string{"1 5 ", fmt.Sprintf("2 %d record_too_long", size+3), "3 5 "}, got)
	require.LessOrEqual(t, len(r.buf), 4*DefaultLimits.RecordBytes)
}

// endless is a source of one byte.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// A source that fails within a record has not ended: what was read of the record is not taken for one.
func TestReaderSourceFails(t *testing.T) {
	t.Parallel()
	fault := errors.New("connection reset")
	for _, rest := range []string{"4,5", "4,\"5", "4,\"5\n6\"x,", "", ",,", strings.Repeat("z", 100)} {
		src := io.MultiReader(strings.NewReader("1,2,3\n"+rest), iotest.ErrReader(fault))
		r := NewReader(src, dialectOf(",", 3), Position{}, tight)
		_, err := r.Read()
		require.NoError(t, err)
		at := r.Position()
		for range 2 {
			_, err = r.Read()
			require.ErrorIs(t, err, fault, "%q", rest)
		}
		require.Equal(t, Position{Offset: 6, Line: 2}, at)
		require.Equal(t, at, r.Position(), "%q", rest)
	}
	_, err := NewReader(silent{}, dialectOf(",", 3), Position{}, tight).Read()
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// silent never returns anything, as a broken source may.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

func TestReaderAcrossBuffers(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for i := range 40_000 {
		fmt.Fprintf(&b, "%d,\"a \"\"quoted\"\"\nname\",%s\r\n", i, strings.Repeat("y", i%97))
	}
	r := NewReader(&b, dialectOf(",", 3), Position{Line: 1}, Limits{})
	for i := range 40_000 {
		rec, err := r.Read()
		require.NoError(t, err)
		require.Nil(t, rec.Problem)
		require.Equal(t, fmt.Sprint(i), string(rec.Field(0)))
		require.Equal(t, "a \"quoted\"\nname", string(rec.Field(1)))
		require.EqualValues(t, 2*i+1, rec.Start.Line)
	}
	require.LessOrEqual(t, len(r.buf), firstRead)
}

func TestShorten(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Repeat("ä", 200), shorten([]byte(strings.Repeat("ä", 300))))
	require.Equal(t, strings.Repeat("😀", 200), shorten([]byte(strings.Repeat("😀", 201))))
	require.Equal(t, "a\uFFFDb\uFFFD", shorten([]byte("a\x00b\xff")))
	require.Equal(t, strings.Repeat("x", 200), shorten([]byte(strings.Repeat("x", 200))))
}
