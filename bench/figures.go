package main

import (
	"fmt"
	"slices"
	"time"
)

// findings are all that one run has found.
type findings struct {
	when    time.Time
	options options
	machine machine
	races   []race
	// starts are times from enqueueing to start; progress and rows from POST to the first event that shows any.
	starts, progress, rows []time.Duration
}

// percentile returns the smallest value that at least the given percentage of values does not exceed: the nearest-rank
// definition, which never invents a value.
func percentile(values []time.Duration, percent int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := (len(sorted)*percent + 99) / 100
	return sorted[max(rank, 1)-1]
}

func median(values []time.Duration) time.Duration { return percentile(values, 50) }

// ratio is how many times as long a took as b, by their medians.
func ratio(a, b []time.Duration) float64 {
	return median(a).Seconds() / median(b).Seconds()
}

// summary shows a distribution in one line.
func summary(values []time.Duration) string {
	return fmt.Sprintf("p50 %s, p95 %s, p99 %s, max %s", millis(percentile(values, 50)), millis(percentile(values, 95)),
		millis(percentile(values, 99)), millis(percentile(values, 100)))
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
