package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// script is a server that answers one request after another as it was told, and notes what it was asked.
type script struct {
	t       *testing.T
	url     string
	answers []http.HandlerFunc

	mu    sync.Mutex
	asked []seen
}

// seen is one request as it arrived.
type seen struct {
	method, path, query, body string
	header                    http.Header
	length                    int64
}

func serve(t *testing.T, answers ...http.HandlerFunc) *script {
	t.Helper()
	s := &script{t: t, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, seen{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header, r.ContentLength})
	s.mu.Unlock()
	if n >= len(s.answers) {
		s.t.Errorf("request %d was not expected: %s %s", n+1, r.Method, r.URL)
		http.Error(w, "not expected", http.StatusTeapot)
		return
	}
	s.answers[n](w, r)
}

func (s *script) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// client returns a client of the server that does not wait, and what it would have waited.
func (s *script) client() (*Client, *[]time.Duration) { return hurried(s.t, s.url) }

func hurried(t *testing.T, url string) (*Client, *[]time.Duration) {
	t.Helper()
	c, err := New(Options{URL: url, Token: "secret", Tenant: "demo", UserAgent: "test/1"})
	require.NoError(t, err)
	t.Cleanup(c.http.CloseIdleConnections)
	waited := &[]time.Duration{}
	c.pause = func(ctx context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return ctx.Err()
	}
	return c, waited
}

func answerJSON(status int, v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
}

func answerProblem(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func busy(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(http.StatusServiceUnavailable)
}

func TestAddressesAreChecked(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "127.0.0.1:8080", "ftp://example.com", "http://", "http://[::1"} {
		_, err := New(Options{URL: url})
		require.ErrorIs(t, err, retailq.ErrInvalid, url)
	}
}

func TestRequestsSayWhoAsks(t *testing.T) {
	t.Parallel()
	id := retailq.NewID()
	s := serve(t, answerJSON(http.StatusOK, retailq.Job{ID: id, State: retailq.Running}))
	c, _ := hurried(t, s.url+"/behind/a/proxy/")
	job, err := c.Job(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, retailq.Running, job.State)
	got := s.requests()[0]
	require.Equal(t, "/behind/a/proxy/v1/jobs/"+id.String(), got.path)
	require.Equal(t, "Bearer secret", got.header.Get("Authorization"))
	require.Equal(t, "demo", got.header.Get("X-Retailq-Tenant"))
	require.Equal(t, "test/1", got.header.Get("User-Agent"))
}

func TestProblemsComeBackAsErrors(t *testing.T) {
	t.Parallel()
	s := serve(t, answerProblem(http.StatusUnprocessableEntity, `{"title":"Invalid","status":422,"code":"header_missing",
		"detail":"the file has no column for uid","hint":"Rename it.",
		"errors":[{"field":"uid","code":"header_missing","message":"no column"}],"request_id":"r1"}`))
	c, _ := s.client()
	_, err := c.StartImport(t.Context(), ImportRequest{ObjectKey: "k"})
	var e *retailq.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, retailq.ErrInvalid)
	require.Equal(t, "header_missing", e.Code)
	require.Equal(t, "the file has no column for uid", err.Error())
	require.Equal(t, "Rename it.", e.Hint)
	require.Equal(t, []retailq.FieldError{{Field: "uid", Code: "header_missing", Message: "no column"}}, e.Fields)
}

func TestKindsOfStatuses(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{
		400: retailq.ErrInvalid, 401: retailq.ErrUnauthenticated, 403: retailq.ErrForbidden, 404: retailq.ErrNotFound,
		409: retailq.ErrConflict, 413: retailq.ErrTooLarge, 422: retailq.ErrInvalid, 500: errServer,
	} {
		s := serve(t, answerProblem(status, `{"detail":"no","code":"c","request_id":"r1"}`))
		c, waited := s.client()
		_, err := c.Job(t.Context(), retailq.NewID())
		require.ErrorIs(t, err, kind, "status %d", status)
		require.Empty(t, *waited, "status %d", status)
		if status == http.StatusInternalServerError {
			require.EqualError(t, err, "no (request r1)")
		}
	}
}

// TestSomethingElseAnswers: a proxy's page, or another server altogether.
func TestSomethingElseAnswers(t *testing.T) {
	t.Parallel()
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>hello</html>")
		}
	}
	s := serve(t, page(http.StatusMethodNotAllowed), page(http.StatusOK))
	c, _ := s.client()
	_, err := c.Cancel(t.Context(), retailq.ID{1}, "")
	require.ErrorContains(t, err, "answered 405 Method Not Allowed to POST /v1/jobs/")
	_, err = c.Job(t.Context(), retailq.ID{1})
	require.ErrorContains(t, err, "cannot be read")
}

func TestRequestsAreRepeated(t *testing.T) {
	t.Parallel()
	job := retailq.Job{ID: retailq.NewID(), Version: 3}
	s := serve(t, hangUp, busy, answerProblem(http.StatusTooManyRequests, `{}`), answerJSON(http.StatusOK, job))
	c, waited := s.client()
	got, err := c.Job(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, job.Version, got.Version)
	require.Len(t, *waited, 3)
	require.Equal(t, 7*time.Second, (*waited)[1], "the server says how long")
}

func TestRepetitionEnds(t *testing.T) {
	t.Parallel()
	s := serve(t, busy, busy, busy, busy, busy)
	c, waited := s.client()
	_, err := c.Job(t.Context(), retailq.NewID())
	require.ErrorIs(t, err, retailq.ErrUnavailable)
	require.Len(t, *waited, sendAttempts-1)
}

func TestServerIsDown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	c, waited := hurried(t, url)
	_, err := c.Job(t.Context(), retailq.NewID())
	var e *retailq.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "server_unreachable", e.Code)
	require.ErrorContains(t, err, url+" does not answer")
	require.Contains(t, e.Hint, "RETAILQ_URL")
	require.Len(t, *waited, sendAttempts-1)
}

func TestCancelledRequestsAreNotRepeated(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(http.ResponseWriter, *http.Request) {
		cancel()
		hangUp(nil, nil)
	})
	c, waited := s.client()
	_, err := c.Job(ctx, retailq.NewID())
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, *waited)
}

// TestRequeueIsNotRepeated: whoever asked once must not hear of a conflict with their own request.
func TestRequeueIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := serve(t, hangUp)
	c, _ := s.client()
	_, err := c.Requeue(t.Context(), retailq.NewID(), "")
	require.ErrorIs(t, err, retailq.ErrUnavailable)
}

func TestVerbsSayWhy(t *testing.T) {
	t.Parallel()
	ok := answerJSON(http.StatusAccepted, retailq.Job{State: retailq.Pausing})
	s := serve(t, ok, ok, busy, ok)
	c, _ := s.client()
	id := retailq.NewID()
	job, err := c.Pause(t.Context(), id, "stocktaking")
	require.NoError(t, err)
	require.Equal(t, retailq.Pausing, job.State)
	_, err = c.Resume(t.Context(), id, "")
	require.NoError(t, err)
	_, err = c.Cancel(t.Context(), id, "wrong file")
	require.NoError(t, err)
	requests := s.requests()
	require.Equal(t, "/v1/jobs/"+id.String()+"/pause", requests[0].path)
	require.JSONEq(t, `{"reason":"stocktaking"}`, requests[0].body)
	require.Empty(t, requests[1].body)
	require.JSONEq(t, `{"reason":"wrong file"}`, requests[3].body, "the body goes out again with each attempt")
}

func TestBackoffGrowsAndStaysBounded(t *testing.T) {
	t.Parallel()
	for n := 1; n < 100; n++ {
		require.LessOrEqual(t, backoff(n), longestBackoff)
		require.GreaterOrEqual(t, backoff(n), firstPause/2)
	}
	require.GreaterOrEqual(t, backoff(50), longestBackoff/2)
}

func TestSleepEndsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	require.ErrorIs(t, sleep(ctx, time.Hour), context.Canceled)
	require.NoError(t, sleep(t.Context(), 0))
}
