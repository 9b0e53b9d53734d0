package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// serviceEnviron is the environment of a service: that of `up`, by which everything can be tuned, but with the
// platform's own addresses and secrets.
func (p *platform) serviceEnviron(s *service) []string {
	own := append(p.addresses(),
		"RETAILQ_API_ADDR="+p.apiAddr,
		"RETAILQ_METRICS_ADDR="+s.metricsAddr,
	)
	if p.options.verbose && p.env.variable("RETAILQ_LOG_FORMAT") == "" {
		own = append(own, "RETAILQ_LOG_FORMAT=text")
	}
	return slices.Concat(p.env.environ, own)
}

// environ is the environment in which commands find the platform.
func (p *platform) environ() []string {
	return slices.Concat(p.env.environ, p.addresses(), p.access())
}

// addresses are the settings that services and operators' commands share.
func (p *platform) addresses() []string {
	s3 := p.stack.S3
	return []string{
		"RETAILQ_DATABASE_URL=" + p.stack.DatabaseURL,
		"RETAILQ_REDIS_URL=" + p.stack.RedisURL,
		"RETAILQ_S3_ENDPOINT=" + s3.Endpoint,
		"RETAILQ_S3_BUCKET=" + s3.Bucket,
		"RETAILQ_TOKEN_SECRET=" + p.keys.TokenSecret,
		"AWS_ACCESS_KEY_ID=" + s3.AccessKey,
		"AWS_SECRET_ACCESS_KEY=" + s3.SecretKey,
		"AWS_REGION=" + s3.Region,
		// What the user has set for another server would not fit this one.
		"RETAILQ_S3_PUBLIC_ENDPOINT=",
		"RETAILQ_S3_PATH_STYLE=true",
		"AWS_SESSION_TOKEN=",
	}
}

// access is how clients reach the API.
func (p *platform) access() []string {
	return []string{"RETAILQ_URL=" + p.url(), "RETAILQ_TOKEN=" + p.token}
}

func (p *platform) envFile() string { return filepath.Join(p.stack.Dir, "env") }

// writeEnvFile leaves what commands need in a file that a shell can read.
func (p *platform) writeEnvFile() error {
	var text strings.Builder
	text.WriteString("# Read by a shell, this lets retailq find the platform that runs here: . ./env\n")
	for _, entry := range slices.Concat(p.access(), p.addresses()) {
		name, value, _ := strings.Cut(entry, "=")
		fmt.Fprintf(&text, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	if err := os.WriteFile(p.envFile(), []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write environment of the platform: %w", err)
	}
	return nil
}
