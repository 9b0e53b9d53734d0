package api

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

func TestShowJobByVersion(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.Viewer)
	id := p.startImport(t).ID
	for _, path := range []string{"/v1/jobs/" + id.String(), "/v1/imports/" + id.String()} {
		r := p.do(t, token, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, r.status)
		require.Equal(t, `"1"`, r.header.Get("ETag"))
		require.Equal(t, "1", r.header.Get("Retry-After"))

		for _, match := range []string{`"1"`, `W/"1"`, `"0", "1"`, "*"} {
			r = p.do(t, token, http.MethodGet, path, nil, "If-None-Match", match)
			require.Equal(t, http.StatusNotModified, r.status, match)
			require.Empty(t, r.body)
			require.Equal(t, `"1"`, r.header.Get("ETag"))
		}
		require.Equal(t, http.StatusOK, p.do(t, token, http.MethodGet, path, nil, "If-None-Match", `"2"`).status)
	}

	job := p.claim(t, id)
	p.end(t, job, retailq.Succeeded, nil)
	for _, path := range []string{"/v1/jobs/" + id.String(), "/v1/imports/" + id.String()} {
		r := p.do(t, token, http.MethodGet, path, nil, "If-None-Match", `"1"`)
		require.Equal(t, http.StatusOK, r.status)
		require.Equal(t, `"3"`, r.header.Get("ETag"))
		require.Empty(t, r.header.Get("Retry-After"), "nothing will change any more")
	}
}

func TestListJobs(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.Viewer)
	var want []retailq.ID
	for range 5 {
		want = append([]retailq.ID{p.startImport(t).ID}, want...)
	}
	for _, noun := range []string{"/v1/jobs", "/v1/imports"} {
		var got []retailq.ID
		path := noun + "?limit=2"
		for pages := 0; path != ""; pages++ {
			require.Less(t, pages, 3)
			listed := into[page[struct{ ID retailq.ID }]](t, p.do(t, token, http.MethodGet, path, nil), http.StatusOK)
			for _, item := range listed.Items {
				got = append(got, item.ID)
			}
			path = ""
			if listed.NextCursor != "" {
				path = noun + "?limit=2&cursor=" + listed.NextCursor
			}
		}
		require.Equal(t, want, got, "newest first, each once")
	}
	p.claim(t, want[0])
	for query, n := range map[string]int{
		"state=running": 1, "state=queued": 4, "kind=retailer.import": 5, "kind=other": 0, "limit=5": 5,
		"parent=" + want[0].String(): 0,
	} {
		listed := into[page[retailq.Job]](t, p.do(t, token, http.MethodGet, "/v1/jobs?"+query, nil), http.StatusOK)
		require.Len(t, listed.Items, n, query)
		require.Empty(t, listed.NextCursor, query)
	}
}

func TestSteerJobs(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	path := "/v1/jobs/" + p.startImport(t).ID.String()
	for _, step := range []struct {
		verb  string
		body  any
		state retailq.State
	}{
		{"pause", map[string]string{"reason": "lunch"}, retailq.Paused},
		{"pause", nil, retailq.Paused},
		{"resume", "{}", retailq.Queued},
		{"cancel", nil, retailq.Cancelled},
		{"requeue", nil, retailq.Queued},
	} {
		job := into[retailq.Job](t, p.do(t, token, http.MethodPost, path+"/"+step.verb, step.body), http.StatusAccepted)
		require.Equal(t, step.state, job.State, step.verb)
	}
	requireProblem(t, p.do(t, token, http.MethodPost, path+"/requeue", nil), http.StatusConflict, "job_state")
	long := map[string]string{"reason": strings.Repeat("ক", maxReason+1)}
	requireProblem(t, p.do(t, token, http.MethodPost, path+"/pause", long), http.StatusBadRequest, "reason_too_long")
	nul := `{"reason": "\u0000"}`
	requireProblem(t, p.do(t, token, http.MethodPost, path+"/pause", nul), http.StatusBadRequest, "text_invalid")
}

func TestJobHistory(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	path := "/v1/jobs/" + p.startImport(t).ID.String()
	p.do(t, token, http.MethodPost, path+"/pause", map[string]string{"reason": "lunch"})
	p.do(t, token, http.MethodPost, path+"/resume", nil)

	all := into[page[retailq.JobEvent]](t, p.do(t, token, http.MethodGet, path+"/history", nil), http.StatusOK).Items
	require.Len(t, all, 3)
	require.Equal(t, "created", all[0].Type)
	require.Equal(t, "pause", all[1].Type)
	require.Equal(t, "tenant_admin@example.com", all[1].Actor)
	require.JSONEq(t, `{"reason": "lunch"}`, string(all[1].Data))

	rest := p.do(t, token, http.MethodGet, path+"/history?limit=1&after="+strconv.FormatInt(all[0].ID, 10), nil)
	require.Equal(t, all[1:2], into[page[retailq.JobEvent]](t, rest, http.StatusOK).Items)
}
