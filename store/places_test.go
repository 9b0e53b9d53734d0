package store_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq/store"
	"retailq/store/storetest"
)

func createPlaces(t *testing.T, f *storetest.Fixture, places ...store.Place) error {
	t.Helper()
	return f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.Tenant(f.Tenant.ID).CreatePlaces(t.Context(), places)
	})
}

func TestPlacesAreFoundByNameInAnyCase(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	require.NoError(t, createPlaces(t, f,
		store.Place{Region: "Dhaka", Area: "Gulshan"}, store.Place{Region: "DHAKA", Area: "gulshan"},
		store.Place{Region: "Sylhet", Area: "Sadar"}, store.Place{Region: "Dhaka", Area: "Sadar"},
		store.Place{Region: "ঢাকা"}, store.Place{Area: "ignored"}))
	require.Equal(t, int64(3), f.Int(`SELECT count(*) FROM regions`))
	require.Equal(t, int64(3), f.Int(`SELECT count(*) FROM areas`))
	require.Equal(t, int64(1), f.Int(`SELECT count(*) FROM regions WHERE name = 'Dhaka'`), "the first spelling is taken")

	places, err := f.DB.Tenant(f.Tenant.ID).Places(t.Context())
	require.NoError(t, err)
	gulshan, found := places.Find(store.Place{Region: "dhaka", Area: "GULSHAN"})
	require.True(t, found)
	alone, found := places.Find(store.Place{Area: "Gulshan"})
	require.True(t, found, "the only area of its name")
	require.Equal(t, gulshan, alone)
	region, found := places.Find(store.Place{Region: "Dhaka"})
	require.True(t, found)
	require.Equal(t, store.PlaceID{RegionID: gulshan.RegionID}, region)

	require.True(t, places.Ambiguous("sadar"))
	require.False(t, places.Ambiguous("gulshan"))
	for _, unknown := range []store.Place{{Area: "Sadar"}, {Region: "Khulna"}, {Region: "Sylhet", Area: "Gulshan"}, {}} {
		_, found := places.Find(unknown)
		require.False(t, found, unknown)
	}
}

func TestPlacesCreatedAtTheSameTimeExistOnce(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	const creators, regions, areas = 8, 12, 5
	errs := make([]error, creators)
	race(creators, func(i int) {
		var places []store.Place
		for n := range regions {
			r := (n*5 + i) % regions // every creator in another order
			for a := range areas {
				places = append(places, store.Place{Region: fmt.Sprint("Region ", r), Area: fmt.Sprint("Area ", (a+i)%areas)})
			}
		}
		errs[i] = createPlaces(t, f, places...)
	})
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, int64(regions), f.Int(`SELECT count(*) FROM regions`))
	require.Equal(t, int64(regions*areas), f.Int(`SELECT count(*) FROM areas`))
}
