package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/caarlos0/env/v11"
)

// field is what a struct says about one variable in its tags.
type field struct {
	name, variable, fallback, example string
	required                          bool
	kind                              reflect.Type
}

// fieldsOf lists the variables of a struct and of the blocks in it, in order. The tags are env (the variable),
// envDefault, example (needed where there is no default) and required.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for f := range fieldsIn(t) {
		variable, tagged := f.Tag.Lookup("env")
		if !tagged {
			fields = append(fields, fieldsOf(f.Type)...)
			continue
		}
		fields = append(fields, field{
			name: f.Name, variable: variable, kind: f.Type,
			fallback: f.Tag.Get("envDefault"), example: cmp.Or(f.Tag.Get("example"), f.Tag.Get("envDefault")),
			required: f.Tag.Get("required") == "true",
		})
	}
	return fields
}

func fieldsIn(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		if t.Kind() != reflect.Struct {
			return
		}
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// report collects problems.
type report struct {
	fields []field
	list   []Problem
}

// add adds a problem, unless the variable has one already.
func (r *report) add(variable, format string, args ...any) {
	if slices.ContainsFunc(r.list, func(p Problem) bool { return p.Variable == variable }) {
		return
	}
	example := ""
	for _, f := range r.fields {
		if f.variable == variable {
			example = f.example
		}
	}
	r.list = append(r.list, Problem{Variable: variable, What: fmt.Sprintf(format, args...), Example: example})
}

// require adds a problem with the variable unless ok.
func (r *report) require(ok bool, variable, format string, args ...any) {
	if !ok {
		r.add(variable, format, args...)
	}
}

// addCause adds a value that the parser did not understand, and returns its variable. The parser knows the field by
// name and type only, which is why fields that can be misunderstood differ in one of them within a command.
func (r *report) addCause(cause error, values map[string]string) string {
	var parse env.ParseError
	if errors.As(cause, &parse) {
		for _, f := range r.fields {
			if f.name == parse.Name && f.kind == parse.Type {
				r.add(f.variable, "is %q, which is not %s", values[f.variable], noun(f.kind))
				return f.variable
			}
		}
	}
	r.add("the environment", "cannot be read: %v", cause)
	return ""
}

func noun(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "a duration with its unit (ms, s, m or h)"
	case reflect.TypeFor[ByteSize]():
		return "a size with its unit (KiB, MiB, GiB, or B)"
	case reflect.TypeFor[slog.Level]():
		return "debug, info, warn or error"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	default:
		return "a " + t.String()
	}
}
