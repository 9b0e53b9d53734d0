package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"retailq/cmd/internal/supervise"
	"retailq/internal/devstack"
)

// The roles of services, which are also the hidden commands by which they run.
const (
	roleAPI       = "api"
	roleScheduler = "scheduler"
	roleWorker    = "worker"
)

// service is one process of the platform.
type service struct {
	name, role  string
	metricsAddr string
	log         string
	child       *supervise.Child
}

const (
	startPatience = 30 * time.Second
	startPoll     = 10 * time.Millisecond
)

// startServices starts all processes at once and waits until each answers.
func (p *platform) startServices(ctx context.Context) error {
	if err := p.launch(roleAPI, roleAPI); err != nil {
		return err
	}
	if err := p.launch(roleScheduler, roleScheduler); err != nil {
		return err
	}
	for n := range p.options.workers {
		if err := p.launch(fmt.Sprintf("worker-%d", n+1), roleWorker); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for _, s := range p.services {
		address := "http://" + s.metricsAddr + "/metrics"
		if s.role == roleAPI {
			address = p.url() + "/readyz"
		}
		if err := p.awaitAnswer(ctx, s, address); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.up = true
	return nil
}

func (p *platform) launch(name, role string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	s := &service{name: name, role: role, log: filepath.Join(p.logs(), name+".log")}
	if s.metricsAddr, err = devstack.FreeAddr(); err != nil {
		return err
	}
	start := supervise.Program{Name: name, Path: program, Args: []string{role}, Env: p.serviceEnviron(s), Log: s.log}
	if p.options.verbose {
		start.Also = p.env.stderr
	}
	if s.child, err = supervise.Start(start, p.died); err != nil {
		return err
	}
	p.services = append(p.services, s)
	return nil
}

// died is told of every process that ended by itself.
func (p *platform) died(d supervise.Death) {
	p.mu.Lock()
	up := p.up
	p.mu.Unlock()
	if !up {
		select {
		case p.deaths <- d:
		default: // one is enough to give up
		}
		return
	}
	fmt.Fprintf(p.env.stderr, "retailq: %s (pid %d) died (%s) and is started again; its log is %s\n",
		d.Name, d.PID, d.How(), filepath.Join(p.logs(), d.Name+".log"))
}

// awaitAnswer waits until the address answers with 200.
func (p *platform) awaitAnswer(ctx context.Context, s *service, address string) error {
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for {
		err := answers(ctx, address)
		if err == nil {
			return nil
		}
		select {
		case d := <-p.deaths:
			log := filepath.Join(p.logs(), d.Name+".log")
			return fmt.Errorf("%s ended while starting (%s); its log %s ends:\n%s", d.Name, d.How(), log, tail(log))
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer (%w: %w); its log %s ends:\n%s",
				s.name, context.Cause(ctx), err, s.log, tail(s.log))
		case <-tick.C:
		}
	}
}

func answers(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, res.Status)
	}
	return nil
}

// tail returns the last lines of a log: where a program says why it gave up.
func tail(log string) string {
	const lines = 15
	raw, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
