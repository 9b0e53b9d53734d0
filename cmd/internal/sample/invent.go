package sample

import (
	"strconv"
	"time"
)

// formats is how values are written that can be written in several ways.
type formats struct {
	national bool // phone numbers need no country code
}

// invent makes up the retailer of one row.
func (f formats) invent(d *dice, number int64) row {
	return row{
		number:  number,
		name:    inventName(d),
		phone:   f.inventPhone(d),
		place:   pick(d, places),
		address: inventAddress(d),
		credit:  pick(d, credits),
		active:  pick(d, actives),
		seen:    inventSeen(d),
	}
}

func inventName(d *dice) string {
	if d.percent(15) {
		return pick(d, banglaNames)
	}
	return pick(d, names)
}

// names and banglaNames are every owner's every kind of shop, and what shops are called that no owner lends a name.
var (
	names       = append(combine(owners, trades), quotedNames...)
	banglaNames = combine(banglaOwners, banglaTrades)
)

func combine(first, second []string) []string {
	var all []string
	for _, a := range first {
		for _, b := range second {
			all = append(all, a+" "+b)
		}
	}
	return all
}

// phone is a mobile number of Bangladesh, or any text.
type phone struct {
	text   string
	form   phoneForm
	digits [10]byte // behind the leading 0 of the national form
}

type phoneForm uint8

const (
	anyText       phoneForm = iota
	international           // +8801712345678
	spaced                  // +880 1712-345678
	national                // 01712345678
	hyphenated              // 01712-345678
	bangla                  // ০১৭১২৩৪৫৬৭৮
)

// inventPhone leaves out three numbers in a hundred. The operators' prefixes are 13 to 19, each with eight more digits
// (National Numbering Plan of Bangladesh, BTRC).
func (f formats) inventPhone(d *dice) phone {
	var p phone
	n := d.next()
	p.digits[0], p.digits[1] = '1', byte('3'+n%7)
	n /= 7
	for i := 2; i < len(p.digits); i++ {
		p.digits[i] = byte('0' + n%10)
		n /= 10
	}
	roll := d.below(100)
	switch {
	case roll < 3:
	case !f.national && roll < 80, roll < 30:
		p.form = international
	case !f.national, roll < 40:
		p.form = spaced
	case roll < 85:
		p.form = national
	case roll < 97:
		p.form = hyphenated
	default:
		p.form = bangla
	}
	return p
}

func (p *phone) append(b []byte) []byte {
	switch p.form {
	case international:
		b = append(append(b, "+880"...), p.digits[:]...)
	case spaced:
		b = append(append(b, "+880 "...), p.digits[:4]...)
		b = append(append(b, '-'), p.digits[4:]...)
	case national:
		b = append(append(b, '0'), p.digits[:]...)
	case hyphenated:
		b = append(append(b, '0'), p.digits[:4]...)
		b = append(append(b, '-'), p.digits[4:]...)
	case bangla:
		b = append(b, "০"...)
		for _, digit := range p.digits {
			b = append(b, 0xE0, 0xA7, 0xA6+digit-'0') // U+09E6 is ০
		}
	default:
		b = append(b, p.text...)
	}
	return b
}

// address is where a shop is, more or less.
type address struct {
	form   addressForm
	house  int
	street string
}

type addressForm uint8

const (
	noAddress     addressForm = iota
	streetAddress             // Station Road
	areaAddress               // Station Road, Savar: one cell too many if it is not quoted
	houseAddress              // "House 12, Station Road, Savar"
	lineAddress               // the same on two lines
	nearAddress               // "Beside ""City"" Market, Savar"
)

func inventAddress(d *dice) address {
	a := address{house: 1 + d.below(240), street: pick(d, streets)}
	roll := d.below(100)
	switch {
	case roll < 2:
	case roll < 25:
		a.form = streetAddress
	case roll < 87:
		a.form = houseAddress
	case roll < 94:
		a.form = lineAddress
	default:
		a.form = nearAddress
	}
	return a
}

func (a *address) append(b []byte, area string) []byte {
	switch a.form {
	case noAddress:
		return b
	case streetAddress:
		return append(b, a.street...)
	case areaAddress:
		return append(append(append(b, a.street...), ", "...), area...)
	case nearAddress:
		b = append(append(b, `"Beside ""City"" Market, `...), area...)
		return append(b, '"')
	}
	b = strconv.AppendInt(append(b, `"House `...), int64(a.house), 10)
	if a.form == lineAddress {
		b = append(b, '\n')
	} else {
		b = append(b, ", "...)
	}
	b = append(append(b, a.street...), ", "...)
	return append(append(b, area...), '"')
}

// days are the dates of last activity, from firstDay on, in three forms each.
var (
	firstDay = time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)
	days     = datesFrom(firstDay, 912)
)

func datesFrom(first time.Time, n int) []string {
	var all []string
	for i := range n {
		at := first.AddDate(0, 0, i).Add(time.Duration(i*7919%86400) * time.Second) // some time of the day
		all = append(all, at.Format(time.DateOnly), at.Format(time.DateTime), at.Format(time.RFC3339))
	}
	return all
}

// inventSeen leaves out ten dates in a hundred: shops that have never bought.
func inventSeen(d *dice) string {
	if d.percent(10) {
		return ""
	}
	return pick(d, days)
}
