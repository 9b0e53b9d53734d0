package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Place names an area in a region, or a region where Area is empty.
type Place struct{ Region, Area string }

// PlaceID is what a place is stored as. AreaID is 0 for a region.
type PlaceID struct{ RegionID, AreaID int64 }

// Places is a tenant's regions and areas by name; case does not matter.
type Places struct {
	regions map[string]int64
	areas   map[Place]int64
	// byName finds areas whose region is not said; several of one name are ambiguous.
	byName map[string][]PlaceID
}

// Find returns the region, or the area in it. With no region it finds the area by its name alone, if only one has it.
func (p *Places) Find(place Place) (PlaceID, bool) {
	region, area := fold(place.Region), fold(place.Area)
	if region == "" {
		found := p.byName[area]
		if len(found) != 1 {
			return PlaceID{}, false
		}
		return found[0], true
	}
	id, ok := p.regions[region]
	if !ok || area == "" {
		return PlaceID{RegionID: id}, ok
	}
	areaID, ok := p.areas[Place{region, area}]
	return PlaceID{id, areaID}, ok
}

// Ambiguous reports whether several areas have the name, so that it means nothing without a region.
func (p *Places) Ambiguous(area string) bool { return len(p.byName[fold(area)]) > 1 }

func fold(name string) string { return strings.ToLower(name) }

// Places reads all regions and areas of the tenant.
func (t *Tenant) Places(ctx context.Context) (*Places, error) {
	rows, err := t.q.Query(ctx, `
		SELECT r.id, r.name, coalesce(a.id, 0), coalesce(a.name, '')
		FROM regions r LEFT JOIN areas a ON a.tenant_id = r.tenant_id AND a.region_id = r.id
		WHERE r.tenant_id = $1 ORDER BY r.id, a.id`, t.id)
	if err != nil {
		return nil, wrapf(err, "read places")
	}
	p := &Places{regions: map[string]int64{}, areas: map[Place]int64{}, byName: map[string][]PlaceID{}}
	var id PlaceID
	var region, area string
	_, err = pgx.ForEachRow(rows, []any{&id.RegionID, &region, &id.AreaID, &area}, func() error {
		p.regions[fold(region)] = id.RegionID
		if id.AreaID != 0 {
			p.areas[Place{fold(region), fold(area)}] = id.AreaID
			p.byName[fold(area)] = append(p.byName[fold(area)], id)
		}
		return nil
	})
	return p, wrapf(err, "read places")
}

// CreatePlaces makes sure that the named regions and areas exist; of several spellings of one name the first is taken.
// Any number of callers may create the same ones at once: all insert in one order, so that they wait for one another
// and never dead-lock. An area without a region cannot be created and is ignored.
func (t *TenantTx) CreatePlaces(ctx context.Context, places []Place) error {
	var regions, areaRegions, areas []string
	for _, p := range places {
		if p.Region == "" {
			continue
		}
		regions = append(regions, p.Region)
		if p.Area != "" {
			areaRegions, areas = append(areaRegions, p.Region), append(areas, p.Area)
		}
	}
	if len(regions) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO regions (tenant_id, name)
		SELECT $1, (array_agg(name ORDER BY place))[1]
		FROM unnest($2::text[]) WITH ORDINALITY AS named (name, place)
		GROUP BY lower(name) ORDER BY lower(name)
		ON CONFLICT DO NOTHING`, t.id, regions)
	batch.Queue(`
		INSERT INTO areas (tenant_id, region_id, name)
		SELECT $1, r.id, (array_agg(named.area ORDER BY place))[1]
		FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS named (region, area, place)
		JOIN regions r ON r.tenant_id = $1 AND lower(r.name) = lower(named.region)
		GROUP BY r.id, lower(named.area) ORDER BY r.id, lower(named.area)
		ON CONFLICT DO NOTHING`, t.id, areaRegions, areas)
	return wrapf(t.tx.SendBatch(ctx, batch).Close(), "create %d places", len(regions))
}
