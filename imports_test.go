package retailq_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"retailq"
)

func TestImportRowsAlwaysReconcile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fates := []string{
			retailq.CountCreated, retailq.CountUpdated, retailq.CountUnchanged, retailq.CountDuplicate, retailq.CountRejected,
		}
		counters, done := retailq.Counters{}, int64(0)
		for _, fate := range fates {
			counters[fate] = rapid.Int64Range(0, 1e9).Draw(t, fate)
			done += counters[fate]
		}
		left := rapid.Int64Range(0, 1e9).Draw(t, "left")
		counters[retailq.CountRead] = done + left

		r := retailq.ImportRowsOf(counters)
		require.Equal(t, left, r.Unprocessed)
		require.Equal(t, r.Read, r.Created+r.Updated+r.Unchanged+r.Duplicate+r.Rejected+r.Unprocessed)
	})
}

func TestImportRowsOfNothing(t *testing.T) {
	t.Parallel()
	require.Equal(t, retailq.ImportRows{}, retailq.ImportRowsOf(nil))
}
