package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

// newVersionCommand: retailq version.
func newVersionCommand(env *environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version of this program",
		Long: `Print the version of this program, of Go, and the system it was built for.

EXIT STATUS
  Always 0.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runVersion(env, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

type versionInfo struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func runVersion(env *environment, asJSON bool) error {
	v := versionInfo{Version: env.version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if asJSON {
		return printJSON(env.stdout, v)
	}
	_, err := fmt.Fprintf(env.stdout, "retailq %s (%s, %s/%s)\n", v.Version, v.Go, v.OS, v.Arch)
	return err
}
