package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"retailq/config"
)

func checkAPI(ctx context.Context, env *environment) []finding {
	const reach = "api"
	settings, err := config.Load[struct{ API config.Endpoint }](env.environ)
	if err != nil {
		return []finding{failed(reach, err)}
	}
	url := settings.API.URL
	if env.variable("RETAILQ_URL") == "" {
		return []finding{{reach, warn, "not checked, as RETAILQ_URL is not set",
			"Set RETAILQ_URL where the API runs already."}}
	}
	status, body, err := get(ctx, url+"/readyz", "")
	switch {
	case err != nil:
		return []finding{{reach, fail, fmt.Sprintf("%s cannot be reached: %v", url, err),
			"See that the API runs, and that RETAILQ_URL is its address."}}
	case status != http.StatusOK:
		return []finding{{reach, fail, fmt.Sprintf("%s is not ready (status %d)", url, status),
			"The API's log says which of its servers it misses."}}
	}
	return []finding{checkReady(reach, url, body), checkToken(ctx, url, settings.API.Token.Reveal())}
}

// checkReady looks at what an API that is ready does without.
func checkReady(check, url string, body []byte) finding {
	var health struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(body, &health); err != nil {
		return finding{check, fail, url + " does not answer as the API does", "See that RETAILQ_URL is its address."}
	}
	if health.Status != "up" {
		return finding{check, warn, fmt.Sprintf("%s is %s: %s", url, health.Status, body),
			"See that the servers named there run."}
	}
	return finding{Check: check, Verdict: ok, Detail: url}
}

func checkToken(ctx context.Context, url, token string) finding {
	const check = "token"
	const hint = "Make one: export RETAILQ_TOKEN=$(retailq token --role platform_admin)"
	if token == "" {
		return finding{check, warn, "RETAILQ_TOKEN is not set", hint}
	}
	status, _, err := get(ctx, url+"/v1/jobs?limit=1", token)
	switch {
	case err != nil:
		return finding{check, fail, err.Error(), ""}
	case status != http.StatusOK:
		return finding{check, fail, fmt.Sprintf("the API refuses it (status %d)", status), hint}
	}
	return finding{Check: check, Verdict: ok, Detail: "accepted"}
}

// maxAnswer is more than any answer that is looked at here has bytes.
const maxAnswer = 1 << 20

func get(ctx context.Context, url, token string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res.StatusCode, body, err
}
