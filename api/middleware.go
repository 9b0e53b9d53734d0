package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"retailq"
	"retailq/internal/obs"
)

// handler serves one request. The error it returns becomes a problem.
type handler func(*gin.Context) error

// anyone serves whoever asks.
func (s *server) anyone(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			fail(c, err)
		}
	}
}

const (
	requestIDHeader = "X-Request-ID"
	principalKey    = "principal"
)

// identify gives the request an id, the caller's if it can do no harm in logs, and continues the caller's trace. Both
// are in every line that is logged on behalf of the request.
func identify(c *gin.Context) {
	id := c.GetHeader(requestIDHeader)
	if !requestIDs.MatchString(id) {
		id = retailq.NewID().String()
	}
	c.Set(obs.RequestID, id)
	c.Header(requestIDHeader, id)
	ctx := obs.Continue(c.Request.Context(), c.GetHeader("traceparent"))
	c.Request = c.Request.WithContext(obs.With(ctx, obs.RequestID, id))
}

func requestID(c *gin.Context) string { return c.GetString(obs.RequestID) }

var requestIDs = regexp.MustCompile(`^[0-9A-Za-z._:-]{1,128}$`)

// account writes one line for the request and counts it, however it ends.
func (s *server) account(c *gin.Context) {
	start := time.Now()
	defer func() {
		status := c.Writer.Status()
		route := c.FullPath()
		if route == "" {
			route = "none" // or whoever tries addresses would make a series of each
		}
		took := time.Since(start)
		s.Metrics.Observe(c.Request.Method, route, status, took)
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		s.Log.LogAttrs(c.Request.Context(), level, "request", wide(c, route, status, took)...)
	}()
	c.Next()
}

// wide is everything worth knowing about a request that was served. Its ids, and its tenant's, are in its context.
func wide(c *gin.Context, route string, status int, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("method", c.Request.Method), slog.String("route", route), slog.String("path", c.Request.URL.Path),
		slog.Int("status", status), slog.Int("bytes", max(0, c.Writer.Size())), slog.Float64("seconds", took.Seconds()),
		slog.String("client", c.RemoteIP()), slog.String("agent", c.Request.UserAgent()),
	}
	value, _ := c.Get(principalKey)
	if p, ok := value.(retailq.Principal); ok {
		attrs = append(attrs, slog.String("principal", p.Actor()), slog.String("role", string(p.Role)))
	}
	if last := c.Errors.Last(); last != nil {
		attrs = append(attrs, slog.Any("err", last.Err))
		var known *retailq.Error
		if errors.As(last.Err, &known) && known.Hint != "" {
			attrs = append(attrs, slog.String("hint", known.Hint))
		}
	}
	return attrs
}

// recoverPanic answers a handler that panicked, and leaves the stack to the log. A connection that is to be aborted
// goes on to be.
func (s *server) recoverPanic(c *gin.Context) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			panic(v)
		default:
			fail(c, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	c.Next()
}

// setHeaders tells browsers and proxies to make nothing of answers but what they say they are, and to keep none.
func setHeaders(c *gin.Context) {
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Header("Referrer-Policy", "no-referrer")
}
