package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"retailq"
)

// contract is openapi.yaml, made strict: in a test, a property that it does not list is an error.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(Contract)
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		closeSchema(schema)
	}
	return doc, doc.Validate(context.Background())
})

func closeSchema(s *openapi3.SchemaRef) {
	for _, property := range s.Value.Properties {
		if property.Ref == "" {
			closeSchema(property)
		}
	}
	if len(s.Value.Properties) > 0 {
		s.Value.AdditionalProperties = openapi3.BoolSchema{Has: openapi3.Ptr(false)}
	}
}

var contractRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := contract()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// contractTransport holds every answer to the contract, and every request that succeeded.
type contractTransport struct{ t *testing.T }

func (c contractTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent bytes.Buffer
	probe := req.Clone(req.Context())
	req = req.Clone(req.Context())
	if req.Body != nil {
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(req.Body, &sent), req.Body}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp, err
	}
	received, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(received))
	if resp.StatusCode < http.StatusBadRequest {
		probe.Body = io.NopCloser(&sent)
	} else {
		probe.Body = http.NoBody
	}
	if err := check(probe, resp, received); err != nil {
		c.t.Errorf("%s %s: %d %s: %v", req.Method, req.URL, resp.StatusCode, received, err)
	}
	return resp, nil
}

func check(req *http.Request, resp *http.Response, body []byte) error {
	router, err := contractRouter()
	if err != nil {
		return err
	}
	route, params, err := router.FindRoute(req)
	if errors.Is(err, routers.ErrPathNotFound) || errors.Is(err, routers.ErrMethodNotAllowed) {
		return checkProblem(body)
	}
	if err != nil {
		return err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
			ExcludeRequestBody: strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/"), // is not JSON
		},
	}
	if resp.StatusCode < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(req.Context(), input); err != nil {
			return err
		}
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: input.Options,
	}
	output.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(req.Context(), output)
}

// checkProblem holds to the contract what is answered where it knows no route.
func checkProblem(body []byte) error {
	doc, err := contract()
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return doc.Components.Schemas["Problem"].Value.VisitJSON(value, openapi3.EnableJSONSchema2020())
}

func TestContractListsEveryRoute(t *testing.T) {
	t.Parallel()
	doc, err := contract()
	require.NoError(t, err)
	var documented, served []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	for _, r := range (&server{}).routes() {
		served = append(served, r.method+" "+strings.ReplaceAll(r.path, ":id", "{id}"))
	}
	require.ElementsMatch(t, documented, served)
}

func TestContractAgreesWithTheVocabulary(t *testing.T) {
	t.Parallel()
	doc, err := contract()
	require.NoError(t, err)
	var states []any
	for _, s := range retailq.States() {
		states = append(states, string(s))
	}
	require.ElementsMatch(t, states, doc.Components.Schemas["State"].Value.Enum)
}

func TestContractIsServed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	r := p.do(t, "", http.MethodGet, "/openapi.yaml", nil)
	require.Equal(t, http.StatusOK, r.status)
	require.True(t, slices.Equal(Contract, r.body))
}
