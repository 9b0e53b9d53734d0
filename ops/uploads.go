package ops

import (
	"context"
	"crypto/sha256"
	"io"
	"path"
	"time"

	"retailq"
	"retailq/storage"
)

// MaxSinglePut is the size in bytes of the largest object that S3 takes in one PUT, as documented by AWS. Larger ones
// come in parts, which a presigned address cannot.
const MaxSinglePut = 5 << 30

// Upload is where a file can be put by the caller, without the API's help.
type Upload struct {
	// ObjectKey names the file in the import that follows.
	ObjectKey string            `json:"object_key"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	ExpiresAt time.Time         `json:"expires_at"`
}

// PrepareUpload returns a presigned request for a file of the given name and size in bytes.
func (o *Ops) PrepareUpload(ctx context.Context, p retailq.Principal, filename string, size int64) (Upload, error) {
	tenant, err := o.importer(p)
	if err != nil {
		return Upload{}, err
	}
	if size < 1 {
		return Upload{}, retailq.Invalid("size_invalid", "the size of the file is missing").
			WithHint("Say how many bytes it has: the address will take exactly so many.")
	}
	if err := o.checkSize(size); err != nil {
		return Upload{}, err
	}
	if size > MaxSinglePut {
		return Upload{}, retailq.Errorf(retailq.ErrTooLarge, "single_put_too_large",
			"the file is larger than the %d bytes that can be put at once", int64(MaxSinglePut)).
			WithHint("Stream it through POST /v1/imports as multipart/form-data.")
	}
	if err := checkFilename(filename); err != nil {
		return Upload{}, err
	}
	key := uploadKey(tenant, filename)
	signed, err := o.bucket.PresignPut(ctx, key, o.limits.UploadURL, storage.PutTerms{Size: size})
	if err != nil {
		return Upload{}, err
	}
	headers := map[string]string{}
	for name := range signed.Header {
		headers[name] = signed.Header.Get(name)
	}
	return Upload{
		ObjectKey: key, Method: signed.Method, URL: signed.URL, Headers: headers, ExpiresAt: signed.ExpiresAt,
	}, nil
}

// CheckUpload refuses, before its first byte, a file that StoreUpload would refuse. The size is in bytes, and at least
// what the file has.
func (o *Ops) CheckUpload(p retailq.Principal, size int64) error {
	if _, err := o.importer(p); err != nil {
		return err
	}
	return o.checkSize(size)
}

// StoreUpload puts a file that the caller streams into the bucket and returns its object and the SHA-256 of its
// content.
func (o *Ops) StoreUpload(
	ctx context.Context, p retailq.Principal, filename string, body io.Reader,
) (retailq.Object, []byte, error) {
	tenant, err := o.importer(p)
	if err != nil {
		return retailq.Object{}, nil, err
	}
	if err := checkFilename(filename); err != nil {
		return retailq.Object{}, nil, err
	}
	sum := sha256.New()
	capped := &cappedReader{r: io.TeeReader(body, sum), left: o.limits.UploadBytes, refuse: o.checkSize}
	object, err := o.bucket.Put(ctx, uploadKey(tenant, filename), capped, -1, "text/csv")
	if err != nil {
		return retailq.Object{}, nil, err
	}
	return object, sum.Sum(nil), nil
}

// DropUpload removes a file that StoreUpload stored, and that no import was started with.
func (o *Ops) DropUpload(ctx context.Context, p retailq.Principal, key string) error {
	tenant, err := o.importer(p)
	if err != nil {
		return err
	}
	if !storage.Owns(tenant, key) {
		return retailq.NotFound("object", key)
	}
	return o.bucket.Delete(ctx, key)
}

func (o *Ops) checkSize(size int64) error {
	if size <= o.limits.UploadBytes {
		return nil
	}
	return retailq.Errorf(retailq.ErrTooLarge, "file_too_large", "the file is larger than %d bytes", o.limits.UploadBytes).
		WithHint("Split it into several files, each with the header line.")
}

func uploadKey(tenant retailq.ID, filename string) string {
	return storage.Key(tenant, "uploads", retailq.NewID().String(), keyPart(orElse(path.Base(filename), "upload.csv")))
}

// cappedReader fails once more than left bytes have been read.
type cappedReader struct {
	r      io.Reader
	left   int64
	refuse func(size int64) error
	read   int64
}

func (c *cappedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.read += int64(n); c.read > c.left {
		return 0, c.refuse(c.read)
	}
	return n, err
}
