package storage

import (
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"retailq"
)

// Presigned is a request that anybody who holds it may make, until it expires.
type Presigned struct {
	Method string
	URL    string
	// Header must be sent as it is: it is part of the signature.
	Header    http.Header
	ExpiresAt time.Time
}

// PutTerms are the conditions of a presigned upload. Both fields may be left zero, for no condition.
type PutTerms struct {
	ContentType string
	// Size is the exact length of the body in bytes: the server refuses any other.
	Size int64
}

// PresignPut returns a request that uploads to key by itself, without credentials.
func (b *Bucket) PresignPut(ctx context.Context, key string, expires time.Duration, terms PutTerms) (Presigned, error) {
	input := &s3.PutObjectInput{Bucket: &b.name, Key: &key}
	if terms.ContentType != "" {
		input.ContentType = &terms.ContentType
	}
	if terms.Size > 0 {
		input.ContentLength = &terms.Size
	}
	req, err := b.presign.PresignPutObject(ctx, input, s3.WithPresignExpires(expires))
	if err != nil {
		return Presigned{}, b.translate(err, "presign put", key)
	}
	header := req.SignedHeader.Clone()
	header.Del("Host") // the URL says it
	return Presigned{Method: req.Method, URL: req.URL, Header: header, ExpiresAt: time.Now().Add(expires)}, nil
}

// PresignGet returns a URL that downloads the object, without credentials; a browser saves it under filename.
// The URL names the object's version where it has one, else whatever is under the key by then.
func (b *Bucket) PresignGet(ctx context.Context, obj retailq.Object, expires time.Duration, filename string) (
	string, error,
) {
	version, _ := pin(obj)
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": filename})
	req, err := b.presign.PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.name, Key: &obj.Key, VersionId: version, ResponseContentDisposition: &disposition,
	}, s3.WithPresignExpires(expires))
	if err != nil {
		return "", b.translate(err, "presign get", obj.Key)
	}
	return req.URL, nil
}
