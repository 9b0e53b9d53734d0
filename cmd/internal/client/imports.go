package client

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"

	"retailq"
)

// ImportRequest asks for a file to be imported.
type ImportRequest struct {
	// ObjectKey names a file that is in the bucket.
	ObjectKey string `json:"object_key"`
	// Filename is shown to people; empty means the last part of the key.
	Filename string `json:"filename,omitempty"`
	// Dataset is "retailers", which is also what empty means.
	Dataset string `json:"dataset,omitempty"`
	retailq.ImportOptions
	// IdempotencyKey names the request: one that has been made already returns the import that it started then. Empty
	// means a new one.
	IdempotencyKey string `json:"-"`
}

// StartImport starts the import of a file that is in the bucket. It is safe to repeat, and is repeated if no answer
// comes.
func (c *Client) StartImport(ctx context.Context, r ImportRequest) (*retailq.Import, error) {
	post := c.newImport(r)
	if err := post.jsonBody(r); err != nil {
		return nil, err
	}
	return c.startImport(ctx, post)
}

// SendImport sends a file through the API and starts its import. Unlike with StartImport, the same IdempotencyKey finds
// the same import also if the file is sent anew, as the API compares what is in it.
func (c *Client) SendImport(ctx context.Context, r ImportRequest, f File) (*retailq.Import, error) {
	form, err := newForm(r, f)
	if err != nil {
		return nil, err
	}
	post := c.newImport(r)
	post.setHeader("Content-Type", form.contentType)
	post.body = form.body
	return c.startImport(ctx, post)
}

func (c *Client) newImport(r ImportRequest) request {
	post := request{method: http.MethodPost, address: c.address("/v1/imports", nil)}
	key := r.IdempotencyKey
	if key == "" {
		key = retailq.NewID().String()
	}
	post.setHeader("Idempotency-Key", key)
	return post
}

func (c *Client) startImport(ctx context.Context, post request) (*retailq.Import, error) {
	var i retailq.Import
	if err := c.call(ctx, post, &i); err != nil {
		return nil, err
	}
	return &i, nil
}

// Import returns one import.
func (c *Client) Import(ctx context.Context, id retailq.ID) (*retailq.Import, error) {
	var i retailq.Import
	if err := c.get(ctx, importPath(id), nil, &i); err != nil {
		return nil, err
	}
	return &i, nil
}

// Imports lists imports, newest first, up to limit of them; 0 means all.
func (c *Client) Imports(ctx context.Context, limit int) iter.Seq2[*retailq.Import, error] {
	return pages[*retailq.Import](ctx, c, "/v1/imports", nil, limit)
}

// ImportErrors lists why records were rejected, in file order: of one code unless it is empty, and up to limit of
// them; 0 means all.
func (c *Client) ImportErrors(
	ctx context.Context, id retailq.ID, code string, limit int,
) iter.Seq2[retailq.RowError, error] {
	query := url.Values{}
	if code != "" {
		query.Set("code", code)
	}
	return pages[retailq.RowError](ctx, c, importPath(id)+"/errors", query, limit)
}

// CodeCount says how often a code occurs among the rejected records, and on which line first.
type CodeCount struct {
	Code      string `json:"code"`
	Count     int64  `json:"count"`
	FirstLine int64  `json:"first_line"`
}

// ErrorCodes counts an import's row errors by code, the most frequent first.
func (c *Client) ErrorCodes(ctx context.Context, id retailq.ID) ([]CodeCount, error) {
	var first struct {
		Codes []CodeCount `json:"codes"`
	}
	err := c.get(ctx, importPath(id)+"/errors", url.Values{"limit": {"1"}}, &first)
	return first.Codes, err
}

// Report opens the CSV of an import's rejected rows. It is ErrNotFound if none was rejected, and ErrConflict while the
// import has not finished.
func (c *Client) Report(ctx context.Context, id retailq.ID) (io.ReadCloser, error) {
	resp, err := c.send(ctx, request{method: http.MethodGet, address: c.address(importPath(id)+"/report", nil)})
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSeeOther {
		return resp.Body, nil
	}
	_ = resp.Body.Close()
	target, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("report of import %s: %w", id, err)
	}
	resp, err = c.send(ctx, request{method: http.MethodGet, address: target.String(), foreign: true})
	if err != nil {
		return nil, fmt.Errorf("report of import %s: %w", id, err)
	}
	return resp.Body, nil
}

func importPath(id retailq.ID) string { return "/v1/imports/" + id.String() }
