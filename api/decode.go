package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"retailq"
)

// decode reads the JSON body into what v points to. It is strict, as what is misspelt and ignored does harm: unknown
// fields, wrong types and anything behind the value are refused by name.
func (s *server) decode(c *gin.Context, v any) error {
	if mediaType(c) != "application/json" && mediaType(c) != "" {
		return retailq.Errorf(errUnsupported, "media_type", "a body of type %q is not understood here", mediaType(c)).
			WithHint("Send application/json.")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, s.Limits.BodyBytes))
	if err != nil {
		return explain(err)
	}
	if holdsNUL(raw) {
		return malformed("text_invalid", "a text of the body holds U+0000, which cannot be stored")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return explain(err)
	}
	if err := decoder.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return malformed("body_trailing", "there is more behind the JSON value of the body")
	}
	return nil
}

// holdsNUL reports whether a text in a JSON value holds U+0000. Postgres has no such text.
func holdsNUL(raw []byte) bool {
	for tokens := json.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := tokens.Token()
		if err != nil {
			return false // at the end, or where Decode will say what is wrong
		}
		if text, ok := token.(string); ok && !storable(text) {
			return true
		}
	}
}

// decodeOptional is decode for a body that may be absent.
func (s *server) decodeOptional(c *gin.Context, v any) error {
	err := s.decode(c, v)
	var known *retailq.Error
	if errors.As(err, &known) && known.Code == "body_missing" {
		return nil
	}
	return err
}

// explain turns an error of encoding/json into one for whoever wrote the body.
func explain(err error) error {
	var tooLarge *http.MaxBytesError
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	const unknown = "json: unknown field " // encoding/json has no type for it
	switch {
	case errors.As(err, &tooLarge):
		return retailq.Errorf(retailq.ErrTooLarge, "body_too_large", "the body is larger than %d bytes", tooLarge.Limit)
	case errors.Is(err, io.EOF):
		return malformed("body_missing", "the body is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("body_truncated", "the body ends in the middle of its JSON value")
	case errors.As(err, &syntax):
		return malformed("json_invalid", fmt.Sprintf("the body is no JSON, from byte %d on", syntax.Offset))
	case errors.As(err, &wrongType):
		return malformed("field_type", fmt.Sprintf("field %q cannot be a %s", wrongType.Field, wrongType.Value),
			retailq.FieldError{Field: wrongType.Field, Code: "type", Message: "must be " + typeName(wrongType)})
	case strings.HasPrefix(err.Error(), unknown):
		field := strings.Trim(strings.TrimPrefix(err.Error(), unknown), `"`)
		return malformed("field_unknown", fmt.Sprintf("there is no field %q", field),
			retailq.FieldError{Field: field, Code: "unknown", Message: "is not a field of this request"})
	}
	return malformed("body_unreadable", "the body cannot be read").Because(err)
}

// typeName says in the words of JSON what a field should have been.
func typeName(e *json.UnmarshalTypeError) string {
	switch kind := e.Type.Kind().String(); {
	case strings.HasPrefix(kind, "int"):
		return "a whole number"
	case kind == "bool":
		return "true or false"
	case kind == "struct" || kind == "map":
		return "an object"
	default:
		return "a " + kind
	}
}

// field is one field of a body.
type field struct{ name, value string }

// required returns an error that names the fields without a value, or nil.
func required(fields ...field) error {
	var missing []retailq.FieldError
	for _, f := range fields {
		if f.value == "" {
			missing = append(missing, retailq.FieldError{Field: f.name, Code: "required", Message: "is missing"})
		}
	}
	if missing == nil {
		return nil
	}
	return malformed("field_missing", "a required field is missing", missing...)
}

// mediaType is the type of the request's body, "" for none.
func mediaType(c *gin.Context) string {
	header := c.GetHeader("Content-Type")
	if parsed, _, err := mime.ParseMediaType(header); err == nil {
		return parsed
	}
	return header
}

// pathID reads the id in the request's path.
func pathID(c *gin.Context) (retailq.ID, error) {
	id, err := retailq.ParseID(c.Param("id"))
	if err != nil {
		return id, malformed("id_invalid", fmt.Sprintf("%q is not an id", c.Param("id")),
			retailq.FieldError{Field: "id", Code: "type", Message: "must be a UUID"})
	}
	return id, nil
}
