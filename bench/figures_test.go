package main

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(100-i))
	}
	require.EqualValues(t, 1, percentile(hundred, 0))
	require.EqualValues(t, 50, percentile(hundred, 50))
	require.EqualValues(t, 99, percentile(hundred, 99))
	require.EqualValues(t, 100, percentile(hundred, 100))
	require.EqualValues(t, 2, median([]time.Duration{3, 1, 2}))
	require.EqualValues(t, 7, percentile([]time.Duration{7}, 99))
	require.Zero(t, percentile(nil, 50))
	require.InDelta(t, 0.5, ratio([]time.Duration{1, 2, 9}, []time.Duration{4}), 1e-9)
}

func TestParse(t *testing.T) {
	t.Parallel()
	o, err := parse(nil, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []int{100_000, 1_000_000}, o.sizes)
	o, err = parse([]string{"-quick", "-update"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []int{100_000}, o.sizes)
	require.True(t, o.update)
	o, err = parse([]string{"-rows", "10,2000"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []int{10, 2000}, o.sizes)
	for _, args := range [][]string{{"-rows", "many"}, {"-rows", "0"}, {"-repeat", "0"}, {"extra"}} {
		_, err := parse(args, io.Discard)
		require.Error(t, err, "%q", args)
	}
}
