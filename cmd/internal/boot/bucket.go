package boot

import (
	"context"

	"retailq/config"
	"retailq/storage"
)

// OpenBucket prepares the bucket of the settings, without asking the server anything.
func OpenBucket(ctx context.Context, cfg config.S3) (*storage.Bucket, error) {
	return storage.Open(ctx, storage.Options{
		Endpoint: cfg.Endpoint, PublicEndpoint: cfg.PublicEndpoint, Region: cfg.Region, Bucket: cfg.Bucket,
		AccessKey: cfg.AccessKey.Reveal(), SecretKey: cfg.SecretKey.Reveal(), SessionToken: cfg.SessionToken.Reveal(),
		PathStyle: cfg.PathStyle,
	})
}
