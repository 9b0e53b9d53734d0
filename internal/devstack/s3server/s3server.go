// Package s3server makes a program able to be the S3 server of a development stack: one that keeps objects, their
// metadata and their older versions as files below a directory.
//
// A program gets the ability by importing the package. Started under the name devstack.S3ProcessName, it serves
// instead of doing its own work. Programs that do not start a stack have no use for it.
package s3server

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"retailq/internal/devstack"
)

// Program returns the path of this program, for devstack.Options.S3Program.
func Program() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil // works even if the file has been replaced or removed since
	}
	return os.Executable()
}

// The check is made before main, so that no host of this package, a test binary among them, can forget it and begin
// its own work in what should be a server.
func init() {
	if len(os.Args) != 3 || os.Args[0] != devstack.S3ProcessName {
		return
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx, os.Args[1], os.Args[2])
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, devstack.S3ProcessName+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(ctx context.Context, dir, addr string) error {
	// No directory's name may begin with the name of the objects' directory: the library takes it for one inside.
	objects := filepath.Join(dir, "objects")
	metadata, versions := filepath.Join(dir, "meta"), filepath.Join(dir, "versions")
	for _, d := range []string{objects, metadata, versions} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("make data directory: %w", err)
		}
	}
	sidecar, err := meta.NewSideCar(metadata)
	if err != nil {
		return fmt.Errorf("open metadata in %s: %w", metadata, err)
	}
	backend, err := posix.New(objects, sidecar, posix.PosixOpts{
		SideCarDir:    metadata,
		VersioningDir: versions,
		// The limit of S3. Zero does not mean that, as documented, but refuses every copy.
		CopyObjectThreshold: 5 << 30,
	})
	if err != nil {
		return fmt.Errorf("open objects in %s: %w", objects, err)
	}
	return embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
		RootUserAccess:    os.Getenv(devstack.S3AccessKeyVar),
		RootUserSecret:    os.Getenv(devstack.S3SecretKeyVar),
		Region:            devstack.S3Region,
		Ports:             []string{addr},
		MaxConnections:    4096,
		MaxRequests:       1024,
		MultipartMaxParts: 10_000, // the limit of S3
		HealthPath:        devstack.S3HealthPath,
		KeepAlive:         true,
		Quiet:             true,
	})
}
