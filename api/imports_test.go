package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/ops"
	"retailq/storage"
	"retailq/store"
)

func TestUploadThenImport(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	asked := map[string]any{"filename": "May 2026.csv", "size": len(testFile)}
	upload := into[ops.Upload](t, p.do(t, token, http.MethodPost, "/v1/uploads", asked), http.StatusCreated)
	require.True(t, storage.Owns(p.one.ID, upload.ObjectKey))

	put, err := http.NewRequestWithContext(t.Context(), upload.Method, upload.URL, strings.NewReader(testFile))
	require.NoError(t, err)
	for name, value := range upload.Headers {
		put.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(put)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)

	body := map[string]any{"object_key": upload.ObjectKey, "create_master_data": true, "filename": "May 2026.csv"}
	r := p.do(t, token, http.MethodPost, "/v1/imports", body)
	started := into[retailq.Import](t, r, http.StatusAccepted)
	require.Equal(t, "/v1/imports/"+started.ID.String(), r.header.Get("Location"))
	require.Equal(t, "1", r.header.Get("Retry-After"))
	require.Equal(t, retailq.Queued, started.State)
	require.Equal(t, "retailers", started.Dataset)
	require.Equal(t, "May 2026.csv", started.Filename)
	require.True(t, started.Options.CreateMasterData)
	require.EqualValues(t, len(testFile), started.Object.Size)

	shown := into[retailq.Import](t, p.do(t, token, http.MethodGet, r.header.Get("Location"), nil), http.StatusOK)
	require.Equal(t, started, shown)
}

func TestImportsThatCannotSucceedAreRefused(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	for name, test := range map[string]struct {
		body   map[string]any
		status int
		code   string
	}{
		"no key":     {map[string]any{}, 422, "object_key_missing"},
		"no object":  {map[string]any{"object_key": storage.Key(p.one.ID, "uploads", "none.csv")}, 404, "object_not_found"},
		"elsewhere":  {map[string]any{"object_key": storage.Key(p.one.ID, "x") + "/../y"}, 404, "object_not_found"},
		"no dataset": {map[string]any{"object_key": p.put(t, testFile), "dataset": "shops"}, 422, "dataset_unknown"},
		"too large":  {map[string]any{"object_key": p.put(t, strings.Repeat("x", testUpload+1))}, 413, "file_too_large"},
	} {
		r := p.do(t, token, http.MethodPost, "/v1/imports", test.body)
		require.Equal(t, test.code, requireProblem(t, r, test.status, test.code).Code, name)
	}
	r := p.do(t, token, http.MethodPost, "/v1/imports", map[string]any{"object_key": p.put(t, "phone,address\n1,2\n")})
	require.Equal(t, http.StatusUnprocessableEntity, r.status, "%s", r.body)
	wide := strings.Repeat("c,", 30) + "uid\n"
	r = p.do(t, token, http.MethodPost, "/v1/imports", map[string]any{"object_key": p.put(t, wide)})
	require.Equal(t, http.StatusRequestEntityTooLarge, r.status, "%s", r.body)
	listed := into[page[retailq.Job]](t, p.do(t, token, http.MethodGet, "/v1/jobs", nil), http.StatusOK)
	require.Empty(t, listed.Items, "there is no job of any of them")
}

func TestRepeatedRequests(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	key := p.put(t, testFile)
	send := func(name string, body map[string]any) reply {
		return p.do(t, token, http.MethodPost, "/v1/imports", body, idempotencyHeader, name)
	}
	r := send("first", map[string]any{"object_key": key})
	first := into[retailq.Import](t, r, http.StatusAccepted)
	require.Empty(t, r.header.Get("Idempotency-Replayed"))

	require.NoError(t, p.bucket.Delete(t.Context(), key))
	r = send("first", map[string]any{"object_key": key})
	require.Equal(t, first.ID, into[retailq.Import](t, r, http.StatusAccepted).ID, "though the file has gone")
	require.Equal(t, "true", r.header.Get("Idempotency-Replayed"))

	r = send("first", map[string]any{"object_key": key, "create_master_data": true})
	requireProblem(t, r, http.StatusConflict, "idempotency_key_reused")
	requireProblem(t, send("second", map[string]any{"object_key": key}), http.StatusNotFound, "object_not_found")
	r = send("a b", map[string]any{"object_key": key})
	requireProblem(t, r, http.StatusBadRequest, "idempotency_key_invalid")
	r = send(strings.Repeat("k", 256), map[string]any{"object_key": key})
	requireProblem(t, r, http.StatusBadRequest, "idempotency_key_invalid")
}

func TestParallelRepeatedRequestsStartOneJob(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	const n = 10
	replies := make([]reply, n)
	key := p.put(t, testFile)
	var group sync.WaitGroup
	for i := range n {
		req := p.request(t, token, http.MethodPost, "/v1/imports", map[string]any{"object_key": key}, idempotencyHeader, "k")
		group.Go(func() {
			resp, err := p.client.Do(req)
			if err == nil {
				replies[i].status, replies[i].header = resp.StatusCode, resp.Header
				replies[i].body, _ = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	group.Wait()
	fresh := 0
	ids := map[retailq.ID]bool{}
	for _, r := range replies {
		ids[into[retailq.Import](t, r, http.StatusAccepted).ID] = true
		if r.header.Get("Idempotency-Replayed") == "" {
			fresh++
		}
	}
	require.Len(t, ids, 1)
	require.Equal(t, 1, fresh)
	require.Len(t, into[page[retailq.Job]](t, p.do(t, token, http.MethodGet, "/v1/jobs", nil), http.StatusOK).Items, 1)
}

func TestImportErrors(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.Viewer)
	id := p.startImport(t).ID
	want := []retailq.RowError{
		{Line: 2, Column: "phone", Code: "phone_invalid", Value: "12", Message: "is no phone number"},
		{Line: 2, Code: "name_missing", Message: "has no name", Hint: "Fill it in."},
		{Line: 3, Column: "phone", Code: "phone_invalid", Value: "x", Message: "is no phone number"},
	}
	err := p.db.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.Tenant(p.one.ID).AddRowErrors(t.Context(), id, want)
	})
	require.NoError(t, err)
	path := "/v1/imports/" + id.String() + "/errors"

	var got []retailq.RowError
	cursor := ""
	for i := range want {
		r := p.do(t, token, http.MethodGet, fmt.Sprintf("%s?limit=1&cursor=%s", path, cursor), nil)
		listed := into[errorPage](t, r, http.StatusOK)
		got = append(got, listed.Items[0].RowError)
		cursor = listed.NextCursor
		if i == 0 {
			require.Equal(t, []store.CodeCount{
				{Code: "phone_invalid", Count: 2, FirstLine: 2}, {Code: "name_missing", Count: 1, FirstLine: 2},
			}, listed.Codes)
		} else {
			require.Empty(t, listed.Codes)
		}
	}
	require.Empty(t, cursor)
	require.Equal(t, want, got)
	r := p.do(t, token, http.MethodGet, path+"?code=name_missing", nil)
	require.Equal(t, want[1], into[errorPage](t, r, http.StatusOK).Items[0].RowError)
	for _, made := range []string{"x:y", "2", "2:-1", "2:32768"} {
		r = p.do(t, token, http.MethodGet, path+"?cursor="+encodeCursor(made), nil)
		requireProblem(t, r, http.StatusBadRequest, "query_invalid")
	}
}

func TestImportReport(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.Viewer)
	id := p.startImport(t).ID
	path := "/v1/imports/" + id.String() + "/report"
	requireProblem(t, p.do(t, token, http.MethodGet, path, nil), http.StatusConflict, "import_unfinished")

	const content = "uid,name,_line,_codes,_messages\n"
	key := storage.Key(p.one.ID, "reports", id.String(), "report.csv")
	object, err := p.bucket.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), "text/csv")
	require.NoError(t, err)
	p.end(t, p.claim(t, id), retailq.Succeeded, func(tx *store.TenantTx) error {
		return tx.SetImportReport(t.Context(), id, &object)
	})
	r := p.do(t, token, http.MethodGet, path, nil)
	require.Equal(t, http.StatusSeeOther, r.status, "%s", r.body)
	resp, err := http.Get(r.header.Get("Location"))
	require.NoError(t, err)
	require.Equal(t, content, string(readReply(t, resp).body))
	require.Contains(t, resp.Header.Get("Content-Disposition"), "retailers.rejected.csv")

	clean := p.startImport(t).ID
	p.end(t, p.claim(t, clean), retailq.Succeeded, nil)
	r = p.do(t, token, http.MethodGet, "/v1/imports/"+clean.String()+"/report", nil)
	requireProblem(t, r, http.StatusNotFound, "report_empty")
}
