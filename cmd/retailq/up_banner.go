package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// printBanner says where everything is and how to get in.
func (p *platform) printBanner(w io.Writer) {
	s := p.stack
	fmt.Fprintf(w, "\nretailq %s is up, in %.1f s.\n\n", p.env.version, p.took.Seconds())
	fmt.Fprintf(w, "  API        %s\n", p.url())
	fmt.Fprintf(w, "  sign in    %s  %s   (platform admin)\n", adminEmail, p.keys.AdminPassword)
	fmt.Fprintf(w, "             %s   %s   (admin of tenant %s)\n\n", demoEmail, p.keys.DemoPassword, demoTenant)
	for _, service := range p.services {
		fmt.Fprintf(w, "  %-10s pid %-8d metrics http://%s/metrics\n", service.name, service.child.PID(), service.metricsAddr)
	}
	fmt.Fprintf(w, "  %-10s pid %-8d %s\n", "postgres", s.Postgres.Pid(), s.DatabaseURL)
	fmt.Fprintf(w, "  %-10s pid %-8d %s\n", "redis", s.Redis.Pid(), s.RedisURL)
	fmt.Fprintf(w, "  %-10s pid %-8d %s, bucket %s\n\n", "s3", s.ObjectStore.Pid(), s.S3.Endpoint, s.S3.Bucket)
	fmt.Fprintf(w, "  logs       %s\n", filepath.Join(p.logs(), "*.log"))
	fmt.Fprintf(w, "  commands   . %s && %s jobs ls\n\n", p.envFile(), os.Args[0])
	fmt.Fprintln(w, "Ctrl-C stops everything.")
}
