package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"retailq"
)

// form makes a form of pairs of name and value; the value of "file" becomes a file.
func form(t *testing.T, pairs ...string) (body *bytes.Buffer, contentType string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] != "file" {
			require.NoError(t, w.WriteField(pairs[i], pairs[i+1]))
			continue
		}
		part, err := w.CreateFormFile("file", "shops.csv")
		require.NoError(t, err)
		_, err = io.WriteString(part, pairs[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return body, w.FormDataContentType()
}

func (p *platform) send(t *testing.T, key string, pairs ...string) reply {
	t.Helper()
	body, contentType := form(t, pairs...)
	headers := []string{"Content-Type", contentType}
	if key != "" {
		headers = append(headers, idempotencyHeader, key)
	}
	return p.do(t, p.as(t, retailq.TenantAdmin), http.MethodPost, "/v1/imports", body, headers...)
}

func TestImportWithItsFile(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	r := p.send(t, "", "dataset", "retailers", "create_master_data", "true", "filename", "May.csv", "file", testFile)
	started := into[retailq.Import](t, r, http.StatusAccepted)
	require.Equal(t, "May.csv", started.Filename)
	require.True(t, started.Options.CreateMasterData)
	content, err := p.bucket.Get(t.Context(), started.Object)
	require.NoError(t, err)
	defer content.Close()
	got, err := io.ReadAll(content)
	require.NoError(t, err)
	require.Equal(t, testFile, string(got))

	require.Equal(t, "shops.csv", into[retailq.Import](t, p.send(t, "", "file", testFile), http.StatusAccepted).Filename)
}

func TestRepeatedFormsKeepOneFile(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	first := into[retailq.Import](t, p.send(t, "k", "file", testFile), http.StatusAccepted)
	r := p.send(t, "k", "file", testFile)
	require.Equal(t, first.ID, into[retailq.Import](t, r, http.StatusAccepted).ID)
	require.Equal(t, "true", r.header.Get("Idempotency-Replayed"))
	requireProblem(t, p.send(t, "k", "file", testFile+"R3,More\n"), http.StatusConflict, "idempotency_key_reused")
	require.Equal(t, 1, p.uploads(t))
}

func TestFormsThatAreRefusedLeaveNothing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	const choice = "create_master_data"
	long := strings.Repeat("x", maxField+1)
	for name, test := range map[string]struct {
		pairs  []string
		status int
		code   string
		field  string
	}{
		"no file":         {[]string{"dataset", "retailers"}, 400, "file_missing", "file"},
		"unknown field":   {[]string{"datset", "retailers", "file", testFile}, 400, "field_invalid", "datset"},
		"field twice":     {[]string{"filename", "a", "filename", "b", "file", testFile}, 400, "field_invalid", "filename"},
		"long field":      {[]string{"filename", long, "file", testFile}, 400, "field_invalid", "filename"},
		"no boolean":      {[]string{choice, "x", "file", testFile}, 400, "field_invalid", choice},
		"no text":         {[]string{"filename", "a\x00b", "file", testFile}, 400, "field_invalid", "filename"},
		"field behind":    {[]string{"file", testFile, "filename", "x"}, 400, "field_invalid", "filename"},
		"file twice":      {[]string{"file", testFile, "file", testFile}, 400, "field_invalid", "file"},
		"unknown dataset": {[]string{"dataset", "shops", "file", testFile}, 422, "dataset_unknown", ""},
		"too large":       {[]string{"file", strings.Repeat("x", testUpload+1)}, 413, "file_too_large", ""},
		"far too large":   {[]string{"file", strings.Repeat("x", testUpload+2*formOverhead)}, 413, "file_too_large", ""},
	} {
		got := requireProblem(t, p.send(t, "", test.pairs...), test.status, test.code)
		if test.field != "" {
			require.Equal(t, test.field, got.Errors[0].Field, name)
		}
	}
	require.Equal(t, http.StatusUnprocessableEntity, p.send(t, "", "file", "no,such,columns\n1,2,3\n").status)
	require.Equal(t, http.StatusUnprocessableEntity, p.send(t, "", "file", "").status)
	require.Zero(t, p.uploads(t))
}

func TestNameOfTheFileIsCheckedLikeAField(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	for name, test := range map[string]struct {
		status int
		code   string
	}{
		"a%00b.csv":                     {http.StatusBadRequest, "field_invalid"},
		strings.Repeat("x", maxField+1): {http.StatusBadRequest, "field_invalid"},
		strings.Repeat("x", 256):        {http.StatusUnprocessableEntity, "filename_invalid"},
	} {
		body := "--b\r\nContent-Disposition: form-data; name=file; filename*=utf-8''" + name + "\r\n\r\n" +
			testFile + "\r\n--b--\r\n"
		r := p.do(t, p.as(t, retailq.TenantAdmin), http.MethodPost, "/v1/imports", body,
			"Content-Type", "multipart/form-data; boundary=b")
		requireProblem(t, r, test.status, test.code)
	}
	require.Zero(t, p.uploads(t))
}

func TestFilesOfUnknownSizeAreCapped(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	body, contentType := form(t, "file", strings.Repeat("x", 3*testUpload))
	r := p.do(t, p.as(t, retailq.TenantAdmin), http.MethodPost, "/v1/imports", io.MultiReader(body),
		"Content-Type", contentType)
	requireProblem(t, r, http.StatusRequestEntityTooLarge, "file_too_large")
	require.Zero(t, p.uploads(t))
}

func TestTruncatedForms(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	whole, contentType := form(t, "dataset", "retailers", "file", testFile)
	header := whole.Len() - len(testFile)
	for _, length := range []int{10, 150, header, header + 20, whole.Len() - 5} {
		cut := whole.Bytes()[:length]
		r := p.sendCut(t, whole.Len(), contentType, cut)
		requireProblem(t, r, http.StatusBadRequest, "upload_truncated")
		r = p.do(t, p.as(t, retailq.TenantAdmin), http.MethodPost, "/v1/imports", bytes.NewReader(cut),
			"Content-Type", contentType)
		requireProblem(t, r, http.StatusBadRequest, "upload_truncated")
	}
	require.Zero(t, p.uploads(t))
}

// sendCut announces a body of one length, sends less, and closes its side of the connection.
func (p *platform) sendCut(t *testing.T, announced int, contentType string, body []byte) reply {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(p.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n"+
		"Content-Length: %d\r\n\r\n%s", p.as(t, retailq.TenantAdmin), contentType, announced, body)
	require.NoError(t, err)
	tcp, ok := conn.(*net.TCPConn)
	require.True(t, ok)
	require.NoError(t, tcp.CloseWrite())
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	return readReply(t, resp)
}
