package config

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Database is the Postgres server.
type Database struct {
	URL Secret `env:"RETAILQ_DATABASE_URL" required:"true" example:"postgres://retailq:password@db:5432/retailq"`
	// MaxConns bounds the pool of one process.
	MaxConns int `env:"RETAILQ_DATABASE_MAX_CONNS" envDefault:"10"`
}

func (d Database) check(r *report) {
	checkURL(r, "RETAILQ_DATABASE_URL", d.URL.Reveal(), "postgres", "postgresql")
	r.require(d.MaxConns >= 2 && d.MaxConns <= 1000, "RETAILQ_DATABASE_MAX_CONNS", "must be from 2 to 1000")
}

// Redis is the Redis server that carries deliveries and events.
type Redis struct {
	URL Secret `env:"RETAILQ_REDIS_URL" required:"true" example:"redis://redis:6379/0"`
}

func (c Redis) check(r *report) {
	checkURL(r, "RETAILQ_REDIS_URL", c.URL.Reveal(), "redis", "rediss", "unix")
}

// S3 is the object server. The names that start with AWS_ are those of every other tool that speaks to S3.
type S3 struct {
	Bucket string `env:"RETAILQ_S3_BUCKET" required:"true" example:"retailq"`
	// Endpoint is empty for AWS itself.
	Endpoint string `env:"RETAILQ_S3_ENDPOINT" example:"http://s3:9000"`
	// PublicEndpoint is empty where browsers reach the server by Endpoint.
	PublicEndpoint string `env:"RETAILQ_S3_PUBLIC_ENDPOINT" example:"https://files.example.com"`
	PathStyle      bool   `env:"RETAILQ_S3_PATH_STYLE" envDefault:"true"`
	// Region is empty to leave it to the SDK.
	Region string `env:"AWS_REGION" example:"eu-central-1"`
	// AccessKey and SecretKey are empty to leave the credentials to the SDK.
	AccessKey    Secret `env:"AWS_ACCESS_KEY_ID" example:"AKIAIOSFODNN7EXAMPLE"`
	SecretKey    Secret `env:"AWS_SECRET_ACCESS_KEY" example:"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`
	SessionToken Secret `env:"AWS_SESSION_TOKEN" example:"the token that came with temporary keys"`
}

func (c S3) check(r *report) {
	checkURL(r, "RETAILQ_S3_ENDPOINT", c.Endpoint, "http", "https")
	checkURL(r, "RETAILQ_S3_PUBLIC_ENDPOINT", c.PublicEndpoint, "http", "https")
	r.require(c.Bucket == "" || !strings.HasSuffix(strings.TrimSuffix(c.Endpoint, "/"), "/"+c.Bucket),
		"RETAILQ_S3_ENDPOINT", "ends with the bucket, which belongs into RETAILQ_S3_BUCKET")
	r.require(c.SecretKey == "" || c.AccessKey != "", "AWS_ACCESS_KEY_ID", "is not set, but AWS_SECRET_ACCESS_KEY is")
	r.require(c.AccessKey == "" || c.SecretKey != "", "AWS_SECRET_ACCESS_KEY", "is not set, but AWS_ACCESS_KEY_ID is")
}

// checkURL adds a problem where the value is set and no URL of one of the schemes. It never shows the value, which
// may hold a password.
func checkURL(r *report, variable, value string, schemes ...string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	switch {
	case err != nil:
		r.add(variable, "is not a URL (percent-encode what is special in a password)")
	case !slices.Contains(schemes, u.Scheme):
		r.add(variable, "must start with %s://", strings.Join(schemes, ":// or "))
	case u.Host == "" && u.Scheme != "unix" && u.Query().Get("host") == "":
		r.add(variable, "names no host")
	}
}

// checkAddr adds a problem where the value is set and no host:port to listen on.
func checkAddr(r *report, variable, value string) {
	if value == "" {
		return
	}
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		r.add(variable, "is %q, which is not host:port", value)
		return
	}
	n, err := strconv.Atoi(port)
	r.require(err == nil && n >= 0 && n <= 65535, variable, "has the port %q, which is not from 0 to 65535", port)
}
