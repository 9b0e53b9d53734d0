package client

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

func TestImportIsStartedOnce(t *testing.T) {
	t.Parallel()
	id := retailq.NewID()
	s := serve(t, hangUp, answerJSON(http.StatusAccepted, retailq.Import{ID: id, State: retailq.Queued}))
	c, _ := s.client()
	r := ImportRequest{ObjectKey: "k", Filename: "shops.csv"}
	r.CreateMasterData = true
	imported, err := c.StartImport(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, id, imported.ID)
	first, second := s.requests()[0], s.requests()[1]
	require.JSONEq(t, `{"object_key":"k","filename":"shops.csv","create_master_data":true}`, second.body)
	require.Equal(t, first.body, second.body)
	require.NotEmpty(t, first.header.Get("Idempotency-Key"))
	require.Equal(t, first.header.Get("Idempotency-Key"), second.header.Get("Idempotency-Key"))
}

func TestUpload(t *testing.T) {
	t.Parallel()
	const content = "uid,name\n1,Rahim\n"
	store := serve(t, hangUp, func(http.ResponseWriter, *http.Request) {})
	api := serve(t, answerJSON(http.StatusCreated, Upload{
		ObjectKey: "k", Method: http.MethodPut, URL: store.url + "/bucket/k?X-Amz-Signature=abc",
		Headers: map[string]string{"Content-Length": "17", "X-Amz-Meta-A": "b"},
	}))
	c, _ := api.client()
	up, err := c.PrepareUpload(t.Context(), "shops.csv", int64(len(content)))
	require.NoError(t, err)
	require.JSONEq(t, `{"filename":"shops.csv","size":17}`, api.requests()[0].body)

	var sent atomic.Int64
	require.NoError(t, c.PutFile(t.Context(), up, File{
		Name: "shops.csv", Size: int64(len(content)), Content: strings.NewReader(content), Sent: sent.Store,
	}))
	require.Equal(t, int64(len(content)), sent.Load())
	got := store.requests()[1]
	require.Equal(t, content, got.body)
	require.Equal(t, int64(len(content)), got.length)
	require.Equal(t, "b", got.header.Get("X-Amz-Meta-A"))
	require.Equal(t, "X-Amz-Signature=abc", got.query)
	require.Empty(t, got.header.Get("Authorization"), "S3 refuses two kinds of credentials")
	require.Empty(t, got.header.Get("X-Retailq-Tenant"))
}

func TestStorageRefuses(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<?xml version="1.0"?>
			<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`)
	})
	c, _ := s.client()
	err := c.PutFile(t.Context(), Upload{Method: http.MethodPut, URL: s.url + "/k?X-Amz-Signature=abc"},
		File{Name: "a.csv", Size: 1, Content: strings.NewReader("x")})
	require.ErrorIs(t, err, retailq.ErrForbidden)
	require.EqualError(t, err, "upload a.csv: the object store refuses: Request has expired (AccessDenied)")
}

func TestSendImport(t *testing.T) {
	t.Parallel()
	s := serve(t, busy, answerJSON(http.StatusAccepted, retailq.Import{State: retailq.Queued}))
	c, _ := s.client()
	_, err := c.SendImport(t.Context(), ImportRequest{Filename: "shops.csv", IdempotencyKey: "monday"},
		File{Name: "shops.csv", Size: 9, Content: strings.NewReader("uid,name\n")})
	require.NoError(t, err)
	got := s.requests()[1]
	require.Equal(t, "monday", got.header.Get("Idempotency-Key"))
	require.Equal(t, int64(len(got.body)), got.length)
	_, params, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	require.NoError(t, err)
	form, err := multipart.NewReader(strings.NewReader(got.body), params["boundary"]).ReadForm(1 << 20)
	require.NoError(t, err)
	require.Equal(t, []string{"shops.csv"}, form.Value["filename"])
	require.Equal(t, []string{"false"}, form.Value["create_master_data"])
	file, err := form.File["file"][0].Open()
	require.NoError(t, err)
	content, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Equal(t, "uid,name\n", string(content))
}

// TestReport: http.Client would send the token to the object store, as it is on the same host.
func TestReport(t *testing.T) {
	t.Parallel()
	store := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "uid,_line\n") })
	api := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, store.url+"/bucket/report.csv?X-Amz-Signature=abc", http.StatusSeeOther)
	})
	c, _ := api.client()
	report, err := c.Report(t.Context(), retailq.NewID())
	require.NoError(t, err)
	defer report.Close()
	content, err := io.ReadAll(report)
	require.NoError(t, err)
	require.Equal(t, "uid,_line\n", string(content))
	require.Equal(t, "Bearer secret", api.requests()[0].header.Get("Authorization"))
	require.Empty(t, store.requests()[0].header.Get("Authorization"))
}

func pageOfErrors(from, to int, next string) http.HandlerFunc {
	p := page[retailq.RowError]{NextCursor: next}
	for line := from; line < to; line++ {
		p.Items = append(p.Items, retailq.RowError{Line: int64(line), Code: "required"})
	}
	return answerJSON(http.StatusOK, p)
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := serve(t, pageOfErrors(0, 50, "a"), pageOfErrors(50, 100, "b"), pageOfErrors(100, 120, ""))
	c, _ := s.client()
	lines := int64(0)
	for e, err := range c.ImportErrors(t.Context(), retailq.NewID(), "required", 0) {
		require.NoError(t, err)
		require.Equal(t, lines, e.Line)
		lines++
	}
	require.Equal(t, int64(120), lines)
	require.Equal(t, "code=required&limit=50", s.requests()[0].query)
	require.Equal(t, "code=required&cursor=b&limit=50", s.requests()[2].query)
}

func TestPagesStopAtTheLimit(t *testing.T) {
	t.Parallel()
	s := serve(t, pageOfErrors(0, 50, "a"), pageOfErrors(50, 60, "b"), pageOfErrors(0, 50, "a"))
	c, _ := s.client()
	n := 0
	for _, err := range c.ImportErrors(t.Context(), retailq.NewID(), "", 60) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 60, n)
	require.Equal(t, "cursor=a&limit=10", s.requests()[1].query)
	for _, err := range c.ImportErrors(t.Context(), retailq.NewID(), "", 0) {
		require.NoError(t, err)
		break // and nothing more is asked for
	}
}

func TestPagesFail(t *testing.T) {
	t.Parallel()
	s := serve(t, pageOfErrors(0, 50, "a"), answerProblem(http.StatusNotFound, `{"detail":"gone"}`))
	c, _ := s.client()
	var last error
	for _, err := range c.ImportErrors(t.Context(), retailq.NewID(), "", 0) {
		last = err
	}
	require.ErrorIs(t, last, retailq.ErrNotFound)
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	s := serve(t, answerJSON(http.StatusOK, map[string]any{"items": []any{}, "codes": []CodeCount{{"required", 3, 2}}}))
	c, _ := s.client()
	codes, err := c.ErrorCodes(t.Context(), retailq.NewID())
	require.NoError(t, err)
	require.Equal(t, []CodeCount{{"required", 3, 2}}, codes)
}

func TestListings(t *testing.T) {
	t.Parallel()
	parent := retailq.NewID()
	s := serve(t,
		answerJSON(http.StatusOK, page[*retailq.Import]{Items: []*retailq.Import{{Filename: "a.csv"}}}),
		answerJSON(http.StatusOK, page[*retailq.Job]{Items: []*retailq.Job{{Seq: 4}}}))
	c, _ := s.client()
	for i, err := range c.Imports(t.Context(), 20) {
		require.NoError(t, err)
		require.Equal(t, "a.csv", i.Filename)
	}
	for j, err := range c.Jobs(t.Context(), JobFilter{Kind: "k", State: retailq.Failed, Parent: parent}, 20) {
		require.NoError(t, err)
		require.Equal(t, 4, j.Seq)
	}
	require.Equal(t, fmt.Sprintf("kind=k&limit=20&parent=%s&state=failed", parent), s.requests()[1].query)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	full := page[retailq.JobEvent]{}
	for i := range pageSize {
		full.Items = append(full.Items, retailq.JobEvent{ID: int64(i + 1)})
	}
	s := serve(t, answerJSON(http.StatusOK, full),
		answerJSON(http.StatusOK, page[retailq.JobEvent]{Items: []retailq.JobEvent{{ID: 99, Type: "succeeded"}}}))
	c, _ := s.client()
	var events []retailq.JobEvent
	for e, err := range c.JobHistory(t.Context(), retailq.NewID()) {
		require.NoError(t, err)
		events = append(events, e)
	}
	require.Len(t, events, pageSize+1)
	require.Equal(t, "after=50&limit=50", s.requests()[1].query)
}
