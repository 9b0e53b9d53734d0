package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq/store"
)

func TestReport(t *testing.T) {
	t.Parallel()
	text := report(findings{
		when:    time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC),
		options: options{workers: 2, repeat: 3},
		machine: machine{cores: 2, memory: 4 << 30, system: "linux/amd64", postgres: "17.1", redis: "7.0"},
		races: []race{{
			rows: 100_000, loaded: 99_043, memory: 60 << 20,
			first: []time.Duration{3 * time.Second, 2 * time.Second, 8 * time.Second},
			again: []time.Duration{time.Second}, psql: []time.Duration{4 * time.Second},
		}},
		starts:   []time.Duration{12 * time.Millisecond},
		progress: []time.Duration{400 * time.Millisecond},
		rows:     []time.Duration{500 * time.Millisecond},
	})
	require.Contains(t, text, "Measured on 2026-11-01 08:00 UTC: 2 cores, 4096 MiB of memory")
	require.Regexp(t, `import of 100,000 rows \(99,043 stored\) +\| 3\.00 s +\| psql 4\.00 s +\| 0\.75 × .* yes +\|`, text)
	require.Regexp(t, `the same file again, 100,000 rows +\| 1\.00 s .* 0\.33 × +\| ≤ 0\.30 × +\| no +\|`, text)
	require.Regexp(t, `first progress seen, p99 +\| 400\.0 ms .*\| no +\|`, text)
	require.Contains(t, text, "| 3.00, 2.00, 8.00 |")
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1_234_567: "1,234,567"} {
		require.Equal(t, want, thousands(n))
	}
}

func TestReplaceFigures(t *testing.T) {
	t.Parallel()
	document := []byte("# Title\n" + figuresBegin + "old\n" + figuresEnd + "rest\n")
	updated, err := replaceFigures(document, "new\n")
	require.NoError(t, err)
	require.Equal(t, "# Title\n"+figuresBegin+"\nnew\n\n"+figuresEnd+"rest\n", string(updated))
	again, err := replaceFigures(updated, "new\n")
	require.NoError(t, err)
	require.Equal(t, updated, again)
	_, err = replaceFigures([]byte("no marks"), "new\n")
	require.Error(t, err)
}

func TestPlacesIn(t *testing.T) {
	t.Parallel()
	f := "uid,region,area\n1,Dhaka,Mirpur\n2,Dhaka,Uttara\n3,Dhaka,Mirpur\n"
	places, err := placesIn(strings.NewReader(f))
	require.NoError(t, err)
	require.Equal(t, []store.Place{{Region: "Dhaka", Area: "Mirpur"}, {Region: "Dhaka", Area: "Uttara"}}, places)
	_, err = placesIn(strings.NewReader("uid,name\n"))
	require.Error(t, err)
}

func TestKilobytes(t *testing.T) {
	t.Parallel()
	status := []byte("Name:\tworker\nVmPeak:\t 2048 kB\nVmHWM:\t   64 kB\n")
	require.EqualValues(t, 64<<10, kilobytes(status, "VmHWM:"))
	require.Zero(t, kilobytes(status, "VmSwap:"))
}
