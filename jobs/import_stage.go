package jobs

import (
	"fmt"
	"strconv"

	"retailq"
	"retailq/store"
	"retailq/tabular"
)

// stage collects the rows of a chunk as the database takes them: with the ids of regions and areas for their names.
type stage struct {
	columns []string
	rows    store.Rows

	places       *store.Places
	region, area int // places of the columns among a row's values; -1 for none
	regionHeader string
	areaHeader   string
	values       [][]byte
}

func newStage(m tabular.Mapping, places *store.Places) *stage {
	s := &stage{places: places, region: -1, area: -1}
	for i, c := range m.Columns {
		switch c.Name {
		case regionColumn:
			s.region, s.regionHeader = i, c.Header
		case areaColumn:
			s.area, s.areaHeader = i, c.Header
		default:
			s.columns = append(s.columns, c.Name)
		}
	}
	if s.placed() {
		s.columns = append(s.columns, "region_id", "area_id")
	}
	return s
}

// placed reports whether the file says anything about regions or areas.
func (s *stage) placed() bool { return s.region >= 0 || s.area >= 0 }

// add stages a row, or says what is wrong with its region or area. The values are copied.
func (s *stage) add(line int64, values [][]byte) []retailq.RowError {
	place := store.Place{Region: s.value(values, s.region), Area: s.value(values, s.area)}
	if place == (store.Place{}) {
		s.append(values, store.PlaceID{})
		return nil
	}
	id, known := s.places.Find(place)
	if !known {
		return []retailq.RowError{s.unknown(line, place)}
	}
	s.append(values, id)
	return nil
}

// append writes a row in the order of s.columns: the file's own values, then the ids.
func (s *stage) append(values [][]byte, id store.PlaceID) {
	s.values = s.values[:0]
	for i, v := range values {
		if i != s.region && i != s.area {
			s.values = append(s.values, v)
		}
	}
	if s.placed() {
		s.values = append(s.values, idText(id.RegionID), idText(id.AreaID))
	}
	s.rows.Append(s.values...)
}

func (s *stage) unknown(line int64, p store.Place) retailq.RowError {
	const hint = "Correct the name, or import with create_master_data to have it created."
	if s.region >= 0 && p.Region != "" {
		if _, known := s.places.Find(store.Place{Region: p.Region}); !known {
			return retailq.RowError{
				Line: line, Column: s.regionHeader, Code: "region_unknown", Value: p.Region, Hint: hint,
				Message: fmt.Sprintf("there is no region %q", p.Region),
			}
		}
		return retailq.RowError{
			Line: line, Column: s.areaHeader, Code: "area_unknown", Value: p.Area, Hint: hint,
			Message: fmt.Sprintf("there is no area %q in region %q", p.Area, p.Region),
		}
	}
	if s.places.Ambiguous(p.Area) {
		return retailq.RowError{
			Line: line, Column: s.areaHeader, Code: "area_ambiguous", Value: p.Area, Hint: "Say the region too.",
			Message: fmt.Sprintf("several regions have an area %q", p.Area),
		}
	}
	return retailq.RowError{
		Line: line, Column: s.areaHeader, Code: "area_unknown", Value: p.Area,
		Hint:    "Correct the name, or say the region too.",
		Message: fmt.Sprintf("there is no area %q", p.Area),
	}
}

func (s *stage) value(values [][]byte, i int) string {
	if i < 0 {
		return ""
	}
	return string(values[i])
}

func idText(id int64) []byte {
	if id == 0 {
		return nil
	}
	return strconv.AppendInt(nil, id, 10)
}
