package retailq_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

func TestErrorIsItsKindAndItsCause(t *testing.T) {
	t.Parallel()
	cause := &fs.PathError{Op: "open", Path: "x", Err: io.ErrUnexpectedEOF}
	err := fmt.Errorf("start import: %w", retailq.Unavailable("storage", cause))

	require.ErrorIs(t, err, retailq.ErrUnavailable)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotErrorIs(t, err, retailq.ErrInvalid)
	var path *fs.PathError
	require.ErrorAs(t, err, &path)
	var told *retailq.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, "storage_unavailable", told.Code)
	require.EqualError(t, err, "start import: storage cannot be reached: open x: unexpected EOF")
}

func TestErrorWithoutCauseIsItsKindOnly(t *testing.T) {
	t.Parallel()
	err := retailq.Invalid("header_missing", "column %q is missing", "uid").WithHint("Add %s.", "it")
	require.EqualError(t, err, `column "uid" is missing`)
	require.Equal(t, "Add it.", err.Hint)
	require.Equal(t, []error{retailq.ErrInvalid}, err.Unwrap())
}

func TestConstructorsChooseTheKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err        *retailq.Error
		kind       error
		code, text string
	}{
		{retailq.Invalid("a", "b"), retailq.ErrInvalid, "a", "b"},
		{retailq.Conflict("a", "b %d", 1), retailq.ErrConflict, "a", "b 1"},
		{retailq.NotFound("job", "7"), retailq.ErrNotFound, "job_not_found", `there is no job "7"`},
		{retailq.Errorf(retailq.ErrTooLarge, "c", "d"), retailq.ErrTooLarge, "c", "d"},
		{retailq.Unavailable("redis", errors.New("e")), retailq.ErrUnavailable,
			"redis_unavailable", "redis cannot be reached: e"},
	}
	for _, tt := range tests {
		require.ErrorIs(t, tt.err, tt.kind)
		require.Equal(t, tt.code, tt.err.Code)
		require.EqualError(t, tt.err, tt.text)
	}
}
