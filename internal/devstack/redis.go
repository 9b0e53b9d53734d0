package devstack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// redisDatabases is the count of logical databases: one for each test that runs at the same time, and to spare.
const redisDatabases = "1024"

// redisServer describes the Redis of a stack: as in production an append-only file and no eviction.
func redisServer(dir string, known *state, opts Options) (*Server, string, error) {
	program, err := redisBin(opts.BinDirs)
	if err != nil {
		return nil, "", err
	}
	addr, err := known.addr(PartRedis)
	if err != nil {
		return nil, "", err
	}
	s := spec{
		part: PartRedis, dir: dir, addr: addr, stop: syscall.SIGTERM, crash: syscall.SIGKILL, grace: 10 * time.Second,
		ready: func(ctx context.Context) error { return pingRedis(ctx, addr) },
	}
	if err := os.MkdirAll(s.data(), 0o700); err != nil {
		return nil, "", fmt.Errorf("make data directory of redis: %w", err)
	}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(program, redisFlags(addr, s.data(), opts.Durable)...)
		cmd.Dir = s.data()
		cmd.SysProcAttr = childAttr(syscall.SIGTERM, nil, s.data())
		return cmd
	}
	return &Server{spec: s}, "redis://" + addr + "/0", nil
}

func redisFlags(addr, data string, durable bool) []string {
	host, port, _ := net.SplitHostPort(addr)
	fsync := "everysec"
	if !durable {
		fsync = "no"
	}
	return []string{
		"--bind", host, "--port", port, "--dir", data, "--daemonize", "no",
		"--appendonly", "yes", "--appendfsync", fsync, "--save", "",
		"--maxmemory-policy", "noeviction", "--databases", redisDatabases,
		// A title of its own would hide the data directory, by which an orphan is recognized.
		"--set-proc-title", "no",
	}
}

// pingRedis says PING in the protocol's inline form. While it reads its file, Redis answers with an error.
func pingRedis(ctx context.Context, addr string) (err error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(answer, "+PONG") {
		return fmt.Errorf("redis answers %q", strings.TrimSpace(answer))
	}
	return nil
}
