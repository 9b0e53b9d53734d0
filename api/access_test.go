package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/ops"
)

var everyRole = []retailq.Role{retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin, retailq.Viewer}

// whoMay is the whole of who may ask for what. A nil list is everybody, signed in or not.
var whoMay = map[string][]retailq.Role{
	"GET /livez": nil, "GET /readyz": nil, "GET /api/health": nil, "GET /openapi.yaml": nil, "POST /v1/sessions": nil,

	"POST /v1/uploads": {retailq.PlatformAdmin, retailq.TenantAdmin},
	"POST /v1/imports": {retailq.PlatformAdmin, retailq.TenantAdmin},

	"GET /v1/imports": everyRole, "GET /v1/imports/:id": everyRole, "GET /v1/imports/:id/errors": everyRole,
	"GET /v1/imports/:id/report": everyRole,

	"GET /v1/jobs": everyRole, "GET /v1/jobs/:id": everyRole, "GET /v1/jobs/:id/history": everyRole,
	"GET /v1/jobs/:id/events": everyRole,

	"POST /v1/jobs/:id/cancel":  {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin},
	"POST /v1/jobs/:id/pause":   {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin},
	"POST /v1/jobs/:id/resume":  {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin},
	"POST /v1/jobs/:id/requeue": {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin},
}

func TestEveryRouteHasItsRoles(t *testing.T) {
	t.Parallel()
	var served []string
	for _, r := range (&server{}).routes() {
		served = append(served, r.method+" "+r.path)
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(whoMay)), served)
}

// statusOf asks for a route about an id, and does not wait for the rest of a stream.
func (p *platform) statusOf(t *testing.T, token string, r route, id retailq.ID, headers ...string) int {
	t.Helper()
	var body any
	if r.method == http.MethodPost {
		body = "{}"
	}
	path := strings.ReplaceAll(r.path, ":id", id.String())
	resp, err := p.client.Do(p.request(t, token, r.method, path, body, headers...))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func TestRoles(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := p.startImport(t).ID
	for _, r := range (&server{}).routes() {
		may := whoMay[r.method+" "+r.path]
		refused := []int{http.StatusUnauthorized, http.StatusForbidden}
		if may == nil {
			require.NotContains(t, refused, p.statusOf(t, "", r, id), "%s %s by nobody", r.method, r.path)
			continue
		}
		require.Equal(t, http.StatusUnauthorized, p.statusOf(t, "", r, id), "%s %s by nobody", r.method, r.path)
		for _, role := range everyRole {
			got := p.statusOf(t, p.as(t, role), r, id, "X-Retailq-Tenant", "one")
			if slices.Contains(may, role) {
				require.NotContains(t, refused, got, "%s %s by %s", r.method, r.path, role)
			} else {
				require.Equal(t, http.StatusForbidden, got, "%s %s by %s", r.method, r.path, role)
			}
		}
	}
}

func TestAnotherTenantsIDsAreNotFound(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := p.startImport(t).ID
	stranger := p.tokenOf(t, retailq.TenantAdmin, p.two.ID)
	n := 0
	for _, r := range (&server{}).routes() {
		if !strings.Contains(r.path, ":id") {
			continue
		}
		n++
		path := strings.ReplaceAll(r.path, ":id", id.String())
		for name, got := range map[string]reply{
			"a stranger":                 p.do(t, stranger, r.method, path, nil),
			"platform, in another":       p.do(t, p.as(t, retailq.PlatformAdmin), r.method, path, nil, tenantHeader, "two"),
			"a stranger with the header": p.do(t, stranger, r.method, path, nil, tenantHeader, "one"),
		} {
			require.Equal(t, http.StatusNotFound, got.status, "%s %s by %s", r.method, path, name)
		}
	}
	require.Positive(t, n)
	job, err := p.db.Ledger().Job(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, retailq.Queued, job.State)
	require.EqualValues(t, 1, job.Version, "nothing was changed")
}

func TestAnotherTenantsThingsAreNotListed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	started := p.startImport(t)
	stranger := p.tokenOf(t, retailq.TenantAdmin, p.two.ID)
	for _, path := range []string{"/v1/jobs", "/v1/imports", "/v1/jobs?parent=" + started.ID.String()} {
		got := into[page[struct{}]](t, p.do(t, stranger, http.MethodGet, path, nil), http.StatusOK)
		require.Empty(t, got.Items, path)
	}
	r := p.do(t, stranger, http.MethodPost, "/v1/imports", map[string]any{"object_key": started.Object.Key})
	requireProblem(t, r, http.StatusNotFound, "object_not_found")
}

func TestPlatformUsersSeeAllJobsOrNameATenant(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := p.startImport(t).ID
	token := p.as(t, retailq.Operator)
	require.Equal(t, id, into[page[retailq.Job]](t, p.do(t, token, http.MethodGet, "/v1/jobs", nil), 200).Items[0].ID)
	requireProblem(t, p.do(t, token, http.MethodGet, "/v1/imports", nil), http.StatusUnprocessableEntity, "tenant_missing")
	for _, tenant := range []string{"one", p.one.ID.String()} {
		r := p.do(t, token, http.MethodGet, "/v1/imports", nil, tenantHeader, tenant)
		require.Len(t, into[page[retailq.Import]](t, r, http.StatusOK).Items, 1)
	}
	r := p.do(t, token, http.MethodGet, "/v1/imports", nil, tenantHeader, "nowhere")
	requireProblem(t, r, http.StatusNotFound, "tenant_not_found")
}

func TestTokensThatAreNotGood(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	good := p.as(t, retailq.PlatformAdmin)
	who := retailq.Principal{UserID: retailq.NewID(), Role: retailq.PlatformAdmin}
	expired, _, err := ops.NewTokens([]byte("a key of at least thirty-two bytes"), -time.Minute).Issue(who)
	require.NoError(t, err)
	forged, _, err := ops.NewTokens([]byte("another key of at least thirty-two bytes"), time.Hour).Issue(who)
	require.NoError(t, err)
	payload := strings.Split(good, ".")[1]
	for name, test := range map[string]struct{ header, code string }{
		"none":          {"", "token_missing"},
		"other scheme":  {"Basic " + good, "token_missing"},
		"no token":      {"Bearer", "token_missing"},
		"expired":       {"Bearer " + expired, "token_expired"},
		"another key":   {"Bearer " + forged, "token_invalid"},
		"cut short":     {"Bearer " + good[:len(good)-4], "token_invalid"},
		"no signature":  {"Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + payload + ".", "token_invalid"},
		"other content": {"Bearer " + strings.Replace(good, payload, strings.Split(forged, ".")[1], 1), "token_invalid"},
	} {
		r := p.do(t, "", http.MethodGet, "/v1/jobs", nil, "Authorization", test.header)
		got := requireProblem(t, r, http.StatusUnauthorized, test.code)
		require.NotEmpty(t, r.header.Get("WWW-Authenticate"), name)
		require.NotEmpty(t, got.Hint, name)
	}
}

func TestAnswersAreKeptByNobody(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	r := p.do(t, p.as(t, retailq.Viewer), http.MethodGet, "/v1/jobs", nil)
	require.Equal(t, "no-store", r.header.Get("Cache-Control"))
	require.Equal(t, "nosniff", r.header.Get("X-Content-Type-Options"))
}
