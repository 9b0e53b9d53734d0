package api

import (
	"context"
	_ "embed"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// Check asks a dependency whether it answers.
type Check struct {
	// Name is what the dependency is called: "database".
	Name string
	// Critical: without it nothing can be served, and traffic should go elsewhere. Without the others, service is
	// degraded.
	Critical bool
	Run      func(context.Context) error
}

// checkTime is how long a dependency may take to answer.
const checkTime = 2 * time.Second

// The states of a dependency, and of all together.
const (
	up       = "up"
	degraded = "degraded"
	down     = "down"
)

type checked struct {
	Status       string  `json:"status"`
	Milliseconds float64 `json:"milliseconds"`
}

type health struct {
	Status       string             `json:"status"`
	Dependencies map[string]checked `json:"dependencies"`
}

type summary struct {
	health
	Version       string    `json:"version"`
	StartedAt     time.Time `json:"started_at"`
	UptimeSeconds int64     `json:"uptime_seconds"`
}

// livez says that the process serves. It looks at nothing else: a restart would cure nothing else.
func (s *server) livez(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"status": up})
	return nil
}

// readyz says whether requests should be sent here.
func (s *server) readyz(c *gin.Context) error {
	h := s.examine(c.Request.Context())
	status := http.StatusOK
	if h.Status == down {
		status = http.StatusServiceUnavailable
		c.Header("Retry-After", "5")
	}
	c.JSON(status, h)
	return nil
}

// health is a summary for people. It is always 200: the question was answered.
func (s *server) health(c *gin.Context) error {
	c.JSON(http.StatusOK, summary{
		health: s.examine(c.Request.Context()), Version: s.Version, StartedAt: s.started.UTC(),
		UptimeSeconds: int64(time.Since(s.started).Seconds()),
	})
	return nil
}

// examine runs all checks at once.
func (s *server) examine(ctx context.Context) health {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	results := make([]checked, len(s.Checks))
	var group sync.WaitGroup
	for i, check := range s.Checks {
		group.Go(func() {
			start := time.Now()
			results[i].Status = up
			if err := check.Run(ctx); err != nil {
				results[i].Status = down
				s.Log.WarnContext(ctx, "dependency is down", "dependency", check.Name, "err", err)
			}
			results[i].Milliseconds = float64(time.Since(start).Microseconds()) / 1000
		})
	}
	group.Wait()
	h := health{Status: up, Dependencies: map[string]checked{}}
	for i, check := range s.Checks {
		h.Dependencies[check.Name] = results[i]
		switch {
		case results[i].Status == up:
		case check.Critical:
			h.Status = down
		case h.Status == up:
			h.Status = degraded
		}
	}
	return h
}

// Contract is the OpenAPI description of the API, in YAML.
//
//go:embed openapi.yaml
var Contract []byte

func (s *server) contract(c *gin.Context) error {
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/yaml", Contract)
	return nil
}
