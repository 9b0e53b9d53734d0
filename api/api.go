package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"retailq/internal/obs"
	"retailq/ops"
	"retailq/queue"
)

// Options are what the API stands on.
type Options struct {
	Ops    *ops.Ops
	Tokens *ops.Tokens
	// Hub tells event streams of changes. Its Run must be running.
	Hub     *queue.Hub
	Metrics *obs.HTTPMetrics
	Limits  Limits
	// Checks are the dependencies that readiness depends on.
	Checks []Check
	// Version of the program, shown by /api/health.
	Version string
	// Log takes one line for each request; nil means slog.Default().
	Log *slog.Logger
	// Heartbeat is how often a silent event stream shows that it lives: less than what proxies on the way tolerate.
	// 0 means 15 s.
	Heartbeat time.Duration
}

// Limits refuse requests before there is work. 0 means the default.
type Limits struct {
	// BodyBytes is the size of the largest JSON body. Files are bounded by ops.Limits. Default 1 MiB.
	BodyBytes int64
	// Page is the most items that one page may hold. Default 200; below 50, it is also the default of the requests.
	Page int
}

const (
	defaultHeartbeat = 15 * time.Second
	defaultBodyBytes = 1 << 20
	defaultMaxPage   = 200
	// patience is how long a request may wait for its answer, streams excepted.
	patience = 30 * time.Second
)

type server struct {
	Options
	started time.Time
}

func init() {
	gin.SetMode(gin.ReleaseMode) // the other modes print to the standard output
}

// New returns the handler of the whole API.
func New(opts Options) http.Handler {
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	opts.Heartbeat = orDefault(opts.Heartbeat, defaultHeartbeat)
	opts.Limits.BodyBytes = orDefault(opts.Limits.BodyBytes, defaultBodyBytes)
	opts.Limits.Page = orDefault(opts.Limits.Page, defaultMaxPage)
	s := &server{Options: opts, started: time.Now()}

	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false // an address has one spelling
	engine.Use(identify, s.account, s.recoverPanic, setHeaders)
	engine.NoRoute(s.anyone(noRoute))
	engine.NoMethod(s.anyone(noMethod))
	for _, r := range s.routes() {
		engine.Handle(r.method, r.path, r.lasting, r.handler)
	}
	return engine
}

// The two classes of routes by how long they last.
var (
	short gin.HandlerFunc = func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
	// long routes stream, and end when their caller does.
	long gin.HandlerFunc = func(c *gin.Context) { c.Next() }
)

func orDefault[T int | int64 | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}
