package ops

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
)

const (
	testFile   = "uid,name\nR1,Rahim Store\nR2,Karim Store\n"
	testUpload = 1 << 20
)

// bundle is the verbs with everything behind them, and somebody who may use them.
type bundle struct {
	*Ops
	admin retailq.Principal
}

func setup(t *testing.T) bundle {
	t.Helper()
	db, err := store.Open(t.Context(), devstacktest.Postgres(t), store.Options{})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	redisOptions, err := redis.ParseURL(devstacktest.Redis(t))
	require.NoError(t, err)
	client := redis.NewClient(redisOptions)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	s3 := devstacktest.Bucket(t)
	bucket, err := storage.Open(t.Context(), storage.Options{
		Endpoint: s3.Endpoint, Region: s3.Region, Bucket: s3.Bucket, AccessKey: s3.AccessKey, SecretKey: s3.SecretKey,
		PathStyle: true,
	})
	require.NoError(t, err)
	tenant, err := db.CreateTenant(t.Context(), retailq.Tenant{Slug: "one", Name: "One", Country: "BD", TimeZone: "UTC"})
	require.NoError(t, err)
	limits := Limits{UploadBytes: testUpload, Columns: 20, UploadURL: time.Minute}
	return bundle{
		Ops:   New(db, queue.NewBell(client), bucket, limits),
		admin: retailq.Principal{Email: "a@example.com", Role: retailq.TenantAdmin, TenantID: tenant.ID},
	}
}

// store stores a file as the API does and returns its object and the hash of its content.
func (b bundle) store(t *testing.T, content string) (retailq.Object, []byte) {
	t.Helper()
	object, sum, err := b.StoreUpload(t.Context(), b.admin, "retailers.csv", strings.NewReader(content))
	require.NoError(t, err)
	return object, sum
}

func requireCode(t *testing.T, err, kind error, code string) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var known *retailq.Error
	require.ErrorAs(t, err, &known)
	require.Equal(t, code, known.Code)
}
