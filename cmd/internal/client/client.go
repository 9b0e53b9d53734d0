// Package client speaks the platform's HTTP API (api/openapi.yaml) in the platform's own words: what it returns are the
// nouns of package retailq, and its errors are *retailq.Error of the kinds that the API had. It repeats what can be
// repeated, so that a restart of the API is a delay. Whose token it uses, and what is shown to people, is for its
// callers to say.
package client

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"retailq"
)

const (
	// dialTime is how long a connection may take to be made.
	dialTime = 5 * time.Second
	// answerTime is how long the head of an answer may take once the request is out.
	answerTime = time.Minute
	// quietTime is how long an event stream may be silent: three times the API's heartbeat.
	quietTime = 45 * time.Second
)

// Options say where the API is and who asks.
type Options struct {
	// URL is the address of the API, without /v1.
	URL string
	// Token is the bearer token of the caller.
	Token string
	// Tenant is the slug or id of the tenant to act in. Users of a tenant act in theirs and may leave it empty.
	Tenant string
	// UserAgent names the program in the API's logs.
	UserAgent string
}

// Client makes requests on behalf of one caller. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	options Options
	http    *http.Client
	pause   pauser
	quiet   time.Duration
}

// New returns a client. It does not connect yet. A malformed URL is ErrInvalid.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, retailq.Invalid("url_invalid", "%q is not the address of an API", o.URL).
			WithHint("It looks like http://127.0.0.1:8080")
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSHandshakeTimeout:   dialTime,
		ResponseHeaderTimeout: answerTime,
		IdleConnTimeout:       answerTime,
		ForceAttemptHTTP2:     true,
	}
	return &Client{
		base: base, options: o, pause: sleep, quiet: quietTime,
		http: &http.Client{
			Transport: transport,
			// A redirect leads to the object store on a presigned URL. http.Client would send the token along if the two
			// differ only in their ports, and S3 refuses requests that are signed and carry a token besides.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// address returns the URL of a path of the API.
func (c *Client) address(path string, query url.Values) string {
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	return u.String()
}
