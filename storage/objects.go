package storage

import (
	"context"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"retailq"
)

// deleteBatch is how many keys one request may delete, by S3's rules.
const deleteBatch = 1000

// Head returns the object that is under key now, or ErrNotFound.
func (b *Bucket) Head(ctx context.Context, key string) (retailq.Object, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return retailq.Object{}, b.translate(err, "head", key)
	}
	return retailq.Object{
		Key: key, Version: versionOf(out.VersionId), ETag: etagOf(out.ETag), Size: aws.ToInt64(out.ContentLength),
	}, nil
}

// List yields the objects whose keys start with prefix, in the order of their keys, without their versions. It
// asks for a page at a time; an error ends it.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[retailq.Object, error] {
	return func(yield func(retailq.Object, error) bool) {
		pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(retailq.Object{}, b.translate(err, "list", prefix))
				return
			}
			for _, o := range page.Contents {
				found := retailq.Object{Key: aws.ToString(o.Key), ETag: etagOf(o.ETag), Size: aws.ToInt64(o.Size)}
				if !yield(found, nil) {
					return
				}
			}
		}
	}
}

// Delete removes the objects under keys. Keys without an object are fine. In a bucket that keeps versions, the old
// ones stay.
func (b *Bucket) Delete(ctx context.Context, keys ...string) error {
	for batch := range slices.Chunk(keys, deleteBatch) {
		if err := b.deleteBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) deleteBatch(ctx context.Context, keys []string) error {
	ids := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		ids[i].Key = &keys[i]
	}
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return b.translate(err, "delete", keys[0])
	}
	for _, failed := range out.Errors {
		code := aws.ToString(failed.Code)
		if v, known := byCode[code]; known && v != objectMissing {
			return b.fail(v, "delete", aws.ToString(failed.Key))
		} else if !known {
			return b.fail(busy, "delete", aws.ToString(failed.Key)).WithHint("the server says %s", code)
		}
	}
	return nil
}
