package supervise_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq/cmd/internal/supervise"
)

func TestDeadProgramsAreStartedAgain(t *testing.T) {
	t.Parallel()
	deaths := make(chan supervise.Death, 8)
	child := start(t, deaths, "exec sleep 60")
	first := child.PID()
	require.NoError(t, syscall.Kill(first, syscall.SIGKILL))
	death := <-deaths
	require.Equal(t, first, death.PID)
	require.EqualError(t, death.Err, "signal: killed")
	require.Eventually(t, func() bool {
		pid := child.PID()
		return pid != 0 && pid != first
	}, 10*time.Second, time.Millisecond)
}

func TestProgramsThatKeepDyingAreStartedEverLater(t *testing.T) {
	t.Parallel()
	deaths := make(chan supervise.Death, 8)
	start(t, deaths, "exit 3")
	first, second := <-deaths, <-deaths
	require.EqualError(t, first.Err, "exit status 3")
	require.Equal(t, 2*first.RestartIn, second.RestartIn)
}

func TestStopLetsTheProgramFinish(t *testing.T) {
	t.Parallel()
	deaths := make(chan supervise.Death, 8)
	note := filepath.Join(t.TempDir(), "note")
	ready := note + ".ready"
	child := start(t, deaths, `trap "echo bye > `+note+`; exit 0" TERM; : > `+ready+`; while :; do sleep 0.01; done`)
	require.Eventually(t, func() bool { _, err := os.Stat(ready); return err == nil }, 10*time.Second, time.Millisecond)
	child.Stop(t.Context())
	require.FileExists(t, note)
	require.Zero(t, child.PID())
	require.Empty(t, deaths, "an end that was asked for is no death")
}

func TestStopKillsInTheEnd(t *testing.T) {
	t.Parallel()
	deaths := make(chan supervise.Death, 8)
	child := start(t, deaths, `trap "" TERM; while :; do sleep 0.01; done`)
	pid := child.PID()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	child.Stop(ctx)
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

func TestStartReportsWhatCannotRun(t *testing.T) {
	t.Parallel()
	_, err := supervise.Start(supervise.Program{
		Name: "nothing", Path: "/does/not/exist", Log: filepath.Join(t.TempDir(), "log"),
	}, func(supervise.Death) {})
	require.ErrorContains(t, err, "start nothing")
}

// start runs a shell script as a child until the end of the test.
func start(t *testing.T, deaths chan supervise.Death, script string) *supervise.Child {
	t.Helper()
	child, err := supervise.Start(supervise.Program{
		Name: "script", Path: "/bin/sh", Args: []string{"-c", script}, Env: os.Environ(),
		Log: filepath.Join(t.TempDir(), "log"),
	}, func(d supervise.Death) { deaths <- d })
	require.NoError(t, err)
	t.Cleanup(func() { child.Stop(context.Background()) })
	return child
}
