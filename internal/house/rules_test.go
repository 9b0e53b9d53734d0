package house

import (
	"go/parser"
	"go/token"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRulesAreEnforced breaks each rule once, in a file that exists only here.
func TestRulesAreEnforced(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, body, want string }{
		{"allowed", "queue/run.go", `import _ "retailq/store"`, ""},
		{"root package", "store/users.go", `import _ "retailq"`, ""},
		{"same room", "storage/storagetest/suite.go", `import _ "retailq/storage"`, ""},
		{"standard library", "job.go", `import _ "encoding/json"`, ""},
		{"client at home", "storage/put.go", `import _ "github.com/aws/aws-sdk-go-v2/service/s3"`, ""},
		{"client below its home", "cmd/retailq/jobs.go", `import _ "github.com/spf13/cobra"`, ""},
		{"test library in a test", "api/jobs_test.go", `import _ "github.com/stretchr/testify/require"`, ""},
		{"test support in a test", "jobs/scan_test.go", `import _ "retailq/storage/storagetest"`, ""},
		{"environment in config", "config/load.go", `import "os"; var _ = os.Environ()`, ""},
		{"environment in a test", "store/db_test.go", `import "os"; var _ = os.Getenv("X")`, ""},

		{"wrong room", "store/users.go", `import _ "retailq/queue"`,
			`store/users.go:1: imports "retailq/queue", but store may import only .`},
		{"siblings", "cache/warm.go", `import _ "retailq/store"`,
			`cache/warm.go:1: imports "retailq/store", but cache may import only .`},
		{"servers for development in a service", "cmd/api/main.go", `import _ "retailq/internal/devstack"`,
			`cmd/api/main.go:1: imports "retailq/internal/devstack", but cmd may import only ` +
				`., config, internal/obs, tabular, store, storage, cache, queue, jobs, ops, api, console`},
		{"room of a test", "store/users_test.go", `import _ "retailq/queue"`,
			`store/users_test.go:1: imports "retailq/queue", but store may import only .`},
		{"root imports nothing of ours", "job.go", `import _ "retailq/config"`,
			`job.go:1: imports "retailq/config", but . imports no other package of the module`},
		{"root imports nothing of others", "job.go", `import _ "golang.org/x/sync/errgroup"`,
			`job.go:1: imports "golang.org/x/sync/errgroup", but the root package imports the standard library only`},
		{"client away from home", "api/jobs.go", `import _ "github.com/hibiken/asynq"`,
			`api/jobs.go:1: imports "github.com/hibiken/asynq", but the one home of github.com/hibiken/asynq is queue`},
		{"client as a guest of tests", "api/server.go", `import _ "github.com/getkin/kin-openapi/openapi3"`,
			`api/server.go:1: imports "github.com/getkin/kin-openapi/openapi3", ` +
				`but that module is for the tests of api`},
		{"client without a home", "api/jobs.go", `import _ "example.com/new/thing"`,
			`api/jobs.go:1: imports "example.com/new/thing", ` +
				`but that module has no line in clients: say there which package is its home`},
		{"test library in code", "api/jobs.go", `import _ "github.com/google/go-cmp/cmp"`,
			`api/jobs.go:1: imports "github.com/google/go-cmp/cmp", but that library is for tests only`},
		{"test support in code", "jobs/scan.go", `import _ "retailq/storage/storagetest"`,
			`jobs/scan.go:1: imports "retailq/storage/storagetest", but that package is for tests only`},
		{"package without a line", "misc/x.go", `import _ "fmt"`,
			`misc/x.go:1: package misc has no line in rooms: say there what it may import`},
		{"environment elsewhere", "queue/run.go", `import "os"; var _ = os.Getenv("X")`,
			`queue/run.go:1: reads the environment by os.Getenv, but that is for config to do; take a value instead`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fset := token.NewFileSet()
			syntax, err := parser.ParseFile(fset, tt.file, "package p; "+tt.body, parser.SkipObjectResolution)
			require.NoError(t, err)
			got := problemsOf(source{name: tt.file, fset: fset, syntax: syntax})
			if tt.want == "" {
				require.Empty(t, got)
				return
			}
			require.Equal(t, []string{tt.want}, got)
		})
	}
}

func TestTablesAreWhole(t *testing.T) {
	t.Parallel()
	for _, r := range rooms {
		for _, target := range slices.Concat(r.may, r.tests) {
			if _, known := roomOf(target); target != anything {
				require.True(t, known, "%s may import %s, which has no line of its own", r.dir, target)
			}
		}
	}
	for _, c := range clients {
		for _, g := range c.also {
			require.NotEmpty(t, g.why, "%s is a guest of %s for no stated reason", c.path, g.dir)
		}
	}
}
