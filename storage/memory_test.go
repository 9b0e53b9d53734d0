package storage_test

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/storage"
)

// TestMemoryIsFlat sends and reads much more than may be held. It is not parallel, so that the heap it looks at is its
// own.
func TestMemoryIsFlat(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() {
		t.Skip("moves 160 MiB twice")
	}
	const size, most = 160 << 20, 96 << 20 // bytes
	b := open(t, plainOptions(t))
	peak := &heapWatch{r: io.LimitReader(zeros{}, size)}
	o, err := b.Put(t.Context(), storage.Key(retailq.NewID(), "large"), peak, -1, "text/csv")
	require.NoError(t, err)
	require.EqualValues(t, size, o.Size)
	require.Less(t, peak.highest, uint64(most), "while writing")

	r, err := b.Get(t.Context(), o)
	require.NoError(t, err)
	peak = &heapWatch{r: r}
	n, err := io.Copy(io.Discard, peak)
	require.NoError(t, err)
	require.EqualValues(t, size, n)
	require.NoError(t, r.Close())
	require.Less(t, peak.highest, uint64(most), "while reading")
	require.NoError(t, b.Delete(t.Context(), o.Key))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// heapWatch looks at the live heap every 8 MiB that pass.
type heapWatch struct {
	r             io.Reader
	passed, asked int64
	highest       uint64 // bytes
}

func (h *heapWatch) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	h.passed += int64(n)
	if h.passed-h.asked >= 8<<20 {
		h.asked = h.passed
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		h.highest = max(h.highest, stats.HeapAlloc)
	}
	return n, err
}
