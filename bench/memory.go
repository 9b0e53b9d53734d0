package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
)

// workers lists the process ids of the platform's workers.
func (c *course) workers(ctx context.Context) ([]int, error) {
	rows, err := c.platform.Query(ctx, `
		SELECT pid FROM workers WHERE NOT draining AND heartbeat_at > now() - interval '10 s' ORDER BY pid`)
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", err)
	}
	return pids, nil
}

// resetPeaks has the kernel forget how much memory the processes have needed so far: proc_pid_clear_refs(5), value 5.
// Systems other than Linux have nothing of the kind, and nothing is measured there.
func resetPeaks(pids []int) error {
	for _, pid := range pids {
		err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("reset peak of memory: %w", err)
		}
	}
	return nil
}

// highestPeak is the most memory that any of the processes has needed, in bytes: VmHWM in proc_pid_status(5). It is 0
// where that is not known.
func highestPeak(pids []int) (int64, error) {
	var highest int64
	for _, pid := range pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read peak of memory: %w", err)
		}
		highest = max(highest, kilobytes(status, "VmHWM:"))
	}
	return highest, nil
}

// kilobytes reads one line of a file of /proc, such as "VmHWM:  1234 kB", and returns it in bytes; 0 if there is none.
func kilobytes(file []byte, name string) int64 {
	lines := bufio.NewScanner(bytes.NewReader(file))
	for lines.Scan() {
		rest, found := strings.CutPrefix(lines.Text(), name)
		if !found {
			continue
		}
		var n int64
		if _, err := fmt.Sscanf(rest, "%d kB", &n); err == nil {
			return n << 10
		}
	}
	return 0
}
