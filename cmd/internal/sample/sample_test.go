package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t testing.TB, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, o))
	return b.Bytes()
}

// TestSameBytes: whoever measures or compares by a sample relies on its bytes. A change here is one that users notice.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		options Options
		sha256  string
	}{
		{Options{Rows: 1000, Seed: 1},
			"11dcb4561e8e9ff00e0949496928f3b119ec3ae0c5c10c1196ca7bae503d0068"},
		{Options{Rows: 1000, Bad: 5, Seed: 1},
			"c7b1f5b4879830ebb97e8f32b7816acd7f72c6a969afbefd1d5c6ab5792e731e"},
		{Options{Rows: 100_000, Bad: 1, Seed: 7},
			"4e7bac1d6d6d125f29f22634e08dd48f6dd403647b8c1416ed13069e79064164"},
		{Options{Rows: 1000, Bad: 5, Seed: 1, Country: "GB"},
			"79b72ab334056929923a9b78e27048c9ea8b75e8b3565c97d30f4310d82c351e"},
	} {
		sum := sha256.Sum256(write(t, tt.options))
		require.Equal(t, tt.sha256, hex.EncodeToString(sum[:]), "%+v", tt.options)
	}
}

func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, write(t, Options{Rows: 10, Seed: 1}), write(t, Options{Rows: 10, Seed: 2}))
}

// TestGoodRows: encoding/csv knows nothing of what this package thinks CSV is.
func TestGoodRows(t *testing.T) {
	t.Parallel()
	in := csv.NewReader(bytes.NewReader(write(t, Options{Rows: 5000, Seed: 3})))
	records, err := in.ReadAll()
	require.NoError(t, err)
	require.Equal(t, Header, strings.Join(records[0], ","))
	require.Len(t, records, 5001)
	seen := map[string]bool{}
	lines := false
	for _, record := range records[1:] {
		require.False(t, seen[record[0]], "uid %s twice", record[0])
		seen[record[0]] = true
		require.NotEmpty(t, record[1])
		lines = lines || strings.Contains(record[5], "\n")
	}
	require.True(t, lines, "no address is written on two lines")
}

func TestCountries(t *testing.T) {
	t.Parallel()
	in := csv.NewReader(bytes.NewReader(write(t, Options{Rows: 500, Seed: 3, Country: "GB"})))
	records, err := in.ReadAll()
	require.NoError(t, err)
	for _, record := range records[1:] {
		require.Regexp(t, `^(\+880.*)?$`, record[2])
	}
}

// TestBadRows: as many as asked for, wherever the file ends, and every kind among them.
func TestBadRows(t *testing.T) {
	t.Parallel()
	kinds := int64(len(badKinds))
	for _, o := range []Options{
		{Rows: 1, Bad: 100}, {Rows: 99, Bad: 1}, {Rows: 100, Bad: 1}, {Rows: 2300, Bad: 1}, {Rows: 1000, Bad: 33.3333},
		{Rows: 1000, Bad: 50}, {Rows: 1000, Bad: 60}, {Rows: 1000, Bad: 100}, {Rows: 100_000, Bad: 0.001}, {Rows: 10},
	} {
		plan := o.plan()
		seen := map[string]int64{}
		var bad, duplicates int64
		for i := range o.Rows {
			b, isBad := plan.at(i)
			if !isBad {
				continue
			}
			bad++
			seen[b.kind.Name]++
			if b.kind.append == nil {
				duplicates++
				require.Less(t, b.earlier, i)
				_, earlierIsBad := plan.at(b.earlier)
				require.False(t, earlierIsBad)
			}
		}
		require.Equal(t, int64(math.Floor(float64(o.Rows)*o.Bad/100)), bad, "%+v", o)
		require.Equal(t, Counts{Rejected: bad - duplicates, Duplicate: duplicates}, o.Counts(), "%+v", o)
		if bad >= kinds && o.Bad <= 50 {
			require.Len(t, seen, len(badKinds), "%+v", o)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Rows: -1}, {Rows: 1, Bad: -1}, {Rows: 1, Bad: 100.1}, {Rows: 1, Bad: math.NaN()}} {
		require.Error(t, Write(io.Discard, o), "%+v", o)
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteFails(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, Write(fullDisk{}, Options{Rows: 10}), errFull)
}

func TestPlacesAreACopy(t *testing.T) {
	t.Parallel()
	Places()[0] = Place{}
	require.Equal(t, Place{Region: "Dhaka", Area: "Mirpur"}, Places()[0])
	require.Len(t, Places(), 64)
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	require.NoError(b, Write(io.Discard, Options{Rows: int64(b.N), Bad: 1}))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
