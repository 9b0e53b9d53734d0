package api

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"retailq"
)

// defaultPage is how many items a page holds if the request does not say.
const defaultPage = 50

// query reads the parameters of a listing and collects all that is wrong with them.
type query struct {
	c        *gin.Context
	problems []retailq.FieldError
}

// queryOf returns a reader of the request's parameters, of which there may be no others than the named ones: a
// misspelt filter that is ignored answers another question than was asked.
func queryOf(c *gin.Context, names ...string) *query {
	q := &query{c: c}
	for name, values := range c.Request.URL.Query() {
		switch {
		case !slices.Contains(names, name):
			q.refuse(name, "unknown", "is not a parameter of this request")
		case len(values) > 1:
			q.refuse(name, "repeated", "is given more than once")
		case !storable(values[0]):
			q.refuse(name, "text", "is no text")
		}
	}
	return q
}

// storable reports whether Postgres can hold, or look for, a text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

func (q *query) refuse(field, code, message string) {
	q.problems = append(q.problems, retailq.FieldError{Field: field, Code: code, Message: message})
}

// err returns everything that is wrong, or nil.
func (q *query) err() error {
	if q.problems == nil {
		return nil
	}
	first := q.problems[0]
	return malformed("query_invalid", fmt.Sprintf("parameter %q %s", first.Field, first.Message), q.problems...)
}

func (q *query) text(name string) string { return q.c.Query(name) }

// limit is the size of the page.
func (q *query) limit(most int) int {
	return int(q.number("limit", min(defaultPage, most), 1, most))
}

// number is a parameter between two bounds.
func (q *query) number(name string, fallback, least, most int) int64 {
	value := q.text(name)
	if value == "" {
		return int64(fallback)
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < int64(least) || n > int64(most) {
		q.refuse(name, "range", fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	return n
}

func (q *query) id(name string) retailq.ID {
	value := q.text(name)
	if value == "" {
		return retailq.ID{}
	}
	id, err := retailq.ParseID(value)
	if err != nil {
		q.refuse(name, "type", "must be a UUID")
	}
	return id
}

func (q *query) state(name string) retailq.State {
	state := retailq.State(q.text(name))
	if state != "" && !slices.Contains(retailq.States(), state) {
		q.refuse(name, "enum", fmt.Sprintf("must be one of %v", retailq.States()))
	}
	return state
}

// idCursor reads a cursor made of an id.
func (q *query) idCursor() retailq.ID {
	raw, ok := q.cursor()
	if !ok {
		return retailq.ID{}
	}
	id, err := retailq.ParseID(raw)
	if err != nil {
		q.refuse("cursor", "cursor", notACursor)
	}
	return id
}

// placeCursor reads a cursor made of a line and a place in it.
func (q *query) placeCursor() (line int64, n int) {
	raw, ok := q.cursor()
	if !ok {
		return 0, 0
	}
	first, second, _ := strings.Cut(raw, ":")
	line, errLine := strconv.ParseInt(first, 10, 64)
	place, errN := strconv.ParseUint(second, 10, 15) // what a smallint holds
	if errLine != nil || errN != nil {
		q.refuse("cursor", "cursor", notACursor)
	}
	return line, int(place)
}

const notACursor = "is not a next_cursor that this listing returned"

func (q *query) cursor() (raw string, ok bool) {
	value := q.text("cursor")
	if value == "" {
		return "", false
	}
	decoded, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		q.refuse("cursor", "cursor", notACursor)
		return "", false
	}
	return string(decoded), true
}

// encodeCursor makes a cursor. Callers are not to look inside, or it could never change.
func encodeCursor(raw string) string { return base64.RawURLEncoding.EncodeToString([]byte(raw)) }

// page is one page of a listing.
type page[T any] struct {
	Items []T `json:"items"`
	// NextCursor is absent on the last page.
	NextCursor string `json:"next_cursor,omitempty"`
}

// pageOf cuts a page from rows, which hold one more than the limit if there are more to come.
func pageOf[T any](rows []T, limit int, cursorBehind func(T) string) page[T] {
	p := page[T]{Items: rows}
	if len(rows) > limit {
		p.Items = rows[:limit]
		p.NextCursor = encodeCursor(cursorBehind(p.Items[limit-1]))
	}
	if p.Items == nil {
		p.Items = []T{}
	}
	return p
}
