package jobs

import (
	"slices"

	"retailq"
	"retailq/store"
	"retailq/tabular"
)

// maxPlaces is how many different regions and areas one file may create. More of them are no master data, but another
// column under the wrong name.
const maxPlaces = 100_000

// placeNames collects the regions and areas that a file names, in the order of their first appearance. They are
// created before any record is loaded, so that what exists then does not depend on which chunk is loaded first. A nil
// placeNames collects nothing.
type placeNames struct {
	region, area int // columns, -1 for none
	seen         map[store.Place]bool
	order        []store.Place
}

func newPlaceNames(m tabular.Mapping) *placeNames {
	column := func(name string) int {
		return slices.IndexFunc(m.Columns, func(c tabular.MappedColumn) bool { return c.Name == name })
	}
	return &placeNames{region: column(regionColumn), area: column(areaColumn), seen: map[store.Place]bool{}}
}

func (p *placeNames) add(parser *tabular.Parser, rec *tabular.Record) error {
	if p == nil {
		return nil
	}
	region, ok := parser.Value(rec, p.region)
	if !ok {
		return nil
	}
	place := store.Place{Region: string(region)}
	if area, ok := parser.Value(rec, p.area); ok {
		place.Area = string(area)
	}
	if p.seen[place] {
		return nil
	}
	if len(p.order) == maxPlaces {
		return retailq.Errorf(retailq.ErrTooLarge, "too_many_places",
			"the file names more than %d regions and areas", maxPlaces).
			WithHint("Check that the columns of region and area hold what their names say.")
	}
	p.seen[place] = true
	p.order = append(p.order, place)
	return nil
}

func (p *placeNames) list() []store.Place {
	if p == nil {
		return nil
	}
	return p.order
}
