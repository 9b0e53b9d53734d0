package house

// anything, as the last name of a list, lifts the rule for that line.
const anything = "*"

// room is one line of the import table: what a package of this module may import of this module. Rooms are directories
// below the module root, and include the directories below them that have no line of their own. Within a room, every
// package may import every other. The arrows form a DAG; Go itself refuses a cycle.
type room struct {
	dir string
	may []string
	// tests lists what the room's tests may import besides. Any test may import the root package, internal/devstack
	// and the packages named …test.
	tests []string
}

var rooms = []room{
	{dir: "."}, // the vocabulary: the standard library, nothing else

	{dir: "config", may: []string{"."}},
	{dir: "internal/obs", may: []string{"."}},
	{dir: "tabular", may: []string{"."}},

	{dir: "store", may: []string{"."}},
	{dir: "storage", may: []string{"."}},
	{dir: "cache", may: []string{"."}},

	{dir: "queue", may: []string{".", "store", "internal/obs"}},
	{dir: "jobs", may: []string{".", "queue", "store", "storage", "cache", "tabular"},
		tests: []string{"internal/obs"}}, // workers under test are wired here as boot does it
	{dir: "ops", may: []string{".", "queue", "jobs", "store", "storage"}},

	// queue: its Hub tells streams of events what has changed; whatever changes a job goes through ops.
	{dir: "api", may: []string{".", "ops", "store", "cache", "internal/obs", "queue"},
		tests: []string{"jobs", "storage"}}, // a server under test is wired here as boot does it
	{dir: "console", may: []string{".", "ops", "store", "cache", "internal/obs"}},

	{dir: "cmd", may: []string{".", "config", "internal/obs", "tabular", "store", "storage", "cache", "queue", "jobs",
		"ops", "api", "console"}}, // all but internal/devstack: what serves does not carry servers for development
	{dir: "cmd/retailq", may: []string{anything}},
	{dir: "bench", may: []string{anything}},

	{dir: "internal/devstack", may: []string{".", "store"}}, // store: its template database is a migrated one
	{dir: "internal/e2e", may: []string{anything}},
	{dir: "internal/house"},
}

// client is one line of the second table: the home of a third-party module. What has a home is wrapped there, and the
// rest of the code base does not know that it exists. Tests of the home may import it too.
type client struct {
	path string // an import path, with the packages below it
	home string // a room, or anything for libraries that add to the language rather than reach out of the process
	also []guest
}

// guest is another room in which a client is welcome, for a reason.
type guest struct {
	dir       string
	why       string
	testsOnly bool
}

var clients = []client{
	{path: "github.com/hibiken/asynq", home: "queue", also: []guest{
		{dir: "internal/e2e", why: "delivers jobs over and over, as a fault of Redis might", testsOnly: true},
	}},
	{path: "github.com/jackc/pgx/v5", home: "store", also: []guest{
		{dir: "internal/devstack", why: "creates and drops the databases that store then opens"},
		{dir: "queue", why: "looks into the ledger's rows behind the code under test", testsOnly: true},
		{dir: "jobs", why: "compares whole tables after faults", testsOnly: true},
		{dir: "internal/e2e", why: "compares whole tables after faults", testsOnly: true},
		{dir: "bench", why: "measures the same work done by plain SQL"},
	}},
	{path: "github.com/pressly/goose/v3", home: "store"},
	{path: "github.com/aws/aws-sdk-go-v2", home: "storage", also: []guest{
		{dir: "internal/devstack", why: "creates the buckets that storage then opens"},
	}},
	{path: "github.com/aws/smithy-go", home: "storage"},
	{path: "github.com/redis/go-redis/v9", home: "queue", also: []guest{
		{dir: "cache", why: "the second level of the cache is Redis itself"},
		{dir: "cmd/internal/boot", why: "opens the one pool that queue and cache share"},
		{dir: "internal/devstack", why: "waits for the server it has started"},
		{dir: "internal/e2e", why: "empties Redis in the middle of an import", testsOnly: true},
		{dir: "ops", why: "hands a client to the bell of the verbs under test", testsOnly: true},
		{dir: "api", why: "hands a client to the queue it wires for a server under test", testsOnly: true},
		{dir: "jobs", why: "hands a client to the queue it wires for workers under test", testsOnly: true},
	}},
	{path: "github.com/versity/versitygw", home: "internal/devstack"},

	{path: "github.com/gin-gonic/gin", home: "api", also: []guest{
		{dir: "console", why: "its pages are served by the same engine"},
	}},
	{path: "github.com/golang-jwt/jwt/v5", home: "ops"},
	{path: "github.com/getkin/kin-openapi", home: "", also: []guest{
		{dir: "api", why: "holds the server to openapi.yaml", testsOnly: true},
	}},
	{path: "github.com/alexedwards/argon2id", home: "ops"},

	{path: "github.com/caarlos0/env/v11", home: "config"},
	{path: "github.com/lmittmann/tint", home: "internal/obs"},
	{path: "github.com/prometheus/client_golang", home: "internal/obs", also: []guest{
		{dir: "cmd/internal/boot", why: "hands the registry from what counts to what serves it"},
	}},

	{path: "github.com/nyaruka/phonenumbers", home: "tabular"},

	{path: "github.com/spf13/cobra", home: "cmd"},
	{path: "github.com/jedib0t/go-pretty/v6", home: "cmd/retailq"},
	{path: "github.com/vbauerster/mpb/v8", home: "cmd/retailq"},
	{path: "golang.org/x/term", home: "cmd/retailq"},

	{path: "golang.org/x/sync", home: anything},
	{path: "golang.org/x/text", home: anything},
}

// testLibraries are welcome in every test, and nowhere else.
var testLibraries = []string{
	"github.com/google/go-cmp",
	"github.com/rogpeppe/go-internal/testscript",
	"github.com/stretchr/testify",
	"go.uber.org/goleak",
	"pgregory.net/rapid",
}

// environmentReaders are the rooms that may ask package os for environment variables; tests may as well. Everybody
// else is given values.
var environmentReaders = []guest{
	{dir: "config", why: "turns the environment into typed, validated settings, all problems reported at once"},
	{dir: "cmd/internal/boot", why: "hands the environment to config"},
	{dir: "internal/devstack", why: "finds servers that an outer process has started for a run of tests"},
}
