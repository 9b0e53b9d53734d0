package obs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq/internal/obs"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "b7ad6b7169203331"
)

func TestParseTrace(t *testing.T) {
	t.Parallel()
	for header, sampled := range map[string]bool{
		"00-" + traceID + "-" + parent + "-01": true, "00-" + traceID + "-" + parent + "-00": false,
		"00-" + traceID + "-" + parent + "-03": true, "cc-" + traceID + "-" + parent + "-00-what-the-future-brings": false,
	} {
		got, ok := obs.ParseTrace(header)
		require.True(t, ok, header)
		require.Equal(t, obs.Trace{ID: traceID, Parent: parent, Sampled: sampled}, got)
	}
	for _, header := range []string{
		"", "00", "00-" + traceID + "-" + parent, "ff-" + traceID + "-" + parent + "-01",
		"00-" + traceID + "-" + parent + "-01-x", "cc-" + traceID + "-" + parent + "-01x",
		"00-" + strings.ToUpper(traceID) + "-" + parent + "-01", "00-" + strings.Repeat("0", 32) + "-" + parent + "-01",
		"00-" + traceID + "-" + strings.Repeat("0", 16) + "-01", "00-" + traceID + "-" + parent + "-0g",
		"00_" + traceID + "-" + parent + "-01",
	} {
		_, ok := obs.ParseTrace(header)
		require.False(t, ok, header)
	}
}

func TestContinue(t *testing.T) {
	t.Parallel()
	header := "00-" + traceID + "-" + parent + "-01"
	given := obs.TraceOf(obs.Continue(t.Context(), header))
	require.Equal(t, header, given.String())
	next := given.Next()
	require.Equal(t, given.ID, next.ID)
	require.NotEqual(t, given.Parent, next.Parent)

	fresh := obs.TraceOf(obs.Continue(t.Context(), "nonsense"))
	again, ok := obs.ParseTrace(fresh.String())
	require.True(t, ok)
	require.Equal(t, fresh, again)
	require.Zero(t, obs.TraceOf(t.Context()))
	require.Empty(t, obs.TraceOf(t.Context()).String())
}

func FuzzParseTrace(f *testing.F) {
	f.Add("00-" + traceID + "-" + parent + "-01")
	f.Fuzz(func(t *testing.T, header string) {
		got, ok := obs.ParseTrace(header)
		if !ok {
			require.Zero(t, got)
			return
		}
		again, ok := obs.ParseTrace(got.String())
		require.True(t, ok)
		require.Equal(t, got, again)
	})
}
