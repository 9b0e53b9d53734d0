package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"retailq"
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
		WHERE r.tenant_id = $1`, t.id)
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

// CreatePlaces makes sure that the named regions and areas exist. Any number of callers may create the same ones at
// once: all insert in one order, so that they wait for one another and never dead-lock. Places without a region
// cannot be created and are ignored.
func (db *DB) CreatePlaces(ctx context.Context, tenant retailq.ID, places []Place) error {
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
	slices.Sort(regions)
	return db.InTx(ctx, func(tx *Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`
			INSERT INTO regions (tenant_id, name)
			SELECT $1, min(name) FROM unnest($2::text[]) AS name GROUP BY lower(name) ORDER BY lower(name)
			ON CONFLICT DO NOTHING`, tenant, regions)
		batch.Queue(`
			INSERT INTO areas (tenant_id, region_id, name)
			SELECT $1, r.id, min(a.area) FROM unnest($2::text[], $3::text[]) AS a (region, area)
			JOIN regions r ON r.tenant_id = $1 AND lower(r.name) = lower(a.region)
			GROUP BY r.id, lower(a.area) ORDER BY r.id, lower(a.area)
			ON CONFLICT DO NOTHING`, tenant, areaRegions, areas)
		return wrapf(tx.tx.SendBatch(ctx, batch).Close(), "create %d places", len(regions))
	})
}
