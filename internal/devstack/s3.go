package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// How a program that imports package s3server is told to serve: by its name, a directory and an address in its
// arguments, and by the credentials in these variables.
const (
	S3ProcessName  = "retailq-s3"
	S3AccessKeyVar = "AWS_ACCESS_KEY_ID"
	S3SecretKeyVar = "AWS_SECRET_ACCESS_KEY"
	S3HealthPath   = "/healthz"
	S3Region       = "us-east-1"
)

// s3Server describes the S3 server of a stack. It is a process of its own, as the library behind it changes the
// working directory and can run only once in a process.
func s3Server(dir string, known *state, opts Options) (*Server, S3, error) {
	if opts.S3Program == "" {
		return nil, S3{}, errors.New("start s3: Options.S3Program is not set")
	}
	addr, err := known.addr(PartS3)
	if err != nil {
		return nil, S3{}, err
	}
	access := S3{
		Endpoint: "http://" + addr, Region: S3Region,
		AccessKey: known.AccessKey, SecretKey: known.SecretKey, Bucket: "retailq",
	}
	s := spec{
		part: PartS3, dir: dir, addr: addr, stop: syscall.SIGTERM, crash: syscall.SIGKILL,
		// It waits for idle connections to be closed by their clients, and an object appears only when it is complete.
		grace: 2 * time.Second,
		ready: func(ctx context.Context) error { return getHealth(ctx, access.Endpoint+S3HealthPath) },
	}
	if err := os.MkdirAll(s.data(), 0o700); err != nil {
		return nil, S3{}, fmt.Errorf("make data directory of s3: %w", err)
	}
	orphaned := syscall.SIGTERM
	if !opts.Durable {
		orphaned = syscall.SIGKILL
	}
	s.command = func() *exec.Cmd {
		cmd := exec.Command(opts.S3Program)
		cmd.Args = []string{S3ProcessName, s.data(), addr}
		cmd.Env = []string{S3AccessKeyVar + "=" + access.AccessKey, S3SecretKeyVar + "=" + access.SecretKey}
		cmd.SysProcAttr = childAttr(orphaned, nil, s.data())
		return cmd
	}
	return &Server{spec: s}, access, nil
}

// EnsureBucket makes the bucket, with versioning, unless it exists.
func (a S3) EnsureBucket(ctx context.Context) error {
	client := s3.New(s3.Options{
		Region: a.Region, BaseEndpoint: &a.Endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(a.AccessKey, a.SecretKey, ""),
	})
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &a.Bucket})
	var owned *types.BucketAlreadyOwnedByYou
	if err != nil && !errors.As(err, &owned) {
		return fmt.Errorf("create bucket %s: %w", a.Bucket, err)
	}
	_, err = client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket:                  aws.String(a.Bucket),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		return fmt.Errorf("enable versioning of bucket %s: %w", a.Bucket, err)
	}
	return nil
}

func getHealth(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Close = true // an idle connection would delay the end of the server
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("s3 answers %s", res.Status)
	}
	return nil
}
