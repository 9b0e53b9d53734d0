package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"retailq"
)

// sample is a file of retailers together with what must come of importing it, as said by whoever made it up and not by
// the code under test.
type sample struct {
	// before is the file of last month. It holds some of the retailers, of which half have changed since.
	before string
	// content is the file to import: good rows and bad ones, repeated keys, quoted delimiters and line breaks.
	content string

	rows      retailq.ImportRows
	retailers []string // as platform.retailers lists them
	// errors have no message and no hint, which are for people.
	errors []retailq.RowError
}

// usualSample is what most tests import.
func usualSample() sample { return makeUsualSample() }

var makeUsualSample = sync.OnceValue(func() sample {
	if testing.Short() {
		return newSample(6_000)
	}
	return newSample(20_000)
})

const header = "uid,name,phone,region,area,address,credit_limit,active,last_activity_at\n"

// shop is one row of a file, in the words of the file.
type shop struct {
	uid, name, phone, region, area, address, credit, active, seen string
}

func newShop(number, edition int) shop {
	s := shop{
		uid: fmt.Sprintf("R%07d", number), name: fmt.Sprintf("Rahim Store %d", number),
		phone:  fmt.Sprintf("017%08d", number),
		region: fmt.Sprintf("Region %d", number%8), area: fmt.Sprintf("Area %d", number%64),
		address: fmt.Sprintf("House %d", number%300), credit: fmt.Sprintf("%d.5", number%90_000),
		active: "yes", seen: fmt.Sprintf("2025-%02d-%02d", 1+number%12, 1+number%28),
	}
	switch number % 50 {
	case 9:
		s.address = "House 12,\nRoad \"5\""
	case 11, 13: // as empty cells, which leave alone what is stored
		s.phone, s.credit, s.active = "", "", ""
	case 17:
		s.name = "রহিম স্টোর " + strconv.Itoa(number)
	case 19:
		s.active = "no"
	}
	if edition > 0 {
		s.name += fmt.Sprintf(" (%d)", edition)
	}
	return s
}

func (s shop) cells() []string {
	return []string{s.uid, s.name, s.phone, s.region, s.area, s.address, s.credit, s.active, s.seen}
}

func (s shop) csv() string {
	cells := s.cells()
	for i, cell := range cells {
		if strings.ContainsAny(cell, ",\"\n") {
			cells[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
	}
	return strings.Join(cells, ",") + "\n"
}

// flaws are ways in which a row can be bad: each spoils a row and says what must be reported of it.
var flaws = []func(s *shop) []retailq.RowError{
	func(s *shop) []retailq.RowError {
		s.name = ""
		return []retailq.RowError{{Column: "name", Code: "required"}}
	},
	func(s *shop) []retailq.RowError {
		s.phone = "01712"
		return []retailq.RowError{{Column: "phone", Code: "phone_invalid", Value: s.phone}}
	},
	func(s *shop) []retailq.RowError {
		s.credit = "12.345"
		return []retailq.RowError{{Column: "credit_limit", Code: "money_decimals", Value: s.credit}}
	},
	func(s *shop) []retailq.RowError {
		s.active, s.seen = "maybe", "03/04/2025"
		return []retailq.RowError{
			{Column: "active", Code: "bool_invalid", Value: s.active},
			{Column: "last_activity_at", Code: "date_ambiguous", Value: s.seen},
		}
	},
	func(s *shop) []retailq.RowError {
		s.region, s.area = "", "Nowhere"
		return []retailq.RowError{{Column: "area", Code: "area_unknown", Value: s.area}}
	},
}

// sampleRow is one row of the file to import.
type sampleRow struct {
	shop
	errors []retailq.RowError // without their line
}

// newSample makes a file of n rows, 1 % of them bad.
func newSample(n int) sample {
	table := stored{}
	s := sample{}
	var before strings.Builder
	before.WriteString(header)
	for i := 3; i < n; i += 10 {
		old := newShop(i, i/10%2)
		before.WriteString(old.csv())
		table.put(old)
	}
	s.before = before.String()

	rows := sampleRows(n)
	winner := map[string]int{}
	for i, r := range rows {
		winner[r.uid] = i
	}
	content := strings.Builder{}
	content.WriteString(header)
	line := int64(2)
	s.rows.Read = int64(n)
	for i, r := range rows {
		switch {
		case winner[r.uid] != i:
			s.rows.Duplicate++
		case r.errors != nil:
			s.rows.Rejected++
			for _, e := range r.errors {
				e.Line = line
				s.errors = append(s.errors, e)
			}
		default:
			*table.put(r.shop).counter(&s.rows)++
		}
		text := r.csv()
		content.WriteString(text)
		line += int64(strings.Count(text, "\n"))
	}
	s.content, s.retailers = content.String(), table.list()
	return s
}

// sampleRows are the rows of the file. Repeated keys are far enough apart to be in different chunks.
func sampleRows(n int) []sampleRow {
	const apart = chunkRows + 200
	rows := make([]sampleRow, n)
	bad := 0
	for i := range rows {
		rows[i].shop = newShop(i, 0)
		switch {
		case i%100 == 37:
			rows[i].errors = flaws[bad%len(flaws)](&rows[i].shop)
			bad++
		case i%101 == 5 && i >= apart && rows[i-apart].errors == nil:
			rows[i].uid = rows[i-apart].uid
		}
	}
	return rows
}

// stored is the table, by key.
type stored map[string]*retailer

type retailer struct {
	shop
	version int
}

// fate is what became of a row that was stored.
type fate int

const (
	created fate = iota
	updated
	unchanged
)

func (f fate) counter(r *retailq.ImportRows) *int64 {
	return []*int64{&r.Created, &r.Updated, &r.Unchanged}[f]
}

// put stores a row as an import does: empty cells leave what is there.
func (table stored) put(s shop) fate {
	s = s.canonical()
	old, exists := table[s.uid]
	if !exists {
		if s.active == "" {
			s.active = "t"
		}
		table[s.uid] = &retailer{shop: s, version: 1}
		return created
	}
	merged := s
	for _, cell := range []struct{ to, from *string }{
		{&merged.phone, &old.phone}, {&merged.credit, &old.credit}, {&merged.active, &old.active},
	} {
		if *cell.to == "" {
			*cell.to = *cell.from
		}
	}
	if merged == old.shop {
		return unchanged
	}
	old.shop = merged
	old.version++
	return updated
}

// canonical says a row in the words of the database.
func (s shop) canonical() shop {
	if s.phone != "" {
		s.phone = "+88" + s.phone
	}
	if s.credit != "" {
		s.credit += "0"
	}
	s.active = map[string]string{"yes": "t", "no": "f"}[s.active]
	return s
}

func (table stored) list() []string {
	var list []string
	for _, r := range table {
		list = append(list, strings.Join(append(r.cells(), strconv.Itoa(r.version)), "|"))
	}
	slices.Sort(list)
	return list
}
