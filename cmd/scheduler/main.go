// Command scheduler does what happens because time passed: it queues retries that are due, rings again for jobs that
// nobody came for, and rescues the jobs of dead workers. Any number may run.
//
// It is configured by environment variables, which docs/configuration.md lists, and ends with status 0 after SIGTERM, 2
// if its settings are wrong, and 1 if it cannot go on.
package main

import (
	"os"

	"retailq/cmd/internal/boot"
)

// version is set by the linker: -X main.version=v1.2.3
var version string

func main() { os.Exit(boot.Main("scheduler", version, boot.Scheduler)) }
