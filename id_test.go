package retailq_test

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

const knownID = "01890a5d-ac96-774b-bcce-b302099a8057"

func TestNewIDHasTheLayoutOfVersion7(t *testing.T) {
	t.Parallel()
	before := time.Now().UnixMilli()
	id := retailq.NewID()
	after := time.Now().UnixMilli()

	require.Equal(t, byte(7), id[6]>>4, "version")
	require.Equal(t, byte(0b10), id[8]>>6, "variant")
	var ms int64
	for _, b := range id[:6] {
		ms = ms<<8 | int64(b)
	}
	require.GreaterOrEqual(t, ms, before)
	require.LessOrEqual(t, ms, after)
}

// The fraction of the millisecond takes part, so that ids of one goroutine sort even within a millisecond; two of the
// same 244 ns may come in either order.
func TestIDsSortByCreation(t *testing.T) {
	t.Parallel()
	var ids []string
	for range 100 {
		next := time.Now().Add(time.Microsecond)
		for time.Now().Before(next) { // too short to wait for in any other way
		}
		ids = append(ids, retailq.NewID().String())
	}
	require.True(t, slices.IsSorted(ids))
}

func TestIDsAreUnique(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 5000
	var mu sync.Mutex
	seen := map[retailq.ID]bool{}
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			ids := make([]retailq.ID, each)
			for i := range ids {
				ids[i] = retailq.NewID()
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				seen[id] = true
			}
		})
	}
	all.Wait()
	require.Len(t, seen, goroutines*each)
}

func TestParseID(t *testing.T) {
	t.Parallel()
	id, err := retailq.ParseID(knownID)
	require.NoError(t, err)
	require.Equal(t, knownID, id.String())

	upper, err := retailq.ParseID("01890A5D-AC96-774B-BCCE-B302099A8057")
	require.NoError(t, err)
	require.Equal(t, id, upper)

	for _, text := range []string{
		"", "x", knownID[1:], knownID + "0", "{" + knownID[1:35] + "}", "01890a5dac96774bbcceb302099a8057",
		"01890a5d-ac96-774b-bcce_b302099a8057", "01890a5d-ac96-774b-bcce-b302099a805g",
		"ü1890a5d-ac96-774b-bcce-b302099a805",
	} {
		_, err := retailq.ParseID(text)
		require.ErrorIs(t, err, retailq.ErrInvalid, text)
	}
}

func TestZeroIDMeansNone(t *testing.T) {
	t.Parallel()
	var none retailq.ID
	require.True(t, none.IsZero())
	require.Empty(t, none.String())
	value, err := none.Value()
	require.NoError(t, err)
	require.Nil(t, value)

	encoded, err := json.Marshal(struct {
		Always retailq.ID `json:"always"`
		Rarely retailq.ID `json:"rarely,omitzero"`
	}{})
	require.NoError(t, err)
	require.JSONEq(t, `{"always": ""}`, string(encoded))
	decoded := retailq.NewID()
	require.NoError(t, json.Unmarshal([]byte(`""`), &decoded))
	require.True(t, decoded.IsZero())
}

func TestScanID(t *testing.T) {
	t.Parallel()
	want, err := retailq.ParseID(knownID)
	require.NoError(t, err)
	for _, src := range []any{knownID, []byte(knownID), [16]byte(want)} {
		var got retailq.ID
		require.NoError(t, got.Scan(src))
		require.Equal(t, want, got)
	}
	got := want
	require.NoError(t, got.Scan(nil))
	require.True(t, got.IsZero(), "NULL")
	require.ErrorContains(t, got.Scan(7), "scan int into retailq.ID")

	got = want
	require.ErrorIs(t, got.Scan("nonsense"), retailq.ErrInvalid)
	require.Equal(t, want, got, "an id that cannot be read changes nothing")
}

func FuzzParseID(f *testing.F) {
	f.Add(knownID)
	f.Add("01890A5D-AC96-774B-BCCE-B302099A8057")
	f.Add("00000000-0000-0000-0000-000000000000")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := retailq.ParseID(text)
		if err != nil {
			require.ErrorIs(t, err, retailq.ErrInvalid)
			require.True(t, id.IsZero())
			return
		}
		require.Len(t, text, 36)
		if id.IsZero() {
			return
		}
		again, err := retailq.ParseID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, again)
	})
}
