package storage

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"retailq"
)

// Ping makes sure, in one request that is not repeated, that the bucket can be used. Its error is ErrUnavailable and
// tells by code and hint an unreachable server from wrong credentials and from a missing bucket. It lists the bucket
// rather than asking for its HEAD, as only an answer with a body says which of these it is.
func (b *Bucket) Ping(ctx context.Context) error {
	_, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &b.name, MaxKeys: aws.Int32(1),
	}, noRetry)
	return b.translate(err, "ping", "")
}

func noRetry(o *s3.Options) { o.Retryer = aws.NopRetryer{} }

// EnsureBucket creates the bucket where it is missing. Any number of processes may call it at once.
func (b *Bucket) EnsureBucket(ctx context.Context) error {
	err := b.Ping(ctx)
	var e *retailq.Error
	if !errors.As(err, &e) || e.Code != bucketMissing.code {
		return err
	}
	input := &s3.CreateBucketInput{Bucket: &b.name}
	if b.region != "us-east-1" { // which S3 refuses to be told
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(b.region),
		}
	}
	_, err = b.client.CreateBucket(ctx, input)
	var ours *types.BucketAlreadyOwnedByYou
	if errors.As(err, &ours) {
		return nil
	}
	return b.translate(err, "create bucket", "")
}
