package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack/devstacktest"
	"retailq/internal/obs"
	"retailq/ops"
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
)

const (
	testFile    = "uid,name\nR1,Rahim Store\nR2,Karim Store\n"
	testHeart   = 50 * time.Millisecond
	testUpload  = 1 << 20
	testBody    = 4 << 10
	testMaxPage = 60
)

// platform is a server on a port of its own with everything behind it, and two tenants.
type platform struct {
	db     *store.DB
	bucket *storage.Bucket
	bell   *queue.Bell
	ops    *ops.Ops
	tokens *ops.Tokens
	client *http.Client
	url    string
	logs   *lines

	one, two retailq.Tenant
}

// newPlatform starts a platform. tweak, which may be nil, changes its options.
func newPlatform(t *testing.T, tweak func(*Options)) *platform {
	t.Helper()
	p := &platform{
		tokens: ops.NewTokens([]byte("a key of at least thirty-two bytes"), time.Hour),
		client: &http.Client{
			Transport:     contractTransport{t: t},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		logs: &lines{},
	}
	t.Cleanup(func() { p.logs.show(t) })
	p.connect(t)
	p.ops = ops.New(p.db, p.bell, p.bucket,
		ops.Limits{UploadBytes: testUpload, Columns: 20, UploadURL: time.Minute})
	hub := queue.NewHub(p.db, p.bell)
	opts := Options{
		Ops: p.ops, Tokens: p.tokens, Hub: hub, Version: "test", Heartbeat: testHeart,
		Limits:  Limits{BodyBytes: testBody, Page: testMaxPage},
		Checks:  []Check{{Name: "database", Critical: true, Run: p.db.Ping}, {Name: "redis", Run: p.bell.Ping}},
		Metrics: obs.NewHTTPMetrics(obs.NewRegistry()), Log: newTestLog(p.logs),
	}
	if tweak != nil {
		tweak(&opts)
	}
	p.url = serve(t, New(opts))
	background(t, hub.Run)
	var err error
	p.one, err = p.db.CreateTenant(t.Context(), retailq.Tenant{Slug: "one", Name: "One", Country: "BD", TimeZone: "UTC"})
	require.NoError(t, err)
	p.two, err = p.db.CreateTenant(t.Context(), retailq.Tenant{Slug: "two", Name: "Two", Country: "BD", TimeZone: "UTC"})
	require.NoError(t, err)
	return p
}

func (p *platform) connect(t *testing.T) {
	t.Helper()
	var err error
	p.db, err = store.Open(t.Context(), devstacktest.Postgres(t), store.Options{})
	require.NoError(t, err)
	t.Cleanup(p.db.Close)
	redisOptions, err := redis.ParseURL(devstacktest.Redis(t))
	require.NoError(t, err)
	client := redis.NewClient(redisOptions)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	p.bell = queue.NewBell(client)
	s3 := devstacktest.Bucket(t)
	p.bucket, err = storage.Open(t.Context(), storage.Options{
		Endpoint: s3.Endpoint, Region: s3.Region, Bucket: s3.Bucket, AccessKey: s3.AccessKey, SecretKey: s3.SecretKey,
		PathStyle: true,
	})
	require.NoError(t, err)
}

// background runs a service until the test ends.
func background(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// serve serves h on a free port until the test ends and returns its URL.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	l := listen(t)
	background(t, func(ctx context.Context) error { return Serve(ctx, l, h, 5*time.Second) })
	return "http://" + l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

// as returns the token of somebody with a role: in tenant one, if the role is of a tenant.
func (p *platform) as(t *testing.T, role retailq.Role) string {
	t.Helper()
	if role.OfPlatform() {
		return p.tokenOf(t, role, retailq.ID{})
	}
	return p.tokenOf(t, role, p.one.ID)
}

func (p *platform) tokenOf(t *testing.T, role retailq.Role, tenant retailq.ID) string {
	t.Helper()
	token, _, err := p.tokens.Issue(retailq.Principal{
		UserID: retailq.NewID(), Email: string(role) + "@example.com", Role: role, TenantID: tenant,
	})
	require.NoError(t, err)
	return token
}

// reply is an answer that was read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request: body is nil, a string as it is, or a value to be sent as JSON. headers are names and values.
func (p *platform) do(t *testing.T, token, method, path string, body any, headers ...string) reply {
	t.Helper()
	resp, err := p.client.Do(p.request(t, token, method, path, body, headers...))
	require.NoError(t, err)
	return readReply(t, resp)
}

func readReply(t *testing.T, resp *http.Response) reply {
	t.Helper()
	content, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return reply{status: resp.StatusCode, header: resp.Header, body: content}
}

func (p *platform) request(
	t *testing.T, token, method, path string, body any, headers ...string,
) *http.Request {
	t.Helper()
	var content io.Reader = http.NoBody
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	case io.Reader:
		content = body
	default:
		encoded, err := json.Marshal(body)
		require.NoError(t, err)
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+path, content)
	require.NoError(t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

// into decodes a reply that must have the status.
func into[T any](t *testing.T, r reply, status int) T {
	t.Helper()
	require.Equal(t, status, r.status, "%s", r.body)
	var v T
	require.NoError(t, json.Unmarshal(r.body, &v))
	return v
}

// requireProblem checks that a reply is a problem with the status and code, and returns it.
func requireProblem(t *testing.T, r reply, status int, code string) problem {
	t.Helper()
	got := into[problem](t, r, status)
	require.Equal(t, "application/problem+json", r.header.Get("Content-Type"))
	require.Equal(t, code, got.Code)
	require.Equal(t, "/problems/"+code, got.Type)
	require.Equal(t, status, got.Status)
	require.Equal(t, r.header.Get("X-Request-ID"), got.RequestID)
	return got
}

// put stores content as an upload of tenant one and returns its key.
func (p *platform) put(t *testing.T, content string) string {
	t.Helper()
	key := storage.Key(p.one.ID, "uploads", retailq.NewID().String(), "retailers.csv")
	_, err := p.bucket.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), "text/csv")
	require.NoError(t, err)
	return key
}

// startImport starts an import of testFile in tenant one.
func (p *platform) startImport(t *testing.T) retailq.Import {
	t.Helper()
	body := map[string]any{"object_key": p.put(t, testFile)}
	r := p.do(t, p.as(t, retailq.TenantAdmin), http.MethodPost, "/v1/imports", body)
	return into[retailq.Import](t, r, http.StatusAccepted)
}

// claim takes a queued job as a worker does.
func (p *platform) claim(t *testing.T, id retailq.ID) *retailq.Job {
	t.Helper()
	ledger := p.db.Ledger()
	job, err := ledger.Job(t.Context(), id)
	require.NoError(t, err)
	job, err = ledger.Claim(t.Context(), retailq.Delivery{JobID: id, Epoch: job.Epoch}, retailq.NewID())
	require.NoError(t, err)
	p.bell.Announce(t.Context(), id)
	return job
}

// end ends the attempt of a claimed job. work, which may be nil, is what else is committed then.
func (p *platform) end(t *testing.T, job *retailq.Job, state retailq.State, work func(*store.TenantTx) error) {
	t.Helper()
	_, err := p.db.Ledger().End(t.Context(), job.Fence(), func(tx *store.Tx) (store.Ending, error) {
		ending := store.Ending{State: state, Event: string(state)}
		if work == nil {
			return ending, nil
		}
		return ending, work(tx.Tenant(p.one.ID))
	})
	require.NoError(t, err)
	p.bell.Announce(t.Context(), job.ID)
}

// uploads counts the objects that are left of what tenant one has sent.
func (p *platform) uploads(t *testing.T) (n int) {
	t.Helper()
	for _, err := range p.bucket.List(t.Context(), storage.Key(p.one.ID, "uploads")) {
		require.NoError(t, err)
		n++
	}
	return n
}
