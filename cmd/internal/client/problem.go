package client

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"retailq"
)

// maxProblem is how much of an error's body is read, in bytes.
const maxProblem = 1 << 20

// kinds are what statuses mean: the reverse of the API's own table. Other statuses below 500 are ErrInvalid.
var kinds = map[int]error{
	http.StatusUnauthorized:          retailq.ErrUnauthenticated,
	http.StatusForbidden:             retailq.ErrForbidden,
	http.StatusNotFound:              retailq.ErrNotFound,
	http.StatusConflict:              retailq.ErrConflict,
	http.StatusRequestEntityTooLarge: retailq.ErrTooLarge,
	http.StatusTooManyRequests:       retailq.ErrThrottled,
	http.StatusBadGateway:            retailq.ErrUnavailable,
	http.StatusServiceUnavailable:    retailq.ErrUnavailable,
	http.StatusGatewayTimeout:        retailq.ErrUnavailable,
}

// errServer is the kind of an error that is the server's own fault.
var errServer = errors.New("server error")

// problem is what the API says of an error: RFC 9457, with members of its own.
type problem struct {
	Title     string               `json:"title"`
	Detail    string               `json:"detail"`
	Code      string               `json:"code"`
	Hint      string               `json:"hint"`
	Errors    []retailq.FieldError `json:"errors"`
	RequestID string               `json:"request_id"`
}

// problemOf returns the error that the API answered with, as it was there. What answers without a problem is something
// between us and the API, or not the API at all.
func problemOf(resp *http.Response) error {
	var p problem
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if e := storageProblemOf(resp.StatusCode, body); e != nil {
		return e
	}
	if err == nil && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(body, &p) // as far as it goes: the status says the rest
	}
	e := &retailq.Error{
		Kind: kindOf(resp.StatusCode), Code: p.Code, Message: p.Detail, Hint: p.Hint, Fields: p.Errors,
	}
	if e.Code == "" {
		e.Code = fmt.Sprintf("http_%d", resp.StatusCode)
	}
	if e.Message == "" {
		e.Message = p.Title
	}
	if e.Message == "" {
		e.Message = fmt.Sprintf("%s answered %s to %s %s",
			resp.Request.URL.Host, resp.Status, resp.Request.Method, resp.Request.URL.Path)
	}
	if resp.StatusCode >= http.StatusInternalServerError && p.RequestID != "" {
		e.Message += fmt.Sprintf(" (request %s)", p.RequestID)
	}
	return e
}

// storageProblemOf returns what an object store says of an error, which it does in XML, or nil if body is something
// else.
func storageProblemOf(status int, body []byte) error {
	var p struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}
	if err := xml.Unmarshal(body, &p); err != nil {
		return nil //nolint:nilerr // it is something else
	}
	return retailq.Errorf(kindOf(status), "storage_refused", "the object store refuses: %s (%s)", p.Message, p.Code)
}

func kindOf(status int) error {
	if kind, ok := kinds[status]; ok {
		return kind
	}
	if status >= http.StatusInternalServerError {
		return errServer
	}
	return retailq.ErrInvalid
}

// unreachable is the error of a server that does not answer.
func unreachable(address string, err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // without the URL, which may be a presigned one
	}
	where := address
	if u, parseErr := url.Parse(address); parseErr == nil {
		where = u.Scheme + "://" + u.Host
	}
	return retailq.Errorf(retailq.ErrUnavailable, "server_unreachable", "%s does not answer", where).Because(err).
		WithHint("Is it running there? RETAILQ_URL says where the API is; `retailq up` runs one on this machine.")
}
