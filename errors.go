package retailq

import (
	"errors"
	"fmt"
)

// The kinds of error. A kind is chosen once, where it is known, and translated at two edges: the
// HTTP status (package api) and whether an attempt is worth repeating (package queue). Test for a
// kind with errors.Is. An error of no kind is a fault of ours: HTTP 500, and the attempt is retried.
var (
	// ErrInvalid: the request or the data can never succeed as it is. Not retried.
	ErrInvalid = errors.New("invalid")
	// ErrNotFound: there is no such thing, or it is another tenant's.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the thing's present state does not allow it.
	ErrConflict = errors.New("conflict")
	// ErrUnauthenticated: no credentials, or ones that are wrong or have expired.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrForbidden: the caller is known, and may not.
	ErrForbidden = errors.New("forbidden")
	// ErrTooLarge: a limit on bytes, rows, columns or pages is exceeded. Not retried.
	ErrTooLarge = errors.New("too large")
	// ErrThrottled: too many requests; the same one may succeed later.
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable: a dependency cannot be reached just now. Worth retrying.
	ErrUnavailable = errors.New("unavailable")
	// ErrFenced: the caller no longer holds the job; somebody else does, or its state was changed.
	// Whatever it was about to commit is void.
	ErrFenced = errors.New("fenced")
)

// Error tells a person what is wrong, where, and how to put it right.
type Error struct {
	// Kind is one of the Err… values above.
	Kind error
	// Code is stable and in snake_case, for programs: "header_duplicate".
	Code string
	// Message says what is wrong and where. It never holds secrets or SQL.
	Message string
	// Hint says how to put it right; it may be empty.
	Hint string
	// Fields lists the single problems where there are several.
	Fields []FieldError
	// Err is the cause, for logs only.
	Err error
}

// FieldError is one problem with one field of a request, or one column of a file.
type FieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error returns the message, and the cause after it where there is one.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap makes both the kind and the cause visible to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// WithHint sets the hint and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Because sets the cause and returns e.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// Errorf makes an Error of the given kind.
func Errorf(kind error, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes an Error of kind ErrInvalid.
func Invalid(code, format string, args ...any) *Error {
	return Errorf(ErrInvalid, code, format, args...)
}

// NotFound makes an Error of kind ErrNotFound with code "<noun>_not_found".
func NotFound(noun, which string) *Error {
	return Errorf(ErrNotFound, noun+"_not_found", "there is no %s %q", noun, which)
}

// Conflict makes an Error of kind ErrConflict.
func Conflict(code, format string, args ...any) *Error {
	return Errorf(ErrConflict, code, format, args...)
}

// Unavailable makes an Error of kind ErrUnavailable for a dependency, such as "storage".
func Unavailable(dependency string, err error) *Error {
	return Errorf(ErrUnavailable, dependency+"_unavailable", "%s cannot be reached", dependency).Because(err)
}
