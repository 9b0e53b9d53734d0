package main

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq/cmd/internal/sample"
	"retailq/jobs"
	"retailq/tabular"
)

// fates is what reading a sample by the importer's own rules comes to.
type fates struct {
	rows, duplicates int64
	codes            map[string]int64
}

// readSample reads a file as an import does, save for the regions and areas, which only a database knows.
func readSample(t *testing.T, file []byte, country string) fates {
	t.Helper()
	dialect, err := tabular.Sniff(file[:min(len(file), tabular.SampleBytes)], len(file) <= tabular.SampleBytes,
		tabular.DefaultLimits)
	require.NoError(t, err)
	mapping, err := jobs.Retailers.Map(dialect.Header, nil)
	require.NoError(t, err)
	require.Empty(t, mapping.Unknown)
	body := bytes.NewReader(file[dialect.Start.Offset:])
	reader := tabular.NewReader(body, dialect, dialect.Start, tabular.DefaultLimits)
	parser := tabular.NewParser(jobs.Retailers, mapping, tabular.Env{Country: country})

	places := map[sample.Place]bool{}
	regions := map[string]bool{}
	for _, p := range sample.Places() {
		places[p], regions[p.Region] = true, true
	}
	f := fates{codes: map[string]int64{}}
	uids := map[string]bool{}
	var row tabular.Row
	for {
		rec, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return f
		}
		require.NoError(t, err)
		f.rows++
		if key, ok := parser.Key(rec); ok {
			if uids[string(key)] {
				f.duplicates++
			}
			uids[string(key)] = true
		}
		errs := parser.Parse(rec, &row)
		require.LessOrEqual(t, len(errs), 1, "line %d: %v", rec.Start.Line, errs)
		switch {
		case len(errs) == 1:
			f.codes[errs[0].Code]++
		case !regions[string(row.Values[3])]:
			f.codes["region_unknown"]++
		case !places[sample.Place{Region: string(row.Values[3]), Area: string(row.Values[4])}]:
			f.codes["area_unknown"]++
		}
	}
}

func TestSampleIsReadAsMeant(t *testing.T) {
	t.Parallel()
	for _, o := range []sample.Options{
		{Rows: 5000, Bad: 1, Seed: 7},
		{Rows: 2000, Bad: 50, Seed: 1},
		{Rows: 2000, Bad: 100, Seed: 2},
		{Rows: 3000, Seed: 3},
		{Rows: 3000, Bad: 5, Seed: 4, Country: "GB"},
	} {
		var file bytes.Buffer
		require.NoError(t, sample.Write(&file, o))
		country := o.Country
		if country == "" {
			country = "BD"
		}
		got := readSample(t, file.Bytes(), country)
		require.Equal(t, o.Rows, got.rows, "%+v", o)
		require.Equal(t, o.Counts().Duplicate, got.duplicates, "%+v", o)
		require.Equal(t, expectedCodes(o), got.codes, "%+v", o)
	}
}

// expectedCodes counts the bad rows of a sample by code: the kinds take turns.
func expectedCodes(o sample.Options) map[string]int64 {
	codes := map[string]int64{}
	counts := o.Counts()
	kinds := sample.BadKinds()
	if counts.Duplicate == 0 {
		kinds = kinds[:len(kinds)-1]
	}
	for i := range counts.Rejected + counts.Duplicate {
		if code := kinds[i%int64(len(kinds))].Code; code != "" {
			codes[code]++
		}
	}
	return codes
}
