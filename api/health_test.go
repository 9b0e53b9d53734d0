package api

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReadiness(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	broken := func(context.Context) error { return errors.New("refused") }
	stuck := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, test := range map[string]struct {
		database, redis func(context.Context) error
		status          int
		want            string
	}{
		"all up":             {fine, fine, http.StatusOK, up},
		"redis down":         {fine, broken, http.StatusOK, degraded},
		"database down":      {broken, fine, http.StatusServiceUnavailable, down},
		"both down":          {broken, broken, http.StatusServiceUnavailable, down},
		"both do not answer": {stuck, stuck, http.StatusServiceUnavailable, down},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := New(Options{Log: newTestLog(&lines{}), Version: "v1", Checks: []Check{
				{Name: "database", Critical: true, Run: test.database}, {Name: "redis", Run: test.redis},
			}})
			p := &platform{client: &http.Client{Transport: contractTransport{t: t}}, url: serve(t, handler)}
			start := time.Now()
			got := into[health](t, p.do(t, "", http.MethodGet, "/readyz", nil), test.status)
			require.Less(t, time.Since(start), 2*checkTime, "all at once")
			require.Equal(t, test.want, got.Status)
			require.Len(t, got.Dependencies, 2)

			told := into[summary](t, p.do(t, "", http.MethodGet, "/api/health", nil), http.StatusOK)
			require.Equal(t, test.want, told.Status)
			require.Equal(t, "v1", told.Version)
			require.Equal(t, http.StatusOK, p.do(t, "", http.MethodGet, "/livez", nil).status)
		})
	}
}

func TestReadinessOfRealDependencies(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	require.Equal(t, up, into[health](t, p.do(t, "", http.MethodGet, "/readyz", nil), http.StatusOK).Status)
}
