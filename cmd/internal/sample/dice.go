package sample

import "math/bits"

// dice is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). It is
// written out here because the samples must stay the same whatever a library's generator becomes.
type dice struct{ state uint64 }

const golden = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio, the increment of SplitMix64

// newDice returns the dice of one row, so that no row depends on those before it.
func newDice(seed uint64, row int64) *dice {
	d := dice{state: seed * golden}
	return &dice{state: d.next() ^ uint64(row)*0xD1342543DE82EF95} // any odd factor tells the rows apart
}

func (d *dice) next() uint64 {
	d.state += golden
	z := d.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// below returns a number from 0 to n-1.
func (d *dice) below(n int) int {
	high, _ := bits.Mul64(d.next(), uint64(n))
	return int(high)
}

// percent reports true n times in a hundred.
func (d *dice) percent(n int) bool { return d.below(100) < n }

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }
