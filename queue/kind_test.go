package queue_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"retailq"
	"retailq/queue"
)

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := queue.Backoff{
			First: time.Duration(rapid.Int64Range(int64(10*time.Millisecond), int64(time.Hour)).Draw(t, "first")),
			Max:   time.Duration(rapid.Int64Range(1, math.MaxInt64/2).Draw(t, "max")),
		}
		n := rapid.IntRange(1, math.MaxInt32).Draw(t, "n")
		want := float64(b.Max)
		if grown := float64(b.First) * math.Pow(2, float64(n-1)); grown < want {
			want = grown
		}
		got := float64(b.Delay(n))
		require.GreaterOrEqual(t, got, math.Floor(want/2)*0.999999)
		require.LessOrEqual(t, got, want*1.000001)
		require.LessOrEqual(t, b.Delay(n), b.Max)
	})
}

func TestBackoffDefaults(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]time.Duration{
		1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 20: 5 * time.Minute, math.MaxInt32: 5 * time.Minute,
	} {
		got := queue.Backoff{}.Delay(n)
		require.GreaterOrEqual(t, got, want/2)
		require.LessOrEqual(t, got, want)
	}
	long := queue.Backoff{First: time.Hour}.Delay(9)
	require.GreaterOrEqual(t, long, 30*time.Minute)
	require.LessOrEqual(t, long, time.Hour)
}

func TestBackoffSpreads(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for range 20 {
		seen[queue.Backoff{First: time.Minute, Max: time.Hour}.Delay(1)] = true
	}
	require.Greater(t, len(seen), 10)
}

func TestBindingsThatContradictAreRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	nothing := func(context.Context, *queue.Run, struct{}) error { return nil }
	kind := queue.Kind[struct{}]{Name: "test.kind", Queue: queue.Default, MaxAttempts: 1}
	_, err := queue.NewWorker(f.DB, f.redis,
		[]queue.Binding{queue.Bind(kind, nothing), queue.Bind(kind, nothing)}, nil, options())
	require.ErrorContains(t, err, "two bindings of kind test.kind")
	kind.Queue = "attic"
	_, err = queue.NewWorker(f.DB, f.redis, []queue.Binding{queue.Bind(kind, nothing)}, nil, options())
	require.ErrorContains(t, err, `no queue "attic"`)
}

func TestKindDescribesItsJobs(t *testing.T) {
	t.Parallel()
	tenant := retailq.NewID()
	kind := queue.Kind[input]{Name: "test.kind", Queue: queue.Bulk, MaxAttempts: 4}
	n := kind.New(t.Context(), tenant, input{Text: "x"}, "me")
	require.Equal(t, "test.kind", n.Kind)
	require.Equal(t, queue.Bulk, n.Queue)
	require.Equal(t, 4, n.MaxAttempts)
	require.Equal(t, tenant, n.TenantID)
	require.Equal(t, input{Text: "x"}, n.Args)
	require.Equal(t, "me", n.CreatedBy)
}
