package storage

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"retailq"
)

// Get reads the whole object: see [Bucket.GetRange].
func (b *Bucket) Get(ctx context.Context, obj retailq.Object) (io.ReadCloser, error) {
	return b.GetRange(ctx, obj, 0, obj.Size)
}

// GetRange reads length bytes of the object from offset on, as it was when obj was obtained from Put or Head. It
// yields exactly that many bytes or an error: ErrConflict (object_changed) where the object has been replaced,
// ErrNotFound where it was deleted, ErrUnavailable where the server fails for good.
//
// A connection that breaks or stalls is replaced, and reading goes on where it stopped, so that readers see no more
// than a pause. The end of ctx ends the reader; Close it in any case.
func (b *Bucket) GetRange(ctx context.Context, obj retailq.Object, offset, length int64) (io.ReadCloser, error) {
	if offset < 0 || length < 0 || length > obj.Size-offset {
		return nil, b.fail(rangeInvalid, "get", obj.Key).
			WithHint("%d bytes from %d on are asked for, of %d", length, offset, obj.Size)
	}
	if length == 0 {
		return b.getNothing(ctx, obj) // HTTP has no way to ask for an empty range
	}
	r := &rangeReader{ctx: ctx, bucket: b, object: obj, next: offset, end: offset + length}
	if err := r.connect(); err != nil {
		return nil, err
	}
	return r, nil
}

// getNothing is an empty range of an object that still has to be the right one.
func (b *Bucket) getNothing(ctx context.Context, obj retailq.Object) (io.ReadCloser, error) {
	version, etag := pin(obj)
	_, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &b.name, Key: &obj.Key, VersionId: version, IfMatch: etag,
	})
	if err != nil {
		return nil, b.translate(err, "get", obj.Key)
	}
	return http.NoBody, nil
}

// request asks for the bytes [from, to) of the object and makes sure that the answer holds them and nothing else:
// there are servers and proxies that ignore Range or If-Match.
func (b *Bucket) request(ctx context.Context, obj retailq.Object, from, to int64, opts ...func(*s3.Options)) (
	io.ReadCloser, error,
) {
	version, etag := pin(obj)
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.name, Key: &obj.Key, VersionId: version, IfMatch: etag,
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", from, to-1)),
	}, opts...)
	if err != nil {
		return nil, b.translate(err, "get", obj.Key)
	}
	if err := b.check(out, obj, from, to); err != nil {
		_ = out.Body.Close() // nothing of it is wanted
		return nil, err
	}
	return out.Body, nil
}

func (b *Bucket) check(out *s3.GetObjectOutput, obj retailq.Object, from, to int64) error {
	if got := etagOf(out.ETag); obj.ETag != "" && got != obj.ETag {
		return b.fail(objectChanged, "get", obj.Key).Because(fmt.Errorf("ETag is %q, not %q", got, obj.ETag))
	}
	want := fmt.Sprintf("bytes %d-%d/%d", from, to-1, obj.Size)
	if got := aws.ToString(out.ContentRange); got != want || aws.ToInt64(out.ContentLength) != to-from {
		return b.fail(rangeIgnored, "get", obj.Key).
			Because(fmt.Errorf("got %q of %d bytes, want %q", got, aws.ToInt64(out.ContentLength), want))
	}
	return nil
}

// pin returns the request's VersionId and If-Match, each nil where the object has none.
func pin(obj retailq.Object) (version, etag *string) {
	if obj.Version != "" {
		version = &obj.Version
	}
	if obj.ETag != "" {
		etag = aws.String(`"` + obj.ETag + `"`)
	}
	return version, etag
}
