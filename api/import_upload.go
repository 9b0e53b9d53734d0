package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"retailq"
	"retailq/ops"
)

const (
	// maxField is the size of the largest form field besides the file, in bytes.
	maxField = 1 << 10
	// formOverhead is the most that a form holds besides the file, in bytes.
	formOverhead = 64 << 10
	// dropTime is how long the removal of a file may take for which there is no import.
	dropTime = 10 * time.Second
)

// importUpload streams the file of a form into the bucket as it arrives, and starts its import.
func (s *server) importUpload(
	c *gin.Context, p retailq.Principal, key string,
) (imported *retailq.Import, started bool, err error) {
	if err := s.Ops.CheckUpload(p, c.Request.ContentLength-formOverhead); err != nil {
		return nil, false, err // before the first byte of it is read
	}
	c.Request.Body = &patientBody{ReadCloser: c.Request.Body, control: http.NewResponseController(c.Writer)}
	form, err := c.Request.MultipartReader()
	if err != nil {
		return nil, false, malformed("form_invalid", "the form cannot be read").Because(err)
	}
	r, file, err := readForm(form)
	if err != nil {
		return nil, false, err
	}
	ctx := c.Request.Context()
	content := &watchedReader{r: file}
	object, sum, err := s.Ops.StoreUpload(ctx, p, r.Filename, content)
	if err != nil {
		if content.err != nil {
			return nil, false, truncated(content.err)
		}
		return nil, false, err
	}
	r.ObjectKey, r.ContentSHA256, r.IdempotencyKey = object.Key, sum, key
	// From here on it makes no difference whether the caller waits: either there is an import, or no file is left.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err = endOfForm(form); err == nil {
		imported, started, err = s.Ops.StartImport(ctx, p, r)
	}
	if unused(started, err) {
		s.dropUpload(ctx, p, object.Key)
	}
	return imported, started, err
}

// readForm reads the fields of a form up to the file, which comes last: what is to be done with it is known before it
// is stored, and nothing needs to be kept.
func readForm(form *multipart.Reader) (r ops.ImportRequest, file *multipart.Part, err error) {
	var seen []string
	for {
		part, err := form.NextPart()
		if complete(err) {
			return r, nil, malformed("file_missing", `the form has no part "file"`,
				retailq.FieldError{Field: "file", Code: "required", Message: "is missing"})
		}
		if err != nil {
			return r, nil, truncated(err)
		}
		name := part.FormName()
		if slices.Contains(seen, name) {
			return r, nil, badField(name, "repeated", "is given more than once")
		}
		seen = append(seen, name)
		if name == "file" {
			if r.Filename == "" {
				r.Filename = strings.ToValidUTF8(part.FileName(), "_")
				return r, part, checkField("filename", r.Filename)
			}
			return r, part, nil
		}
		if err := readField(&r, name, part); err != nil {
			return r, nil, err
		}
	}
}

func readField(r *ops.ImportRequest, name string, part io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return truncated(err)
	}
	value := string(raw)
	if err := checkField(name, value); err != nil {
		return err
	}
	switch name {
	case "dataset":
		r.Dataset = value
	case "filename":
		r.Filename = value
	case "create_master_data":
		if r.CreateMasterData, err = strconv.ParseBool(value); err != nil {
			return badField(name, "type", "must be true or false")
		}
	default:
		return badField(name, "unknown", "is not a field of this form")
	}
	return nil
}

// checkField refuses what no field may hold.
func checkField(name, value string) error {
	switch {
	case len(value) > maxField:
		return badField(name, "length", fmt.Sprintf("is longer than %d bytes", maxField))
	case !storable(value):
		return badField(name, "text", "is no text")
	}
	return nil
}

func badField(name, code, message string) error {
	return malformed("field_invalid", fmt.Sprintf("form field %q %s", name, message),
		retailq.FieldError{Field: name, Code: code, Message: message})
}

// endOfForm makes sure that the form arrived whole, and that nothing comes behind the file, where it would be missed.
func endOfForm(form *multipart.Reader) error {
	part, err := form.NextPart()
	switch {
	case complete(err):
		return nil
	case err != nil:
		return truncated(err)
	}
	return badField(part.FormName(), "order", "must come before the file, which is the last part")
}

// complete reports whether NextPart has found the end of the form. Where the content has ended and the form has not, it
// returns an io.EOF too, but a wrapped one.
func complete(err error) bool { return err == io.EOF } //nolint:errorlint // that is the difference

func truncated(err error) error {
	return malformed("upload_truncated", "the form did not arrive whole").
		WithHint("Send it again, with the same Idempotency-Key if it had one.").Because(err)
}

// unused reports whether a stored file is no import's: the import was certainly not started, or another one is the
// answer. After any other error it may have been.
func unused(started bool, err error) bool {
	if err == nil {
		return !started
	}
	for _, refusal := range []error{
		errMalformed, retailq.ErrInvalid, retailq.ErrConflict, retailq.ErrTooLarge, retailq.ErrForbidden,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// dropUpload removes a stored file, even if the caller has gone.
func (s *server) dropUpload(ctx context.Context, p retailq.Principal, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
	defer cancel()
	if err := s.Ops.DropUpload(ctx, p, key); err != nil {
		s.Log.WarnContext(ctx, "an unused upload is left in the bucket", slog.String("key", key), slog.Any("err", err))
	}
}

// watchedReader remembers why reading failed, to tell a caller's broken upload from a bucket's refusal.
type watchedReader struct {
	r   io.Reader
	err error // other than io.EOF
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// patientBody lets a body take as long as it needs, as long as it does not stall.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *patientBody) Read(p []byte) (int, error) {
	deadline := time.Now().Add(stall)
	// What does not support deadlines has none to move.
	_ = b.control.SetReadDeadline(deadline)
	_ = b.control.SetWriteDeadline(deadline)
	return b.ReadCloser.Read(p)
}
