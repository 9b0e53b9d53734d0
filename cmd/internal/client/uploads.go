package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Upload is a request that puts one file into the bucket, made ready by the API.
type Upload struct {
	// ObjectKey names the file when its import is started.
	ObjectKey string            `json:"object_key"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	ExpiresAt time.Time         `json:"expires_at"`
}

// File is what is uploaded. Content is read from the start at every attempt.
type File struct {
	Name    string
	Size    int64 // bytes
	Content io.ReaderAt
	// Sent, if set, is told how many bytes have gone out so far. A repeated attempt starts at 0 again. It is called by
	// whatever goroutine sends, also for a moment after a call has failed.
	Sent func(int64)
}

// PrepareUpload asks for leave to put a file of the given size, in bytes, into the bucket.
func (c *Client) PrepareUpload(ctx context.Context, filename string, size int64) (Upload, error) {
	r := request{method: http.MethodPost, address: c.address("/v1/uploads", nil)}
	var up Upload
	if err := r.jsonBody(map[string]any{"filename": filename, "size": size}); err != nil {
		return up, err
	}
	err := c.call(ctx, r, &up)
	return up, err
}

// PutFile sends a file to where PrepareUpload said, with exactly the headers it said, as they are signed.
func (c *Client) PutFile(ctx context.Context, up Upload, f File) error {
	r := request{method: up.Method, address: up.URL, foreign: true, body: f.body}
	for name, value := range up.Headers {
		if http.CanonicalHeaderKey(name) != "Content-Length" { // which is that of the body, or nothing is sent
			r.setHeader(name, value)
		}
	}
	resp, err := c.send(ctx, r)
	if err != nil {
		return fmt.Errorf("upload %s: %w", f.Name, err)
	}
	return resp.Body.Close()
}

// body returns the content from the start.
func (f File) body() (io.Reader, int64) {
	return &counter{r: io.NewSectionReader(f.Content, 0, f.Size), sent: f.Sent}, f.Size
}

// counter tells how much has been read.
type counter struct {
	r    io.Reader
	n    int64
	sent func(int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.sent != nil {
		c.sent(c.n)
	}
	return n, err
}
