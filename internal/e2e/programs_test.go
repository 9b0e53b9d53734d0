package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"

	"retailq/internal/devstack"
)

// programs builds the commands of the platform, once for this run, and returns the directory that holds them. They are
// removed as the servers of a run are: by the next one.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := devstack.TempDir()
	if err != nil {
		return "", err
	}
	// Without what only a debugger reads, linking takes half the time.
	build := exec.Command("go", "build", "-ldflags=-w",
		"-o", dir+string(filepath.Separator), "retailq/cmd/api", "retailq/cmd/scheduler", "retailq/cmd/worker")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return dir, nil
})
