package client

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"strconv"
)

// form is an import request as multipart/form-data (RFC 7578): its fields, then the file, which is streamed.
type form struct {
	contentType string
	head, tail  []byte
	file        File
}

func newForm(r ImportRequest, f File) (form, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	fields := []struct{ name, value string }{
		{"dataset", r.Dataset},
		{"filename", r.Filename},
		{"create_master_data", strconv.FormatBool(r.CreateMasterData)},
	}
	for _, field := range fields {
		if field.value == "" {
			continue
		}
		if err := w.WriteField(field.name, field.value); err != nil {
			return form{}, fmt.Errorf("write form field %s: %w", field.name, err)
		}
	}
	if _, err := w.CreateFormFile("file", f.Name); err != nil {
		return form{}, fmt.Errorf("write form field file: %w", err)
	}
	head := b.Len()
	if err := w.Close(); err != nil {
		return form{}, fmt.Errorf("end form: %w", err)
	}
	return form{contentType: w.FormDataContentType(), head: b.Bytes()[:head], tail: b.Bytes()[head:], file: f}, nil
}

// body returns the form from the start.
func (f form) body() (io.Reader, int64) {
	file, size := f.file.body()
	body := io.MultiReader(bytes.NewReader(f.head), file, bytes.NewReader(f.tail))
	return body, int64(len(f.head)) + size + int64(len(f.tail))
}
