package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"retailq"
)

func TestEveryKindHasItsAnswer(t *testing.T) {
	t.Parallel()
	cause := errors.New("the password is 1234")
	for _, test := range []struct {
		err    error
		status int
		code   string
		shown  string
	}{
		{malformed("m", "odd"), 400, "m", "odd"},
		{retailq.Invalid("i", "bad").Because(cause), 422, "i", "bad"},
		{retailq.NotFound("job", "7"), 404, "job_not_found", `there is no job "7"`},
		{retailq.Conflict("c", "late"), 409, "c", "late"},
		{retailq.Errorf(retailq.ErrUnauthenticated, "u", "who"), 401, "u", "who"},
		{retailq.Errorf(retailq.ErrForbidden, "f", "no"), 403, "f", "no"},
		{retailq.Errorf(retailq.ErrTooLarge, "t", "big"), 413, "t", "big"},
		{retailq.Errorf(retailq.ErrThrottled, "slow", "often"), 429, "slow", "often"},
		{fmt.Errorf("find x: %w", retailq.Unavailable("storage", cause)), 503, "storage_unavailable", "quote the request id"},
		{context.DeadlineExceeded, 503, "timeout", "quote the request id"},
		{context.Canceled, 499, "client_gone", ""},
		{cause, 500, "internal", "quote the request id"},
		{fmt.Errorf("x: %w", retailq.ErrNotFound), 404, "not_found", ""},
	} {
		p := problemOf(test.err, answerTo(test.err), "/x", "r")
		require.Equal(t, test.status, p.Status, "%v", test.err)
		require.Equal(t, test.code, p.Code)
		require.Contains(t, p.Detail, test.shown)
		require.NotContains(t, p.Detail, "1234")
		require.NotEmpty(t, p.Title)
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.TenantAdmin)
	for name, test := range map[string]struct {
		body, code, field string
		status            int
	}{
		"empty":          {"", "body_missing", "", 400},
		"no JSON":        {"{oops", "json_invalid", "", 400},
		"cut short":      {`{"size": 1`, "body_truncated", "", 400},
		"unknown field":  {`{"size": 1, "sise": 2}`, "field_unknown", "sise", 400},
		"wrong type":     {`{"size": "1"}`, "field_type", "size", 400},
		"no whole":       {`{"size": 1.5}`, "field_type", "size", 400},
		"array":          {`[]`, "field_type", "", 400},
		"trailing":       {`{"size": 1} {}`, "body_trailing", "", 400},
		"trailing brace": {`{"size": 1}}`, "body_trailing", "", 400},
		"too large":      {`{"filename": "` + strings.Repeat("x", testBody) + `"}`, "body_too_large", "", 413},
		"large trailing": {`{"size": 1}` + strings.Repeat(" ", testBody), "body_too_large", "", 413},
		"no size":        {`{}`, "size_invalid", "", 422},
		"huge file":      {`{"size": 1048577}`, "file_too_large", "", 413},
	} {
		got := requireProblem(t, p.do(t, token, http.MethodPost, "/v1/uploads", test.body), test.status, test.code)
		if test.field != "" {
			require.Len(t, got.Errors, 1, name)
			require.Equal(t, test.field, got.Errors[0].Field, name)
		}
	}
	r := p.do(t, token, http.MethodPost, "/v1/uploads", "uid,name", "Content-Type", "text/csv; charset=utf-8")
	requireProblem(t, r, http.StatusUnsupportedMediaType, "media_type")
}

func TestParametersAreReadStrictly(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	token := p.as(t, retailq.Viewer)
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=61": "limit", "limit=x": "limit", "limit=1&limit=2": "limit",
		"cursor=!": "cursor", "cursor=bm9wZQ": "cursor", "state=done": "state", "parent=7": "parent", "stat=failed": "stat",
	} {
		r := p.do(t, token, http.MethodGet, "/v1/jobs?"+query, nil)
		got := requireProblem(t, r, http.StatusBadRequest, "query_invalid")
		require.Equal(t, field, got.Errors[0].Field, query)
	}
	requireProblem(t, p.do(t, token, http.MethodGet, "/v1/jobs/7", nil), http.StatusBadRequest, "id_invalid")
	requireProblem(t, p.do(t, token, http.MethodGet, "/v1/jobs?kind=%00", nil), http.StatusBadRequest, "query_invalid")
}

func TestUnknownRoutesAndMethods(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	for _, path := range []string{"/", "/v1/", "/v1/jobs/", "/v2/jobs", "/v1/jobs/x/y/z"} {
		requireProblem(t, p.do(t, "", http.MethodGet, path, nil), http.StatusNotFound, "route_not_found")
	}
	r := p.do(t, "", http.MethodDelete, "/v1/imports", nil)
	requireProblem(t, r, http.StatusMethodNotAllowed, "method_not_allowed")
	require.ElementsMatch(t, []string{"GET", "POST"}, strings.Split(r.header.Get("Allow"), ", "))
}

func TestPanicsAreAnswered(t *testing.T) {
	t.Parallel()
	logs := &lines{}
	p := newPlatform(t, func(o *Options) {
		o.Log = newTestLog(logs)
		o.Checks = nil
	})
	engine, ok := New(Options{Log: newTestLog(logs)}).(*gin.Engine)
	require.True(t, ok)
	engine.GET("/panic", short, func(*gin.Context) { panic("at the disco") })
	p.url = serve(t, engine)
	got := requireProblem(t, p.do(t, "", http.MethodGet, "/panic", nil), http.StatusInternalServerError, "internal")
	require.NotContains(t, got.Detail, "disco")
	line := logs.find(t, "/panic")
	require.Equal(t, "ERROR", line["level"])
	require.Contains(t, line["err"], "at the disco")
	require.Contains(t, line["err"], "problem_test.go", "the stack")
}

func TestRequestsEndInTime(t *testing.T) {
	t.Parallel()
	engine := gin.New()
	engine.GET("/", short, func(c *gin.Context) {
		deadline, ok := c.Request.Context().Deadline()
		c.String(http.StatusOK, "%t", ok && time.Until(deadline) <= patience)
	})
	p := &platform{client: http.DefaultClient, url: serve(t, engine)}
	require.Equal(t, "true", string(p.do(t, "", http.MethodGet, "/", nil).body))
}
