package sample

import "math"

// million is the whole of what shares are counted in: parts per million, which are exact where percentages are not.
const million = 1_000_000

// plan says which rows are bad. The file is cut into strides of about million/share rows with one bad row each, at a
// place that the seed decides; a stride that the end of the file cuts off has none.
type plan struct {
	share int64 // bad rows per million
	bad   int64 // bad rows in the file
	seed  uint64
	kinds []BadKind
}

// badRow is one bad row: its kind, and an earlier and good row of its stride if there is one.
type badRow struct {
	kind    *BadKind
	earlier int64
}

func (o Options) plan() plan {
	p := plan{share: int64(math.Round(o.Bad * million / 100)), seed: o.Seed, kinds: badKinds}
	// The product stays within 64 bits up to 9 × 10^12 rows.
	p.bad = o.Rows * p.share / million
	if p.share > million/2 {
		// There are strides of a single row, and in them no earlier row whose uid could be taken.
		p.kinds = badKinds[:len(badKinds)-1]
	}
	return p
}

// at returns what is bad about row i, if anything is.
func (p plan) at(i int64) (badRow, bool) {
	stride := i * p.share / million
	if stride >= p.bad {
		return badRow{}, false
	}
	first, next := p.start(stride), p.start(stride+1)
	bad := badRow{kind: &p.kinds[stride%int64(len(p.kinds))]}
	d := newDice(^p.seed, stride)
	chosen := first + int64(d.below(int(next-first)))
	if bad.kind.append == nil {
		chosen = first + 1 + int64(d.below(int(next-first-1)))
		bad.earlier = first + int64(d.below(int(chosen-first)))
	}
	return bad, chosen == i
}

// start is the first row of a stride: the first i for which i × share / million is at least the stride.
func (p plan) start(stride int64) int64 { return (stride*million + p.share - 1) / p.share }

// append appends the bad row, made of what would have been a good one.
func (bad badRow) append(b []byte, r row) []byte {
	if bad.kind.append == nil {
		r.number = bad.earlier
		return r.append(b)
	}
	return bad.kind.append(b, &r)
}
