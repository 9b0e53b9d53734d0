package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

type reportOptions struct {
	id     string
	tenant string
	output string
}

// newImportsReportCommand: retailq imports report.
func newImportsReportCommand(env *environment) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use: "report ID", Short: "Download the rejected rows of an import, to be corrected",
		Long: `Download the rejected rows of an import: as they stand in the file, in its order, with the columns _line,
_codes and _messages added. Correct the cells and import the file again; the added columns are then ignored.

EXIT STATUS
  0 if the report was written; 3 if there is no such import, or it rejected no rows; 4 if it has not finished; else as
  in retailq --help.`,
		Example: `  retailq imports report 0190d7a2-5c1e-7b3a-9f00-1a2b3c4d5e6f -o rejected.csv`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runImportsReport(cmd.Context(), env, o)
		},
	}
	addTenantFlag(cmd, &o.tenant)
	cmd.Flags().StringVarP(&o.output, "output", "o", "-", "file to write; - is standard output")
	return cmd
}

func runImportsReport(ctx context.Context, env *environment, o reportOptions) error {
	id, err := parseID("an import", o.id)
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	report, err := c.Report(ctx, id)
	if err != nil {
		return err
	}
	defer report.Close()
	return writeOutput(env, o.output, func(w io.Writer) error {
		if _, err := io.Copy(w, report); err != nil {
			return fmt.Errorf("download report of import %s: %w", id, err)
		}
		return nil
	})
}

// writeOutput has a file written, which appears under its name once it is complete, or standard output for "-".
// What is no regular file, such as /dev/null or a pipe, is written to directly.
func writeOutput(env *environment, name string, write func(io.Writer) error) error {
	if name == "-" {
		return write(env.stdout)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.part")
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), name)
}
