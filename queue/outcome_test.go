package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

func TestWhetherAnAttemptIsRepeated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want retailq.State
		code string
	}{
		{retailq.Invalid("header_missing", "m"), retailq.Failed, "header_missing"},
		{retailq.NotFound("import", "x"), retailq.Failed, "import_not_found"},
		{retailq.Conflict("c", "m"), retailq.Failed, "c"},
		{retailq.Errorf(retailq.ErrForbidden, "c", "m"), retailq.Failed, "c"},
		{retailq.Errorf(retailq.ErrTooLarge, "c", "m"), retailq.Failed, "c"},
		{fmt.Errorf("read chunk 7: %w", retailq.Invalid("c", "m")), retailq.Failed, "c"},

		{retailq.Unavailable("storage", io.EOF), retailq.Retrying, "storage_unavailable"},
		{retailq.Errorf(retailq.ErrThrottled, "c", "m"), retailq.Retrying, "c"},
		{retailq.Errorf(retailq.ErrUnauthenticated, "c", "m"), retailq.Retrying, "c"},
		{errors.New("password=secret"), retailq.Retrying, "internal"},
		{context.DeadlineExceeded, retailq.Retrying, "internal"},
	}
	backoff := Backoff{First: time.Second, Max: time.Minute}
	for _, tt := range tests {
		first := failed(&retailq.Job{MaxAttempts: 3}, backoff, tt.err)
		require.Equal(t, tt.want, first.State, tt.err)
		require.Equal(t, tt.code, first.Failure.Code)
		require.NotContains(t, first.Failure.Message, "secret")
		require.True(t, first.Burn)

		last := failed(&retailq.Job{Failures: 2, MaxAttempts: 3}, backoff, tt.err)
		require.Equal(t, retailq.Failed, last.State, "attempts are used up")
		require.Equal(t, "failed", last.Event)
		require.Zero(t, last.Delay)
	}
}

func TestDelayGrowsWithEachFailure(t *testing.T) {
	t.Parallel()
	for failures, longest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
		backoff := Backoff{First: time.Second, Max: 5 * time.Second}
		e := failed(&retailq.Job{Failures: failures, MaxAttempts: 9}, backoff, io.EOF)
		require.GreaterOrEqual(t, e.Delay, longest/2)
		require.LessOrEqual(t, e.Delay, longest)
	}
}

func TestFailureTellsTheHint(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("scan: %w", retailq.Invalid("c", "what").WithHint("how").Because(io.EOF))
	require.Equal(t, &retailq.Failure{Code: "c", Message: "what", Hint: "how"}, failureOf(err))
}
