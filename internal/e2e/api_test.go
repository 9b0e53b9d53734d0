package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

// caller is somebody who speaks to the API.
type caller struct {
	url, token string
}

// as returns a caller with a role in a tenant.
func (p *platform) as(t *testing.T, role retailq.Role, tenant retailq.ID) caller {
	t.Helper()
	token, _, err := p.tokens.Issue(retailq.Principal{
		UserID: retailq.NewID(), Email: string(role) + "@example.com", Role: role, TenantID: tenant,
	})
	require.NoError(t, err)
	return caller{url: p.url, token: token}
}

// admin returns an administrator of the tenant that most tests import for.
func (p *platform) admin(t *testing.T) caller {
	t.Helper()
	return p.as(t, retailq.TenantAdmin, p.shop.ID)
}

// do sends a request, with a body unless it is nil, and returns the answer's status and body.
func (c caller) do(t *testing.T, method, path string, body any) (int, []byte) {
	t.Helper()
	var content io.Reader = http.NoBody
	if body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(t, err)
		content = bytes.NewReader(encoded)
	}
	resp := c.send(t.Context(), t, method, path, content)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, answer
}

// send returns the answer as it begins. A redirect, which leads to the object server, is followed without the token.
func (c caller) send(ctx context.Context, t *testing.T, method, path string, body io.Reader) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	client := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		r.Header.Del("Authorization")
		return nil
	}}
	resp, err := client.Do(req)
	require.NoError(t, err, "%s %s", method, path)
	return resp
}

// call sends a request that must be answered with the status, and decodes the answer.
func call[T any](t *testing.T, c caller, status int, method, path string, body any) T {
	t.Helper()
	got, answer := c.do(t, method, path, body)
	require.Equal(t, status, got, "%s %s: %s", method, path, answer)
	var v T
	require.NoError(t, json.Unmarshal(answer, &v), "%s %s: %s", method, path, answer)
	return v
}

// upload puts a file into the bucket as a browser does, and returns its key.
func (c caller) upload(t *testing.T, content string) string {
	t.Helper()
	type upload struct {
		ObjectKey   string `json:"object_key"`
		Method, URL string
		Headers     map[string]string
	}
	up := call[upload](t, c, http.StatusCreated, http.MethodPost, "/v1/uploads",
		map[string]any{"filename": "retailers.csv", "size": len(content)})
	req, err := http.NewRequestWithContext(t.Context(), up.Method, up.URL, strings.NewReader(content))
	require.NoError(t, err)
	for name, value := range up.Headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s", answer)
	return up.ObjectKey
}

// start uploads a file and starts its import.
func (c caller) start(t *testing.T, content string) retailq.ID {
	t.Helper()
	return call[retailq.Import](t, c, http.StatusAccepted, http.MethodPost, "/v1/imports",
		map[string]any{"object_key": c.upload(t, content), "create_master_data": true}).ID
}

// load imports a file from beginning to end.
func (c caller) load(t *testing.T, content string) retailq.Import {
	t.Helper()
	return c.await(t, c.start(t, content))
}

// await watches an import until it has finished, and returns it.
func (c caller) await(t *testing.T, id retailq.ID) retailq.Import {
	t.Helper()
	c.watch(t, id, func(retailq.Job) {})
	return c.find(t, id)
}

func (c caller) find(t *testing.T, id retailq.ID) retailq.Import {
	t.Helper()
	return call[retailq.Import](t, c, http.StatusOK, http.MethodGet, "/v1/imports/"+id.String(), nil)
}

// watch passes every event of a job's stream to see, and returns the state with which the stream ends.
func (c caller) watch(t *testing.T, id retailq.ID, see func(retailq.Job)) retailq.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	resp := c.send(ctx, t, http.MethodGet, "/v1/jobs/"+id.String()+"/events", http.NoBody)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var event string
	var last retailq.Job
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case field == "event":
			event = value
		case field == "data" && event == "job":
			last = retailq.Job{}
			require.NoError(t, json.Unmarshal([]byte(value), &last))
			see(last)
		case field == "data" && event == "end":
			require.True(t, last.State.Finished(), "the stream of job %s ended at %s", id, last.State)
			return last.State
		}
	}
	t.Fatalf("job %s has not finished: %s %+v: %v", id, last.State, last.Progress, lines.Err())
	return ""
}

// steer gives an order about a job and returns the job as it stands then.
func (c caller) steer(t *testing.T, id retailq.ID, verb string) retailq.Job {
	t.Helper()
	return call[retailq.Job](t, c, http.StatusAccepted, http.MethodPost, "/v1/jobs/"+id.String()+"/"+verb,
		map[string]string{"reason": "a test"})
}
