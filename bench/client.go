package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"retailq"
)

// client speaks HTTP as any program of a customer would, and never tries twice: what fails spoils the measurement.
type client struct {
	base   string
	header http.Header
}

func newClient(base, token, tenant string) *client {
	return &client{base: base, header: http.Header{
		"Authorization": {"Bearer " + token}, "X-Retailq-Tenant": {tenant}, "Content-Type": {"application/json"},
	}}
}

// upload puts a file into the bucket and returns its key.
func (c *client) upload(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	var up struct {
		ObjectKey string            `json:"object_key"`
		Method    string            `json:"method"`
		URL       string            `json:"url"`
		Headers   map[string]string `json:"headers"`
	}
	err = c.post(ctx, "/v1/uploads", map[string]any{"filename": filepath.Base(path), "size": info.Size()}, &up)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, up.Method, up.URL, f)
	if err != nil {
		return "", fmt.Errorf("upload %s: %w", path, err)
	}
	req.ContentLength = info.Size()
	for name, value := range up.Headers {
		req.Header.Set(name, value)
	}
	body, err := send(req)
	if err != nil {
		return "", err
	}
	return up.ObjectKey, body.Close()
}

// startImport starts the import of a file in the bucket and returns the id that the import and its job share.
func (c *client) startImport(ctx context.Context, key string) (retailq.ID, error) {
	var started struct {
		ID retailq.ID `json:"id"`
	}
	err := c.post(ctx, "/v1/imports", map[string]string{"object_key": key}, &started)
	return started.ID, err
}

// watch calls see with every state of a job that the API's event stream shows, and returns the last one.
func (c *client) watch(ctx context.Context, id retailq.ID, see func(*retailq.Job)) (*retailq.Job, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/v1/jobs/"+id.String()+"/events", http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("watch job %s: %w", id, err)
	}
	req.Header = c.header
	body, err := send(req)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, found := strings.CutPrefix(lines.Text(), "data: ")
		if !found {
			continue
		}
		var job retailq.Job
		if err := json.Unmarshal([]byte(data), &job); err != nil {
			return nil, fmt.Errorf("watch job %s: %w", id, err)
		}
		see(&job)
		if job.State.Finished() {
			return &job, nil
		}
	}
	return nil, fmt.Errorf("watch job %s: %w", id, errors.Join(lines.Err(), io.ErrUnexpectedEOF))
}

func (c *client) post(ctx context.Context, path string, in, out any) error {
	encoded, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode request to %s: %w", path, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("post %s: %w", path, err)
	}
	req.Header = c.header
	body, err := send(req)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(out); err != nil {
		return fmt.Errorf("post %s: %w", path, err)
	}
	_, err = io.Copy(io.Discard, body) // or the connection is not used again
	return err
}

// send returns the body of an answer that is no error.
func send(req *http.Request) (io.ReadCloser, error) {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	problem, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	return nil, fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, problem)
}
