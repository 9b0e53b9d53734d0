package jobs

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestLosersAreAllButTheLast compares the index, spilling often, with a map.
func TestLosersAreAllButTheLast(t *testing.T) {
	t.Parallel()
	for _, capacity := range []int{1, 100, 1000, 100_000} {
		t.Run(fmt.Sprint(capacity), func(t *testing.T) {
			t.Parallel()
			const records = 20_000
			index := newKeyIndex(capacity * 10)
			defer index.close()
			last := map[string]int64{}
			keys := make([]string, records)
			dice := rand.New(rand.NewPCG(1, uint64(capacity)))
			for i := range int64(records) {
				keys[i] = fmt.Sprintf("key-%d", dice.IntN(records/2))
				last[keys[i]] = i
				require.NoError(t, index.add([]byte(keys[i]), i))
			}
			losers, err := index.losers(records)
			require.NoError(t, err)
			for i := range int64(records) {
				require.Equal(t, last[keys[i]] != i, losers.has(i), "record %d", i)
			}
		})
	}
}

func TestLosersSurviveEncoding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flags := rapid.SliceOfN(rapid.Bool(), 1, 300).Draw(t, "flags")
		first := rapid.IntRange(0, len(flags)-1).Draw(t, "first")
		all := newBitmap(int64(len(flags)))
		for i, set := range flags {
			if set {
				all.set(int64(i))
			}
		}
		n := len(flags) - first
		decoded, err := decodeLosers(all.encode(int64(first), n), n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if decoded.has(int64(i)) != flags[first+i] {
				t.Fatalf("record %d: %v", first+i, !flags[first+i])
			}
		}
	})
}

func FuzzDecodeLosers(f *testing.F) {
	f.Add([]byte{1, 2, 3}, 10)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 5)
	f.Fuzz(func(_ *testing.T, encoded []byte, n int) {
		if n >= 0 && n < 1<<16 {
			_, _ = decodeLosers(encoded, n) // must not panic
		}
	})
}
