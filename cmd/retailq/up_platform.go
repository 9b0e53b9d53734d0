package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"retailq/cmd/internal/supervise"
	"retailq/internal/devstack"
	"retailq/internal/devstack/s3server"
	"retailq/store"
)

// platform is everything that `up` runs.
type platform struct {
	env     *environment
	options upOptions
	stack   *devstack.Stack
	keys    keys
	apiAddr string
	token   string
	// services in the order of their start.
	services []*service
	// took is how long the start took.
	took time.Duration

	deaths chan supervise.Death // while the platform starts
	mu     sync.Mutex
	up     bool
}

// startPlatform returns once every process answers. What it has started by then ends with an error.
func startPlatform(ctx context.Context, env *environment, o upOptions) (_ *platform, err error) {
	began := time.Now()
	p := &platform{env: env, options: o, deaths: make(chan supervise.Death, maxWorkers)}
	if p.stack, err = startStack(ctx, env, o); err != nil {
		return nil, err
	}
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(err, p.stop(context.WithoutCancel(ctx)))
	}
	p.took = time.Since(began)
	return p, nil
}

func startStack(ctx context.Context, env *environment, o upOptions) (*devstack.Stack, error) {
	program, err := s3server.Program()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	opts := devstack.Options{Durable: !o.ephemeral, S3Program: program}
	if !o.ephemeral {
		opts.Dir = o.dir
		fmt.Fprintf(env.stderr, "starting Postgres, Redis and S3 in %s…\n", o.dir)
	}
	return devstack.Start(ctx, opts)
}

func (p *platform) start(ctx context.Context) error {
	if err := store.Migrate(ctx, p.stack.DatabaseURL); err != nil {
		return err
	}
	var err error
	if p.keys, err = loadKeys(p.stack.Dir); err != nil {
		return err
	}
	if err := p.createAccounts(ctx); err != nil {
		return err
	}
	if p.apiAddr, err = p.chooseAddr(ctx); err != nil {
		return err
	}
	if err := os.MkdirAll(p.logs(), 0o750); err != nil {
		return fmt.Errorf("directory of the logs: %w", err)
	}
	if err := p.startServices(ctx); err != nil {
		return err
	}
	return p.writeEnvFile()
}

// usualAddr is where the API listens, if nothing else does.
const usualAddr = "127.0.0.1:8080"

// chooseAddr returns where the API shall listen. It must be known before, as the API keeps its address when it is
// started again.
func (p *platform) chooseAddr(ctx context.Context) (string, error) {
	if p.options.ephemeral {
		return devstack.FreeAddr()
	}
	if addr := p.env.variable("RETAILQ_API_ADDR"); addr != "" {
		return addr, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", usualAddr)
	if err != nil {
		return devstack.FreeAddr()
	}
	return usualAddr, l.Close()
}

// stop ends everything, in the order of who needs whom: workers hand back to the ledger what they cannot finish, so
// the servers go last.
func (p *platform) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	for _, role := range []string{roleWorker, roleScheduler, roleAPI} {
		var group sync.WaitGroup
		for _, s := range p.services {
			if s.role == role {
				group.Go(func() { s.child.Stop(ctx) })
			}
		}
		group.Wait()
	}
	return p.stack.Stop()
}

func (p *platform) logs() string { return filepath.Join(p.stack.Dir, "logs") }

// url is where this machine reaches the API, which may listen on all of its addresses.
func (p *platform) url() string {
	host, port, err := net.SplitHostPort(p.apiAddr)
	if err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		return "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + p.apiAddr
}
