package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"retailq"
)

// Exit statuses. They are documented in the help of the root command and are part of the interface.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitConflict    = 4
	exitDenied      = 5
	exitUnavailable = 6
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// usageError is a command line that cannot be run as it stands.
type usageError struct{ message, hint string }

func (e usageError) Error() string { return e.message }

// usagef makes an error that ends the program with exitUsage.
func usagef(format string, args ...any) error {
	return usageError{message: fmt.Sprintf(format, args...)}
}

// exitError ends the program with a status of its own. Without an error inside, nothing more is printed: whatever
// there was to say has been said.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitStatuses translates kinds of error, the first match wins.
var exitStatuses = []struct {
	kind   error
	status int
}{
	{retailq.ErrInvalid, exitUsage},
	{retailq.ErrTooLarge, exitUsage},
	{retailq.ErrNotFound, exitNotFound},
	{retailq.ErrConflict, exitConflict},
	{retailq.ErrUnauthenticated, exitDenied},
	{retailq.ErrForbidden, exitDenied},
	{retailq.ErrUnavailable, exitUnavailable},
	{retailq.ErrThrottled, exitUnavailable},
	{context.Canceled, exitInterrupted},
}

// exitStatus is what the program tells its caller of err.
func exitStatus(err error) int {
	if err == nil {
		return exitOK
	}
	var exit *exitError
	var usage usageError
	switch {
	case errors.As(err, &exit):
		return exit.status
	case errors.As(err, &usage):
		return exitUsage
	}
	for _, e := range exitStatuses {
		if errors.Is(err, e.kind) {
			return e.status
		}
	}
	return exitFailed
}

// failureReport is an error as printed with --json.
type failureReport struct {
	Error  string               `json:"error"`
	Code   string               `json:"code,omitempty"`
	Hint   string               `json:"hint,omitempty"`
	Fields []retailq.FieldError `json:"fields,omitempty"`
}

// printFailure tells a person, or with asJSON a program, what went wrong and how to put it right.
func printFailure(w io.Writer, err error, asJSON bool) {
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return
	}
	r := failureReport{Error: err.Error()}
	var e *retailq.Error
	var usage usageError
	switch {
	case errors.As(err, &e):
		r.Code, r.Hint, r.Fields = e.Code, e.Hint, e.Fields
	case errors.As(err, &usage):
		r.Code, r.Hint = "usage", usage.hint
	}
	if asJSON {
		_ = printJSONLine(w, r)
		return
	}
	_, _ = fmt.Fprintf(w, "retailq: %s\n", r.Error)
	for _, f := range r.Fields {
		_, _ = fmt.Fprintf(w, "  %s: %s\n", f.Field, f.Message)
	}
	if r.Hint != "" {
		_, _ = fmt.Fprintf(w, "hint: %s\n", r.Hint)
	}
}
