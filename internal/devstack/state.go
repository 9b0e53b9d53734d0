package devstack

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// state is what a stack keeps in its directory so that its addresses survive restarts.
type state struct {
	path  string
	Ports map[Part]int `json:"ports"`
	// Password is that of the Postgres superuser; AccessKey and SecretKey are those of the S3 server.
	Password  string `json:"password"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// loadState reads the state of dir, or makes and saves a new one.
func loadState(dir string) (*state, error) {
	s := &state{path: filepath.Join(dir, "stack.json")}
	raw, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.Ports = make(map[Part]int)
		s.Password, s.AccessKey, s.SecretKey = rand.Text(), rand.Text(), rand.Text()
		return s, s.save()
	case err != nil:
		return nil, fmt.Errorf("read state of the servers: %w", err)
	}
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, fmt.Errorf("read state of the servers from %s: %w", s.path, err)
	}
	return s, nil
}

func (s *state) save() error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("save state of the servers: %w", err)
	}
	// Replaced as a whole: a half-written file would lose the password of a database that exists.
	if err := os.WriteFile(s.path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("save state of the servers: %w", err)
	}
	if err := os.Rename(s.path+".new", s.path); err != nil {
		return fmt.Errorf("save state of the servers: %w", err)
	}
	return nil
}

// addr returns the loopback address of a part: that of the last start if it is still free, otherwise a new one.
func (s *state) addr(p Part) (string, error) {
	if port, ok := s.Ports[p]; ok && free(port) {
		return loopback(port), nil
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	s.Ports[p] = port
	return loopback(port), s.save()
}

// Ports are taken below 32768, where Linux begins to hand out ports to outgoing connections: in that range a busy
// test run can take the port of a server while it restarts.
const lowestPort, ports = 12000, 20000

func freePort() (int, error) {
	for range 100 {
		n, err := rand.Int(rand.Reader, big.NewInt(ports))
		if err != nil {
			return 0, fmt.Errorf("choose a port: %w", err)
		}
		if port := lowestPort + int(n.Int64()); free(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("choose a port: 100 ports between %d and %d are in use", lowestPort, lowestPort+ports)
}

func free(port int) bool {
	l, err := net.Listen("tcp", loopback(port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
