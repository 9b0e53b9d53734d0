package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"

	"retailq"
)

// Put stores what body yields under key, replacing what was there, and returns the new object. The size is in bytes,
// -1 where it is not known; a body that turns out shorter or longer is ErrInvalid (body_incomplete) and leaves the
// old object in place. A body of more than 8 MiB is sent in parts, of which a few are in memory at a time. An error
// of body itself comes back wrapped.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, size int64, contentType string) (
	retailq.Object, error,
) {
	counted := &countedReader{ctx: ctx, r: body, want: size}
	out, err := b.uploads.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &b.name, Key: &key, Body: counted, ContentType: aws.String(cmp.Or(contentType, "application/octet-stream")),
	})
	if err != nil && counted.err != nil {
		err = counted.err // the cause, and not what became of the request that carried it
	}
	if errors.Is(err, errLength) {
		return retailq.Object{}, b.fail(bodyInvalid, "put", key).Because(err)
	}
	if err != nil {
		return retailq.Object{}, b.translate(err, "put", key)
	}
	return retailq.Object{
		Key: key, Version: versionOf(out.VersionID), ETag: etagOf(out.ETag), Size: counted.n,
	}, nil
}

var errLength = errors.New("the body's length differs from what was announced")

// countedReader counts what passes, holds it to the announced length and ends with its context. It also hides a
// Seek method of the body: the SDK would measure the body with it, and need not.
type countedReader struct {
	ctx  context.Context //nolint:containedctx // lives as long as the one call of Put
	r    io.Reader
	want int64 // bytes, -1 for any number
	n    int64
	err  error // other than io.EOF
}

func (c *countedReader) Read(p []byte) (int, error) {
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	ended := errors.Is(err, io.EOF)
	switch {
	case err != nil && !ended:
		c.err = err
	case c.want >= 0 && (c.n > c.want || ended && c.n < c.want):
		c.err = fmt.Errorf("%w: %d bytes announced, %d seen", errLength, c.want, c.n)
		err = c.err
	}
	return n, err
}

// etagOf strips the quotes that belong to the header and not to the value (RFC 9110, section 8.8.3).
func etagOf(header *string) string { return strings.Trim(aws.ToString(header), `"`) }

// versionOf returns the VersionId that pins an object. "null" is what a bucket without versioning calls all of them.
func versionOf(id *string) string {
	if v := aws.ToString(id); v != "null" {
		return v
	}
	return ""
}
