package obs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/obs"
)

// line decodes the one line that was logged, without its time.
func line(t *testing.T, logged *bytes.Buffer) map[string]any {
	t.Helper()
	var got map[string]any
	require.NoError(t, json.Unmarshal(logged.Bytes(), &got), logged.String())
	require.Regexp(t, `^\d{4}-\d\d-\d\dT[\d:.]+Z$`, got["time"], "UTC")
	delete(got, "time")
	return got
}

func TestLinesCarryTheirContext(t *testing.T) {
	t.Parallel()
	job := retailq.NewID()
	ctx := obs.Continue(t.Context(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	ctx = obs.With(ctx, obs.RequestID, "r1", obs.JobID, job, obs.TenantID, retailq.ID{}, slog.Int("n", 1))
	ctx = obs.With(ctx, "n", 2)
	var logged bytes.Buffer
	log := obs.NewLogger(&logged, obs.LogOptions{Service: "worker"})
	log.DebugContext(ctx, "below the level")
	log.InfoContext(ctx, "hello", "own", true, obs.RequestID, "r2")
	require.Empty(t, cmp.Diff(map[string]any{
		"level": "INFO", "msg": "hello", "service": "worker", "own": true, "request_id": "r2", "n": float64(2),
		"job_id": job.String(), "trace_id": "0af7651916cd43dd8448eb211c80319c",
	}, line(t, &logged)))
	require.Equal(t, 1, bytes.Count(logged.Bytes(), []byte(`"request_id"`)), "no key twice")
}

func TestContextsBranch(t *testing.T) {
	t.Parallel()
	parent := obs.With(t.Context(), "a", 1, "b", 2, "c", 3)
	left, right := obs.With(parent, "side", "left"), obs.With(parent, "side", "right", "a", 0)
	require.Len(t, obs.Attrs(parent), 3)
	require.Equal(t, "left", obs.Attrs(left)[3].Value.String())
	require.Equal(t, "side", obs.Attrs(right)[2].Key)
	require.Equal(t, "a", obs.Attrs(right)[3].Key)
	require.Empty(t, obs.Attrs(t.Context()))
}

func TestLoggersDerivedFromOneStillAddTheContext(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	log := obs.NewLogger(&logged, obs.LogOptions{Format: "json"}).With("x", 1).WithGroup("g")
	log.InfoContext(obs.With(t.Context(), "y", 2), "hello")
	require.Equal(t, map[string]any{
		"level": "INFO", "msg": "hello", "x": float64(1), "g": map[string]any{"y": float64(2)},
	}, line(t, &logged))
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for format, isJSON := range map[string]bool{"": true, "auto": true, "json": true, "text": false} {
		var logged bytes.Buffer
		obs.NewLogger(&logged, obs.LogOptions{Format: format, Level: slog.LevelWarn}).Warn("careful", "n", 1)
		require.Equal(t, isJSON, json.Valid(logged.Bytes()), "%s: %s", format, &logged)
		require.NotContains(t, logged.String(), "\x1b", "no colours but on a terminal")
		require.Contains(t, logged.String(), "careful")
	}
}

func TestALineWithoutContext(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	obs.NewLogger(&logged, obs.LogOptions{}).ErrorContext(context.Background(), "bare")
	require.Equal(t, map[string]any{"level": "ERROR", "msg": "bare"}, line(t, &logged))
}
