package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Stack is a set of running servers and their addresses.
type Stack struct {
	Addresses
	// Dir is the absolute directory of the stack.
	Dir string
	// Postgres, Redis and ObjectStore let a test stop, kill and restart single servers. What was not asked for is nil.
	Postgres    *Server
	Redis       *Server
	ObjectStore *Server

	release func() error
	stop    func() error
}

// Start starts the servers and returns once all of them answer: within a second or two, most of it spent by Postgres
// on making a new data directory. It fails with ErrConflict if another process uses the directory and with
// ErrUnavailable, naming the package to install, if a program is missing.
func Start(ctx context.Context, opts Options) (*Stack, error) {
	end, remove := (*Server).Stop, func() error { return nil }
	if opts.Dir == "" {
		// What is about to be removed need not be written to the end.
		end = (*Server).Kill
		dir, err := TempDir()
		if err != nil {
			return nil, err
		}
		opts.Dir = dir
		remove = func() error { return os.RemoveAll(dir) }
	}
	s, err := prepare(opts)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	s.stop = sync.OnceValue(func() error {
		return errors.Join(s.each(end), s.release(), remove())
	})
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Stop ends the servers, cleanly unless their directory is temporary, and frees or removes the directory. Calling it
// again does nothing and returns the same error.
func (s *Stack) Stop() error { return s.stop() }

// Pids returns the process ids of the servers that are running.
func (s *Stack) Pids() []int {
	var pids []int
	for _, server := range s.servers() {
		if pid := server.Pid(); pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// prepare takes the directory, finds the programs and describes the servers, without starting any.
func prepare(opts Options) (_ *Stack, err error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("directory of the servers: %w", err)
	}
	// The account that Postgres runs as must be able to enter.
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // secrets in it have modes of their own
		return nil, fmt.Errorf("directory of the servers: %w", err)
	}
	s := &Stack{Dir: dir}
	if s.release, err = lockDir(dir); err != nil {
		return nil, err
	}
	if err := s.describe(opts); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Stack) describe(opts Options) error {
	if err := endOrphans(s.Dir); err != nil {
		return err
	}
	known, err := loadState(s.Dir)
	if err != nil {
		return err
	}
	if opts.has(PartPostgres) {
		if s.Postgres, s.DatabaseURL, err = postgresServer(s.Dir, known, opts); err != nil {
			return err
		}
	}
	if opts.has(PartRedis) {
		if s.Redis, s.RedisURL, err = redisServer(s.Dir, known, opts); err != nil {
			return err
		}
	}
	if opts.has(PartS3) {
		if s.ObjectStore, s.S3, err = s3Server(s.Dir, known, opts); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) start(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	if s.Postgres != nil {
		group.Go(func() error {
			if err := s.Postgres.Start(ctx); err != nil {
				return err
			}
			return ensureDatabase(ctx, s.DatabaseURL)
		})
	}
	if s.Redis != nil {
		group.Go(func() error { return s.Redis.Start(ctx) })
	}
	if s.ObjectStore != nil {
		group.Go(func() error {
			if err := s.ObjectStore.Start(ctx); err != nil {
				return err
			}
			return s.S3.EnsureBucket(ctx)
		})
	}
	return group.Wait()
}

func (s *Stack) servers() []*Server {
	var list []*Server
	for _, server := range []*Server{s.Postgres, s.Redis, s.ObjectStore} {
		if server != nil {
			list = append(list, server)
		}
	}
	return list
}

// each does the same to all servers at once.
func (s *Stack) each(do func(*Server) error) error {
	var group errgroup.Group
	for _, server := range s.servers() {
		group.Go(func() error { return do(server) })
	}
	return group.Wait()
}
