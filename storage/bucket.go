// Package storage keeps objects: customers' files, the copies made of them and the reports about them. It speaks to
// one bucket of any S3-compatible server and is the only package that knows the AWS SDK. It knows nothing of what
// the objects hold.
//
// A [Bucket] streams: neither uploads nor downloads ever hold a whole object in memory. Reads are pinned to the
// version that the caller was shown, so that an object replaced in mid-import is noticed and never mixed. Keys belong
// to tenants: see [Key] and [Owns].
package storage

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"retailq"
)

// Options say where the bucket is and how to get in.
type Options struct {
	// Endpoint is the server's URL, such as "http://127.0.0.1:9000". Empty means AWS itself, by region.
	Endpoint string
	// PublicEndpoint is the URL by which browsers and other outsiders reach the same server; presigned URLs carry
	// it, because the host is part of their signature. Empty means Endpoint.
	PublicEndpoint string
	// Region defaults to what the SDK finds in its environment, else to "us-east-1".
	Region string
	Bucket string
	// AccessKey and SecretKey are static credentials, SessionToken goes with temporary ones. Where AccessKey is
	// empty the SDK's default chain is asked: environment, shared files, the machine's role.
	AccessKey    string
	SecretKey    string
	SessionToken string
	// PathStyle puts the bucket's name into the path and not into the host name. Most servers other than AWS need it.
	PathStyle bool
}

// How uploads and retries behave. An upload holds at most (uploadConcurrency + 1) parts in memory.
const (
	partSize          = 8 << 20 // bytes; with S3's 10,000 parts an object of unknown size may have 78 GiB
	uploadConcurrency = 3
	abortTimeout      = 10 * time.Second
	maxAttempts       = 4               // of one request, by the SDK
	maxBackoff        = 2 * time.Second // between them
	headerTimeout     = 60 * time.Second
	idleConnections   = 64
)

// Bucket is one bucket of an S3-compatible server. It is safe for concurrent use.
type Bucket struct {
	name    string
	region  string
	client  *s3.Client
	presign *s3.PresignClient
	uploads *transfermanager.Client
}

// Open prepares a Bucket. It does not ask the server anything: see [Bucket.Ping].
func Open(ctx context.Context, opts Options) (*Bucket, error) {
	if opts.Bucket == "" {
		return nil, retailq.Invalid("bucket_missing", "storage: the name of the bucket is empty")
	}
	cfg, err := config.LoadDefaultConfig(ctx, loadOptions(opts)...)
	if err != nil {
		return nil, fmt.Errorf("storage: load the SDK's configuration: %w", err)
	}
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	cfg.Credentials = explained(cfg.Credentials)
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { configure(o, opts, opts.Endpoint) })
	public := s3.NewFromConfig(cfg, func(o *s3.Options) {
		configure(o, opts, cmp.Or(opts.PublicEndpoint, opts.Endpoint))
		// A checksum would have to be known before the URL is handed out.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
	uploads := transfermanager.New(client, func(o *transfermanager.Options) {
		o.PartSizeBytes, o.MultipartUploadThreshold = partSize, partSize
		o.Concurrency = uploadConcurrency
		o.FailTimeout = abortTimeout // parts of a cancelled upload are thrown away all the same
	})
	return &Bucket{
		name: opts.Bucket, region: cfg.Region,
		client: client, presign: s3.NewPresignClient(public), uploads: uploads,
	}, nil
}

// Name returns the bucket's name.
func (b *Bucket) Name() string { return b.name }

func loadOptions(opts Options) []func(*config.LoadOptions) error {
	transport := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConnections, idleConnections
		t.ResponseHeaderTimeout = headerTimeout
	})
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(transport),
		config.WithLogger(logging.Nop{}), // errors are returned; the SDK's own lines bypass our log format
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff
			})
		}),
	}
	if opts.Region != "" {
		load = append(load, config.WithRegion(opts.Region))
	}
	if opts.AccessKey != "" {
		static := credentials.NewStaticCredentialsProvider(opts.AccessKey, opts.SecretKey, opts.SessionToken)
		load = append(load, config.WithCredentialsProvider(static))
	}
	return load
}

// explained gives the failure to find any credentials its kind; the SDK leaves it without a type to know it by.
func explained(chain aws.CredentialsProvider) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		found, err := chain.Retrieve(ctx)
		if err != nil && ctx.Err() == nil {
			err = credentialsWrong.error("there are none").Because(err)
		}
		return found, err
	})
}

func configure(o *s3.Options, opts Options, endpoint string) {
	o.UsePathStyle = opts.PathStyle
	if endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
	}
	// Reads are ranges, for which there is no checksum to compare with.
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
}
