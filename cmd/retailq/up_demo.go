package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"retailq/cmd/internal/sample"
)

// demoSample is the same file on every machine, so that importing it again changes nothing.
var demoSample = sample.Options{Rows: 100_000, Bad: 1, Seed: 1}

// importDemo imports a sample through the API, as a customer's file would be, and shows how it goes.
func (p *platform) importDemo(ctx context.Context) error {
	path := filepath.Join(p.stack.Dir, "retailers-sample.csv")
	if err := writeDemo(path); err != nil {
		return err
	}
	fmt.Fprintf(p.env.stderr, "importing %s rows from %s, of which %g %% are bad on purpose…\n",
		grouped(demoSample.Rows), path, demoSample.Bad)
	env := *p.env
	env.environ = p.environ()
	if len(p.options.command) > 0 {
		env.stdout = p.env.stderr // the other is the command's
	}
	return runImport(ctx, &env, importOptions{source: path, tenant: demoTenant, watch: true})
}

func writeDemo(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	defer f.Close()
	if err := sample.Write(f, demoSample); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write sample: %w", err)
	}
	return nil
}
