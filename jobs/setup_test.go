package jobs_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/jobs"
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
	"retailq/tabular"
)

// platform is what one test imports on: stores of its own, workers and a dispatcher in this process.
type platform struct {
	db     *store.DB
	bucket *storage.Bucket
	bell   *queue.Bell
	hub    *queue.Hub
	tenant retailq.Tenant

	redis     redis.UniversalClient
	chunkRows int
}

type platformOptions struct {
	workers   int
	chunkRows int
}

func setup(t *testing.T, o platformOptions) *platform {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, devstacktest.Postgres(t), store.Options{MaxConns: 20})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s3 := devstacktest.Bucket(t)
	bucket, err := storage.Open(ctx, storage.Options{
		Endpoint: s3.Endpoint, Region: s3.Region, Bucket: s3.Bucket, AccessKey: s3.AccessKey, SecretKey: s3.SecretKey,
		PathStyle: true,
	})
	require.NoError(t, err)
	redisOptions, err := redis.ParseURL(devstacktest.Redis(t))
	require.NoError(t, err)
	client := redis.NewClient(redisOptions)
	t.Cleanup(func() { _ = client.Close() })
	tenant, err := db.CreateTenant(ctx, retailq.Tenant{Slug: "shop", Name: "Shop", Country: "BD", TimeZone: "Asia/Dhaka"})
	require.NoError(t, err)

	p := &platform{db: db, bucket: bucket, bell: queue.NewBell(client), tenant: tenant}
	p.hub = queue.NewHub(db, p.bell)
	p.redis, p.chunkRows = client, o.chunkRows
	for range o.workers {
		p.work(t)
	}
	run(t, queue.NewDispatcher(db, client, nil, queue.DispatcherOptions{
		Interval: 100 * time.Millisecond, RingAgain: 2 * time.Second, RescueAfter: 5 * time.Second,
	}).Run)
	run(t, p.hub.Run)
	return p
}

// work adds a worker.
func (p *platform) work(t *testing.T) {
	t.Helper()
	deps := jobs.Deps{DB: p.db, Bucket: p.bucket, Import: jobs.ImportOptions{
		ChunkRows: max(1, p.chunkRows), Window: 4, MaxRows: 1_000_000, Limits: tabular.DefaultLimits,
	}}
	w, err := queue.NewWorker(p.db, p.redis, jobs.All(deps), nil, queue.WorkerOptions{
		Concurrency: 2, Heartbeat: 200 * time.Millisecond, Poll: 5 * time.Millisecond, Shutdown: 5 * time.Second,
	})
	require.NoError(t, err)
	run(t, w.Run)
}

// run runs a service until the test ends.
func run(t *testing.T, service func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
}

// start uploads a file and starts its import.
func (p *platform) start(t *testing.T, content string, options retailq.ImportOptions) retailq.ID {
	t.Helper()
	ctx := t.Context()
	key := storage.Key(p.tenant.ID, "uploads", retailq.NewID().String(), "file.csv")
	object, err := p.bucket.Put(ctx, key, strings.NewReader(content), int64(len(content)), "text/csv")
	require.NoError(t, err)
	var job *retailq.Job
	require.NoError(t, p.db.InTx(ctx, func(tx *store.Tx) error {
		job, _, err = tx.CreateJob(ctx, jobs.RetailerImport.New(ctx, p.tenant.ID, jobs.ImportArgs{}, "test"))
		if err != nil {
			return err
		}
		return tx.Tenant(p.tenant.ID).CreateImport(ctx, retailq.Import{
			ID: job.ID, Dataset: "retailers", Filename: "file.csv", Object: object, Options: options,
		})
	}))
	p.bell.Ring(ctx, retailq.Delivery{JobID: job.ID, Epoch: job.Epoch, Queue: job.Queue})
	return job.ID
}

// await waits until the import has finished and returns it.
func (p *platform) await(t *testing.T, id retailq.ID) *retailq.Import {
	t.Helper()
	watch := p.hub.Watch(id, 0)
	defer watch.Close()
	timeout := time.After(60 * time.Second)
	for {
		select {
		case job := <-watch.Changes:
			if !job.State.Finished() {
				continue
			}
			i, err := p.db.Tenant(p.tenant.ID).Import(t.Context(), id)
			require.NoError(t, err)
			return i
		case <-timeout:
			job, err := p.db.Ledger().Job(t.Context(), id)
			t.Fatalf("import has not finished: %+v %v", job, err)
		}
	}
}

// load imports a file and waits for its end.
func (p *platform) load(t *testing.T, content string, options retailq.ImportOptions) *retailq.Import {
	t.Helper()
	return p.await(t, p.start(t, content, options))
}

func (p *platform) errors(t *testing.T, id retailq.ID) []retailq.RowError {
	t.Helper()
	listed, err := p.db.Tenant(p.tenant.ID).RowErrors(t.Context(), id, store.ErrorPage{Limit: 1000})
	require.NoError(t, err)
	var out []retailq.RowError
	for _, e := range listed {
		out = append(out, e.RowError)
	}
	return out
}

func (p *platform) report(t *testing.T, i *retailq.Import) string {
	t.Helper()
	require.NotNil(t, i.Report, "the import has no report")
	body, err := p.bucket.Get(t.Context(), *i.Report)
	require.NoError(t, err)
	defer body.Close()
	content, err := io.ReadAll(body)
	require.NoError(t, err)
	return string(content)
}
