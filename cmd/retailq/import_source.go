package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"retailq"
	"retailq/cmd/internal/client"
)

// objectKey recognises s3://KEY, and s3://BUCKET/KEY as other programs write it: keys of tenants begin with "tenants/".
func objectKey(source string) (key string, isObject bool, err error) {
	key, isObject = strings.CutPrefix(source, "s3://")
	if isObject && key == "" {
		return "", true, usagef("s3:// must be followed by the key of an object")
	}
	if _, rest, found := strings.Cut(key, "/"); found && !ours(key) && ours(rest) {
		key = rest
	}
	return key, isObject, nil
}

func ours(key string) bool { return strings.HasPrefix(key, "tenants/") }

// source is a file to upload.
type source struct {
	file  client.File
	close func()
}

// openSource opens a file of this machine, or takes standard input for one.
func openSource(ctx context.Context, env *environment, name string) (source, error) {
	if name == "-" {
		return spool(ctx, env.stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return source{}, unreadable(name, err)
	}
	s, err := sourceOf(f, filepath.Base(name))
	if err != nil {
		_ = f.Close()
		return source{}, err
	}
	s.close = func() { _ = f.Close() }
	return s, nil
}

func sourceOf(f *os.File, name string) (source, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return source{}, unreadable(name, err)
	case info.IsDir():
		return source{}, retailq.Invalid("not_a_file", "%s is a directory", name)
	case !info.Mode().IsRegular():
		return source{}, retailq.Invalid("not_a_file", "%s is not a regular file", name).
			WithHint("Import it through standard input: retailq import - < %s", name)
	case info.Size() == 0:
		return source{}, retailq.Invalid("empty_file", "%s is empty", name)
	}
	return source{file: client.File{Name: name, Size: info.Size(), Content: f}}, nil
}

// spool keeps standard input in a temporary file: its size must be known before it is uploaded, and its content must
// still be there if the upload breaks.
func spool(ctx context.Context, stdin io.Reader) (source, error) {
	f, err := os.CreateTemp("", "retailq-import-*.csv")
	if err != nil {
		return source{}, fmt.Errorf("keep standard input: %w", err)
	}
	remove := func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(f, stdin)
		copied <- err
	}()
	select {
	case err = <-copied:
	case <-ctx.Done(): // a read from a terminal cannot be interrupted, but it need not be waited for
		err = ctx.Err()
	}
	if err == nil {
		var s source
		if s, err = sourceOf(f, "stdin.csv"); err == nil {
			s.close = remove
			return s, nil
		}
	}
	remove()
	return source{}, fmt.Errorf("read standard input: %w", err)
}

// unreadable is the error of a file that cannot be opened.
func unreadable(name string, err error) error {
	kind := errUnreadable
	if errors.Is(err, os.ErrNotExist) {
		kind = retailq.ErrNotFound
	}
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return retailq.Errorf(kind, "file_unreadable", "%s cannot be read", name).Because(err)
}

var errUnreadable = errors.New("unreadable")
