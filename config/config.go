// Package config turns the environment into typed settings. It is the only reader of the environment: everything
// else is handed values. Each command has one struct that lists all it may be told ([API], [Worker], …), put together
// from blocks that several of them share ([Database], [S3], …); docs/configuration.md describes every variable.
//
// [Load] reports all that is wrong at once, each with an example of a right value, so that a deployment is mended in
// one go. Passwords and keys are of type [Secret], which no log can print.
package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"retailq"
)

// Load reads the settings of one command, such as Load[API](os.Environ()), or of any struct made of this package's
// blocks as named fields. A variable that is empty counts as not set. The error is an *Error, of kind ErrInvalid.
func Load[T any](environ []string) (T, error) {
	values := present(environ)
	fields := fieldsOf(reflect.TypeFor[T]())
	problems := &report{fields: fields}
	settings, err := env.ParseAsWithOptions[T](env.Options{Environment: values})
	if err != nil {
		for _, cause := range causes(err) {
			delete(values, problems.addCause(cause, values))
		}
		// What was not understood has its default from here on, so that the rest can be checked as well.
		settings, _ = env.ParseAsWithOptions[T](env.Options{Environment: values})
	}
	for _, f := range fields {
		problems.require(!f.required || values[f.variable] != "", f.variable, "is not set")
	}
	checkAll(reflect.ValueOf(settings), problems)
	if len(problems.list) == 0 {
		return settings, nil
	}
	slices.SortFunc(problems.list, func(a, b Problem) int { return strings.Compare(a.Variable, b.Variable) })
	return settings, &Error{Problems: problems.list}
}

// present returns the variables that are set to something.
func present(environ []string) map[string]string {
	values := env.ToMap(environ)
	for name, value := range values {
		if value == "" {
			delete(values, name)
		}
	}
	return values
}

func causes(err error) []error {
	var all env.AggregateError
	if errors.As(err, &all) {
		return all.Errors
	}
	return []error{err}
}

// checker is a block or a command that knows rules its types cannot express.
type checker interface{ check(*report) }

// checkAll checks every block of the struct, then the struct itself.
func checkAll(v reflect.Value, r *report) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			checkAll(v.Field(i), r)
		}
	}
	if c, ok := v.Interface().(checker); ok {
		c.check(r)
	}
}

// Problem is one thing wrong with the environment.
type Problem struct {
	Variable string
	// What continues a sentence that starts with the variable: "is not set".
	What string
	// Example is a right value.
	Example string
}

// Error lists all that is wrong with the environment, sorted by variable.
type Error struct{ Problems []Problem }

// Error returns one line per problem.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("the configuration is not valid:")
	for _, p := range e.Problems {
		fmt.Fprintf(&text, "\n  %s %s", p.Variable, p.What)
		if p.Example != "" {
			fmt.Fprintf(&text, "; right would be: %s=%s", p.Variable, p.Example)
		}
	}
	return text.String()
}

// Unwrap makes the error an ErrInvalid.
func (e *Error) Unwrap() error { return retailq.ErrInvalid }
