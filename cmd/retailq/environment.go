package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// environment is what a command may know of the world around the process, so that tests can give it another one.
type environment struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	// environ holds the environment variables in the form NAME=value.
	environ []string
	// version is that of the program, as set when it was built.
	version string
}

// variable returns the value of an environment variable, or "". The last one of a name counts, as in a shell.
func (env *environment) variable(name string) string {
	for i := len(env.environ) - 1; i >= 0; i-- {
		if value, found := strings.CutPrefix(env.environ[i], name+"="); found {
			return value
		}
	}
	return ""
}

// isTerminal reports whether a person is at the other end of a stream, so that output may move, and signals of the
// keyboard reach whatever runs.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
