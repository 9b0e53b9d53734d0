package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/store"
	"retailq/store/storetest"
)

func TestTenants(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	made, err := f.DB.CreateTenant(t.Context(),
		retailq.Tenant{Slug: "acme", Name: "Acme", Country: "BD", TimeZone: "Asia/Dhaka"})
	require.NoError(t, err)
	require.False(t, made.ID.IsZero())
	_, err = f.DB.CreateTenant(t.Context(), retailq.Tenant{Slug: "acme", Name: "Other", Country: "IN", TimeZone: "UTC"})
	require.ErrorIs(t, err, retailq.ErrConflict)
	_, err = f.DB.CreateTenant(t.Context(), retailq.Tenant{Slug: "No Slug", Name: "Other", Country: "IN", TimeZone: "UTC"})
	require.Error(t, err)

	for _, by := range []string{"acme", made.ID.String()} {
		found, err := f.DB.FindTenant(t.Context(), by)
		require.NoError(t, err)
		require.Equal(t, made, found)
	}
	_, err = f.DB.FindTenant(t.Context(), "nobody")
	require.ErrorIs(t, err, retailq.ErrNotFound)
	all, err := f.DB.Tenants(t.Context())
	require.NoError(t, err)
	require.Equal(t, []retailq.Tenant{made, f.Tenant}, all, "by slug")
}

func TestUsers(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	made, err := f.DB.CreateUser(t.Context(), retailq.User{
		TenantID: f.Tenant.ID, Email: "Ana@Example.com", Name: "Ana", Role: retailq.TenantAdmin, PasswordHash: "hash",
	})
	require.NoError(t, err)
	found, err := f.DB.FindUser(t.Context(), "ana@example.COM")
	require.NoError(t, err)
	require.Equal(t, made, found)
	_, err = f.DB.CreateUser(t.Context(), retailq.User{Email: "ANA@example.com", Role: retailq.Operator})
	require.ErrorIs(t, err, retailq.ErrConflict)
	_, err = f.DB.FindUser(t.Context(), "nobody@example.com")
	require.ErrorIs(t, err, retailq.ErrNotFound)

	platform, err := f.DB.CreateUser(t.Context(), retailq.User{Email: "root@example.com", Role: retailq.PlatformAdmin})
	require.NoError(t, err)
	require.True(t, platform.TenantID.IsZero())
	_, err = f.DB.CreateUser(t.Context(), retailq.User{Email: "x@example.com", Role: retailq.Viewer})
	require.Error(t, err, "a tenant's role without a tenant")
	_, err = f.DB.CreateUser(t.Context(), retailq.User{
		TenantID: f.Tenant.ID, Email: "y@example.com", Role: retailq.PlatformAdmin,
	})
	require.Error(t, err, "a role of the platform in a tenant")
}

// TestTenantsSeeTheirOwnOnly asks every method of a tenant's handle for what belongs to another one, and for what
// belongs to anybody through a handle of no tenant.
func TestTenantsSeeTheirOwnOnly(t *testing.T) {
	t.Parallel()
	f := storetest.New(t)
	id := createImport(t, f)
	upsert(t, f, []string{"uid", "name"}, []string{"a", "A"})
	require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
		own := tx.Tenant(f.Tenant.ID)
		require.NoError(t, own.CreatePlaces(t.Context(), []store.Place{{Region: "Dhaka", Area: "Gulshan"}}))
		require.NoError(t, own.FreezeLayout(t.Context(), id, []byte(`{"own": true}`)))
		require.NoError(t, own.CreateChunks(t.Context(), id, []store.Chunk{{Seq: 0, End: 9, StartLine: 2, Records: 1}}))
		require.NoError(t, own.SetChunkReport(t.Context(), id, 0, &retailq.Object{Key: "part"}))
		require.NoError(t, own.SetImportReport(t.Context(), id, &retailq.Object{Key: "report"}))
		return own.AddRowErrors(t.Context(), id, []retailq.RowError{{Line: 2, Code: "name_missing"}})
	}))

	for _, stranger := range []retailq.ID{f.NewTenant().ID, {}} {
		other := f.DB.Tenant(stranger)
		_, err := other.Job(t.Context(), id)
		require.ErrorIs(t, err, retailq.ErrNotFound)
		_, err = other.Import(t.Context(), id)
		require.ErrorIs(t, err, retailq.ErrNotFound)
		_, err = other.ImportLayout(t.Context(), id)
		require.ErrorIs(t, err, retailq.ErrNotFound)
		_, err = other.Retailer(t.Context(), "a")
		require.ErrorIs(t, err, retailq.ErrNotFound)
		_, err = other.Chunk(t.Context(), id, 0)
		require.Error(t, err)
		imports, err := other.Imports(t.Context(), store.Page{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, imports)
		listed, err := other.RowErrors(t.Context(), id, store.ErrorPage{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, listed)
		counts, err := other.CountErrors(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, counts)
		parts, err := other.ReportParts(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, parts)
		places, err := other.Places(t.Context())
		require.NoError(t, err)
		_, found := places.Find(store.Place{Region: "Dhaka"})
		require.False(t, found)

		require.NoError(t, f.DB.InTx(t.Context(), func(tx *store.Tx) error {
			forged := tx.Tenant(stranger)
			require.NoError(t, forged.FreezeLayout(t.Context(), id, []byte(`{"own": false}`)))
			require.NoError(t, forged.SetChunkReport(t.Context(), id, 0, &retailq.Object{Key: "forged"}))
			return forged.SetImportReport(t.Context(), id, &retailq.Object{Key: "forged"})
		}))
	}
	requireUntouched(t, f, id)
}

func requireUntouched(t *testing.T, f *storetest.Fixture, id retailq.ID) {
	t.Helper()
	own := f.DB.Tenant(f.Tenant.ID)
	layout, err := own.ImportLayout(t.Context(), id)
	require.NoError(t, err)
	require.JSONEq(t, `{"own": true}`, string(layout))
	imported, err := own.Import(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "report", imported.Report.Key)
	parts, err := own.ReportParts(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []retailq.Object{{Key: "part"}}, parts)
}
