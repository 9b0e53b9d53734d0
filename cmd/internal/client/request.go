package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"retailq"
)

// maxAnswer is the size of the largest document that is read, in bytes.
const maxAnswer = 64 << 20

// request is one call of the API, or of the object store on its behalf.
type request struct {
	method string
	// address is complete; see Client.address.
	address string
	header  http.Header
	// body returns what is sent and its size in bytes, anew for every attempt; nil sends nothing.
	body func() (io.Reader, int64)
	// foreign requests go to another server than the API: they carry no token.
	foreign bool
	// once forbids to repeat a request of which it is not known whether it took effect.
	once bool
}

// jsonBody makes v the body of a request.
func (r *request) jsonBody(v any) error {
	encoded, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode request to %s: %w", r.address, err)
	}
	r.setHeader("Content-Type", "application/json")
	r.body = func() (io.Reader, int64) { return bytes.NewReader(encoded), int64(len(encoded)) }
	return nil
}

func (r *request) setHeader(name, value string) {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
}

// get asks for a document of the API.
func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	return c.call(ctx, request{method: http.MethodGet, address: c.address(path, query)}, out)
}

// call sends a request and decodes the document that answers it.
func (c *Client) call(ctx context.Context, r request, out any) error {
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return decode(resp, out)
}

func decode(resp *http.Response, out any) error {
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return retailq.Errorf(retailq.ErrUnavailable, "answer_unreadable", "the answer to %s %s cannot be read",
			resp.Request.Method, resp.Request.URL.Path).Because(err).
			WithHint("Is there really the API of retailq at RETAILQ_URL, of a version that goes with this program?")
	}
	return nil
}

// send sends a request, again where that can help, and returns an answer that is no error. The caller closes its body.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		resp, wait, err := c.try(ctx, r)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s %s: %w", r.method, c.base.Host, ctx.Err())
		}
		if !isPassing(err) || r.once || attempt == sendAttempts {
			return nil, err
		}
		if err := c.pause(ctx, max(wait, backoff(attempt))); err != nil {
			return nil, err
		}
	}
}

// isPassing reports whether the same request may succeed later.
func isPassing(err error) bool {
	return errors.Is(err, retailq.ErrUnavailable) || errors.Is(err, retailq.ErrThrottled)
}

// try sends a request once. With an error it returns how long the server asked to wait, if it did.
func (c *Client) try(ctx context.Context, r request) (*http.Response, time.Duration, error) {
	req, err := c.build(ctx, r)
	if err != nil {
		return nil, 0, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, unreachable(r.address, err)
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp, 0, nil
	}
	defer resp.Body.Close()
	return nil, retryAfter(resp), problemOf(resp)
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	var size int64
	if r.body != nil {
		body, size = r.body()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.address, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.ContentLength = size
	if size == 0 {
		req.Body = nil // or the size would count as unknown
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", c.options.UserAgent)
	if r.foreign {
		return req, nil
	}
	if c.options.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
	if c.options.Tenant != "" {
		req.Header.Set("X-Retailq-Tenant", c.options.Tenant)
	}
	return req, nil
}

// retryAfter is what the answer's Retry-After says in seconds, which is the form that the API uses; else 0.
func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxPause)
}
