package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"retailq"
)

// Kinds of error that only HTTP knows.
var (
	// errMalformed: the request cannot be read as one of the contract, whatever it is about.
	errMalformed   = errors.New("malformed")
	errUnsupported = errors.New("unsupported media type")
	errNoMethod    = errors.New("method not allowed")
)

// statusClientGone is nobody's to read: it stands in logs and metrics for a request whose caller did not wait for the
// answer. The number is the one that nginx uses.
const statusClientGone = 499

// answer is what a kind of error becomes.
type answer struct {
	kind   error
	status int
	title  string
	// code is for an error that brings none of its own.
	code string
	// retryAfter is in seconds, "" for none.
	retryAfter string
	// secret: neither message nor hint are for the caller, who can do nothing about it. The log has them.
	secret bool
}

// answers is the one table from kinds of error to HTTP, the first match counts. An error without a kind is fault.
var answers = []answer{
	{kind: errMalformed, status: http.StatusBadRequest, title: "Malformed request", code: "malformed"},
	{kind: retailq.ErrUnauthenticated, status: http.StatusUnauthorized, title: "Not signed in", code: "unauthenticated"},
	{kind: retailq.ErrForbidden, status: http.StatusForbidden, title: "Not allowed", code: "forbidden"},
	{kind: retailq.ErrNotFound, status: http.StatusNotFound, title: "Not found", code: "not_found"},
	{kind: errNoMethod, status: http.StatusMethodNotAllowed, title: "Method not allowed", code: "method_not_allowed"},
	{kind: retailq.ErrConflict, status: http.StatusConflict, title: "Conflict with the present state", code: "conflict"},
	{kind: retailq.ErrTooLarge, status: http.StatusRequestEntityTooLarge, title: "Too large", code: "too_large"},
	{kind: errUnsupported, status: http.StatusUnsupportedMediaType, title: "Unsupported media type", code: "media_type"},
	{kind: retailq.ErrInvalid, status: http.StatusUnprocessableEntity, title: "Invalid", code: "invalid"},
	{kind: retailq.ErrThrottled, status: http.StatusTooManyRequests, title: "Too many requests", code: "throttled",
		retryAfter: "1"},
	{kind: context.Canceled, status: statusClientGone, title: "Client gone", code: "client_gone"},
	{kind: retailq.ErrUnavailable, status: http.StatusServiceUnavailable, title: "Temporarily unavailable",
		code: "unavailable", retryAfter: "5", secret: true},
	{kind: context.DeadlineExceeded, status: http.StatusServiceUnavailable, title: "Temporarily unavailable",
		code: "timeout", retryAfter: "5", secret: true},
}

var fault = answer{
	status: http.StatusInternalServerError, title: "Internal error", code: "internal", secret: true,
}

func answerTo(err error) answer {
	for _, a := range answers {
		if errors.Is(err, a.kind) {
			return a
		}
	}
	return fault
}

// problem is the body of every error: problem details, RFC 9457.
type problem struct {
	Type     string               `json:"type"`
	Title    string               `json:"title"`
	Status   int                  `json:"status"`
	Detail   string               `json:"detail"`
	Instance string               `json:"instance"`
	Code     string               `json:"code"`
	Hint     string               `json:"hint,omitempty"`
	Errors   []retailq.FieldError `json:"errors,omitempty"`
	// RequestID finds the request in the logs.
	RequestID string `json:"request_id"`
}

// problemOf describes err to a caller.
func problemOf(err error, a answer, instance, requestID string) problem {
	p := problem{
		Title: a.title, Status: a.status, Code: a.code, Instance: instance, RequestID: requestID,
		Detail: "The request could not be served. Try again; if that does not help, quote the request id.",
	}
	var known *retailq.Error
	if errors.As(err, &known) {
		p.Code = known.Code
		if !a.secret {
			p.Detail, p.Hint, p.Errors = known.Message, known.Hint, known.Fields
		}
	}
	p.Type = "/problems/" + p.Code
	return p
}

// fail answers with a problem, unless the answer has begun, and leaves err to the log.
func fail(c *gin.Context, err error) {
	_ = c.Error(err) // returns what it was given
	c.Abort()
	if c.Writer.Written() {
		return
	}
	a := answerTo(err)
	if a.retryAfter != "" {
		c.Header("Retry-After", a.retryAfter)
	}
	if a.status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Bearer realm="retailq"`)
	}
	c.Header("Content-Type", "application/problem+json")
	c.JSON(a.status, problemOf(err, a, c.Request.URL.Path, requestID(c)))
}

// malformed is the error of a request whose fields are wrong.
func malformed(code, message string, fields ...retailq.FieldError) *retailq.Error {
	err := retailq.Errorf(errMalformed, code, "%s", message)
	err.Fields = fields
	return err
}

func noRoute(c *gin.Context) error {
	return retailq.Errorf(retailq.ErrNotFound, "route_not_found", "there is nothing at %s", c.Request.URL.Path).
		WithHint("GET /openapi.yaml lists what there is.")
}

func noMethod(c *gin.Context) error {
	return retailq.Errorf(errNoMethod, "method_not_allowed", "%s cannot be asked with %s", c.Request.URL.Path,
		c.Request.Method).WithHint("Use %s.", c.Writer.Header().Get("Allow"))
}
