package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"retailq"
)

// How stubbornly a broken download is resumed: for about 3 seconds without a byte, and as often as it takes while
// there are some.
const (
	maxResumes   = 6
	resumeDelay  = 50 * time.Millisecond // doubled each time, jittered
	stallTimeout = 30 * time.Second      // without a byte, while somebody waits for one
)

// rangeReader yields the bytes [next, end) of a pinned object over as many connections as it takes.
type rangeReader struct {
	ctx       context.Context //nolint:containedctx // a reader has no other way to be cancelled
	bucket    *Bucket
	object    retailq.Object
	next, end int64

	body    io.ReadCloser      // nil between connections
	hangUp  context.CancelFunc // ends the present connection; nil with body
	resumes int                // since the last byte
	closed  bool
}

// connect opens a connection for what is still missing.
func (r *rangeReader) connect(opts ...func(*s3.Options)) error {
	ctx, hangUp := context.WithCancel(r.ctx)
	body, err := r.bucket.request(ctx, r.object, r.next, r.end, opts...)
	if err != nil {
		hangUp()
		return err
	}
	r.body, r.hangUp = body, hangUp
	return nil
}

// Read implements io.Reader.
func (r *rangeReader) Read(p []byte) (int, error) {
	for {
		switch {
		case r.closed:
			return 0, fmt.Errorf("storage: read %s: %w", r.object.Key, fs.ErrClosed)
		case r.next == r.end:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		n, err := r.readSome(p)
		if n > 0 {
			r.resumes = 0
			return n, nil
		}
		if err := r.recover(err); err != nil {
			return 0, err
		}
	}
}

// readSome reads once from the present connection, which it drops on any error. No bytes come with an error.
func (r *rangeReader) readSome(p []byte) (int, error) {
	if r.body == nil {
		// The SDK must not retry within each of our own retries.
		if err := r.connect(noRetry); err != nil {
			return 0, err
		}
	}
	stalled := time.AfterFunc(stallTimeout, r.hangUp)
	n, err := r.body.Read(p[:min(int64(len(p)), r.end-r.next)])
	stalled.Stop()
	r.next += int64(n)
	if err == nil {
		return n, nil
	}
	r.disconnect()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // a connection that ends before its range does
	}
	if n > 0 {
		return n, nil // what went wrong shows again, if it matters
	}
	return 0, err
}

// recover decides after an attempt without a byte: it waits and returns nil where another is worth it.
func (r *rangeReader) recover(err error) error {
	if err == nil {
		return nil
	}
	if r.ctx.Err() != nil {
		return fmt.Errorf("storage: read %s: %w", r.object.Key, r.ctx.Err())
	}
	var judged *retailq.Error
	if errors.As(err, &judged) && !errors.Is(err, retailq.ErrUnavailable) {
		return err
	}
	if r.resumes == maxResumes {
		return r.bucket.fail(unreachable, "get", r.object.Key).
			Because(fmt.Errorf("%d of %d bytes missing: %w", r.end-r.next, r.end, err))
	}
	delay := resumeDelay << r.resumes
	r.resumes++
	wait := time.NewTimer(delay/2 + rand.N(delay)) //nolint:gosec // jitter needs no secrecy
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-r.ctx.Done():
		return fmt.Errorf("storage: read %s: %w", r.object.Key, r.ctx.Err())
	}
}

func (r *rangeReader) disconnect() {
	if r.body == nil {
		return
	}
	r.hangUp()
	_ = r.body.Close() // the connection is given up, for whatever reason
	r.body, r.hangUp = nil, nil
}

// Close implements io.Closer. It never fails.
func (r *rangeReader) Close() error {
	r.closed = true
	r.disconnect()
	return nil
}
