// Package sample writes files of made-up retailers: the same bytes for the same options on any machine, in memory that
// does not grow with their number. The shops, people and addresses are invented; their names are of the kind that a
// wholesaler in Bangladesh would know. It knows nothing of how such files are read.
package sample

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// Header is the first line of every sample.
const Header = "uid,name,phone,region,area,address,credit_limit,active,last_activity_at"

// Options say which file to write.
type Options struct {
	// Rows is how many records follow the header.
	Rows int64
	// Bad is the share of bad rows, in percent: exactly Rows × Bad / 100 of them, rounded down, spread over the whole
	// file, and of every kind of [BadKinds] in turn. It is taken to four decimals.
	Bad float64
	// Seed picks one of many files.
	Seed uint64
	// Country is the ISO 3166-1 alpha-2 code of the tenant whose file it is; empty means BD. Phone numbers are always
	// Bangladeshi. Where the country is another one, they are written with + and country code.
	Country string
}

// flushAt is how much is collected before it is written.
const flushAt = 64 << 10

// Check returns what is wrong with the options.
func (o Options) Check() error {
	switch {
	case o.Rows < 1:
		return errors.New("rows must be at least 1")
	case !(o.Bad >= 0 && o.Bad <= 100): // in this form it refuses NaN too
		return errors.New("bad must be a percentage from 0 to 100")
	}
	return nil
}

// Write writes the file.
func Write(w io.Writer, o Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	plan := o.plan()
	f := formats{national: o.Country == "" || o.Country == "BD"}
	buf := append(make([]byte, 0, flushAt+4<<10), Header+"\n"...)
	for i := range o.Rows {
		r := f.invent(newDice(o.Seed, i), i)
		if bad, isBad := plan.at(i); isBad {
			buf = bad.append(buf, r)
		} else {
			buf = r.append(buf)
		}
		if len(buf) < flushAt && i < o.Rows-1 {
			continue
		}
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("write sample: %w", err)
		}
		buf = buf[:0]
	}
	return nil
}

// Counts are what an import of a sample comes to.
type Counts struct {
	// Rejected rows are bad and have a problem each.
	Rejected int64
	// Duplicate rows are replaced by a later one with their uid: there is nothing wrong with either.
	Duplicate int64
}

// Counts returns what becomes of the bad rows, where the regions and areas of [Places] exist and no others are
// created. All other rows are good.
func (o Options) Counts() Counts {
	plan := o.plan()
	kinds := int64(len(plan.kinds))
	duplicates := plan.bad / kinds
	last := slices.IndexFunc(plan.kinds, func(k BadKind) bool { return k.Code == "" })
	switch {
	case last < 0:
		duplicates = 0
	case plan.bad%kinds > int64(last):
		duplicates++
	}
	return Counts{Rejected: plan.bad - duplicates, Duplicate: duplicates}
}

// row is one retailer. Its texts are as they stand in the file, quotes and all.
type row struct {
	number  int64
	name    string
	phone   phone
	place   Place
	address address
	credit  string
	active  string
	seen    string
}

func (r *row) append(b []byte) []byte {
	return r.appendAfterUID(appendUID(b, r.number))
}

// appendAfterUID appends all but the first cell.
func (r *row) appendAfterUID(b []byte) []byte {
	b = append(append(b, ','), r.name...)
	b = r.phone.append(append(b, ','))
	b = append(append(b, ','), r.place.Region...)
	b = append(append(b, ','), r.place.Area...)
	b = r.address.append(append(b, ','), r.place.Area)
	b = append(append(b, ','), r.credit...)
	b = append(append(b, ','), r.active...)
	b = append(append(b, ','), r.seen...)
	return append(b, '\n')
}

// appendUID appends the key of the row with the given number, from 0.
func appendUID(b []byte, number int64) []byte {
	b = append(b, 'R')
	for limit := int64(10_000_000); limit > number+1; limit /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, number+1, 10)
}
