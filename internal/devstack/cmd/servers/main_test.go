package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandFindsServersAndSetsTheStatus(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	status, err := run([]string{"sh", "-c", `printf %s "$RETAILQ_TEST_STACK" > "$0"; exit 7`, out})
	require.NoError(t, err)
	require.Equal(t, 7, status)
	described, err := os.ReadFile(out)
	require.NoError(t, err)
	for _, part := range []string{`"postgres://`, `"redis://`, `"http://`, `"s3_program"`} {
		require.Contains(t, string(described), part)
	}
}

func TestMissingCommand(t *testing.T) {
	t.Parallel()
	status, err := run([]string{"/no/such/program"})
	require.Error(t, err)
	require.Equal(t, 1, status)
}
