package devstack_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq/internal/devstack"
	"retailq/internal/devstack/s3server"
)

// parentVar makes the test program the parent of a stack in the directory it names, for tests that kill it.
const parentVar = "DEVSTACK_TEST_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentVar); dir != "" {
		if err := beParent(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// beParent starts a stack, prints the pids of its servers as JSON and waits to be killed, or for its input to end.
func beParent(dir string) error {
	program, err := s3server.Program()
	if err != nil {
		return err
	}
	stack, err := devstack.Start(context.Background(), devstack.Options{Dir: dir, Durable: true, S3Program: program})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(stack.Pids()); err != nil {
		return err
	}
	_, err = bufio.NewReader(os.Stdin).ReadByte()
	return err
}

func TestKilledParentLeavesNoServers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs the parent-death signal of Linux")
	}
	dir := t.TempDir()
	pids := killParent(t, dir)
	require.Len(t, pids, 3)
	require.Eventually(t, func() bool { return !running(t, pids, dir) }, 20*time.Second, 10*time.Millisecond)
	start(t, devstack.Options{Dir: dir})
}

// killParent starts a stack from another process, kills that with SIGKILL and returns the pids of the servers.
func killParent(t *testing.T, dir string) []int {
	t.Helper()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVar+"="+dir)
	parent.Stderr = os.Stderr
	_, err := parent.StdinPipe() // held open: the parent waits for its end
	require.NoError(t, err)
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var pids []int
	decodeErr := json.NewDecoder(out).Decode(&pids)
	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	require.NoError(t, decodeErr)
	return pids
}

func TestOrphanIsEndedByTheNextStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, devstack.Options{Dir: dir, Parts: []devstack.Part{devstack.PartRedis}})
	require.NoError(t, first.Stop())

	// A process that names the data directory, as a server without a parent-death signal would.
	orphan, _ := sleeper(t, filepath.Join(dir, "redis"))
	writePid(t, dir, "redis", orphan)
	// And one whose id a server once had.
	bystander, wake := sleeper(t, "elsewhere")
	writePid(t, dir, "postgres", bystander)

	second := start(t, devstack.Options{Dir: dir, Parts: []devstack.Part{devstack.PartRedis}})
	require.Error(t, orphan.Wait(), "ended by a signal")
	require.Equal(t, first.RedisURL, second.RedisURL)
	require.NoFileExists(t, filepath.Join(dir, "postgres.pid"))
	require.NoError(t, wake.Close())
	require.NoError(t, bystander.Wait(), "not ended by a signal")
}

// sleeper runs, with arg among its arguments, until its input is closed or it is signalled.
func sleeper(t *testing.T, arg string) (*exec.Cmd, io.Closer) {
	t.Helper()
	cmd := exec.Command("sh", "-c", "read line; exit 0", "sleeper", arg)
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, input
}

func writePid(t *testing.T, dir, part string, cmd *exec.Cmd) {
	t.Helper()
	pid := strconv.Itoa(cmd.Process.Pid)
	require.NoError(t, os.WriteFile(filepath.Join(dir, part+".pid"), []byte(pid), 0o600))
}

// running reports whether one of the processes still has an argument below dir. Zombies, which an init that does not
// collect them leaves, have no arguments.
func running(t *testing.T, pids []int, dir string) bool {
	t.Helper()
	for _, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && strings.Contains(string(raw), dir) {
			return true
		}
	}
	return false
}
