package devstack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const database, superuser = "retailq", "retailq"

// postgresServer describes the Postgres of a stack, making its data directory if there is none.
func postgresServer(dir string, known *state, opts Options) (*Server, string, error) {
	addr, err := known.addr(PartPostgres)
	if err != nil {
		return nil, "", err
	}
	dbURL := (&url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, known.Password),
		Host: addr, Path: database, RawQuery: "sslmode=disable",
	}).String()
	s := spec{
		part: PartPostgres, dir: dir, addr: addr,
		// Fast shutdown: sessions are cut off, a checkpoint is written. Immediate shutdown is a crash without leftovers:
		// after a SIGKILL, backends and shared memory can be in the way of the next start.
		stop: syscall.SIGINT, crash: syscall.SIGQUIT, grace: 30 * time.Second,
		ready: func(ctx context.Context) error {
			return withConn(ctx, serverURL(dbURL), func(conn *pgx.Conn) error { return conn.Ping(ctx) })
		},
	}
	bin, err := postgresBin(opts.BinDirs, dataMajor(s.data()))
	if err != nil {
		return nil, "", err
	}
	as := unprivileged()
	if err := initDB(bin, s.data(), known.Password, as, opts.Durable); err != nil {
		return nil, "", err
	}
	s.command = func() *exec.Cmd {
		orphaned := syscall.SIGINT
		if !opts.Durable {
			orphaned = syscall.SIGQUIT
		}
		return postgresCommand(bin, s.data(), as, orphaned, postgresFlags(addr, s.data(), opts.Durable))
	}
	return &Server{spec: s}, dbURL, nil
}

// postgresFlags sizes the server for a laptop.
func postgresFlags(addr, data string, durable bool) []string {
	host, port, _ := net.SplitHostPort(addr)
	settings := []string{
		"listen_addresses=" + host, "port=" + port, "unix_socket_directories=",
		"max_connections=200", "shared_buffers=256MB",
		// Rare checkpoints: a large import would otherwise write every page in full again and again.
		"max_wal_size=2GB", "checkpoint_timeout=15min",
	}
	if !durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	flags := []string{"-D", data}
	for _, setting := range settings {
		flags = append(flags, "-c", setting)
	}
	return flags
}

func postgresCommand(bin, data string, as *account, orphaned syscall.Signal, args []string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin, "postgres"), args...)
	cmd.Dir = "/" // the directory of this process may be closed to the account
	cmd.Env = plainEnv()
	cmd.SysProcAttr = childAttr(orphaned, as, data)
	return cmd
}

// initDB makes the data directory unless it exists. It is made under another name first, so that an interrupted
// attempt is not taken for a database.
func initDB(bin, data, password string, as *account, durable bool) error {
	if _, err := os.Stat(data); err == nil {
		return nil
	}
	fresh, secret := data+".new", data+".password"
	defer func() { _ = os.Remove(secret) }()
	err := errors.Join(os.RemoveAll(fresh), os.Mkdir(fresh, 0o700), as.own(fresh),
		os.WriteFile(secret, []byte(password), 0o600), as.own(secret))
	if err != nil {
		return fmt.Errorf("make data directory of postgres: %w", err)
	}
	args := []string{
		"-D", fresh, "-U", superuser, "--pwfile", secret, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=" + utf8Locale(),
	}
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := exec.Command(filepath.Join(bin, "initdb"), args...)
	cmd.Dir = "/" // as above
	cmd.Env = plainEnv()
	cmd.SysProcAttr = childAttr(syscall.SIGKILL, as, fresh)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make data directory of postgres: %w\n%s", err, out)
	}
	if err := os.Rename(fresh, data); err != nil {
		return fmt.Errorf("make data directory of postgres: %w", err)
	}
	return nil
}

// utf8Locale returns one that the system has and that knows letters beyond ASCII, without which trigrams of names
// in other scripts would be empty.
func utf8Locale() string {
	if runtime.GOOS == "linux" {
		return "C.UTF-8"
	}
	return "en_US.UTF-8"
}

// plainEnv keeps PG* variables and locales of the user's shell away from the server.
func plainEnv() []string { return []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC"} }

// dataMajor returns the release that made the data directory, 0 if there is none.
func dataMajor(data string) int {
	raw, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil {
		return 0
	}
	major, _ := strconv.Atoi(strings.TrimSpace(string(raw)))
	return major
}
