package main

import (
	"context"

	"github.com/spf13/cobra"

	"retailq/cmd/internal/boot"
)

// newServeCommands are the services themselves, so that `up` needs no other program than this one. They are hidden:
// deployments have the programs api, worker and scheduler, which do the same.
func newServeCommands(env *environment) []*cobra.Command {
	return []*cobra.Command{
		newServeCommand(env, roleAPI, boot.API),
		newServeCommand(env, roleWorker, boot.Worker),
		newServeCommand(env, roleScheduler, boot.Scheduler),
	}
}

func newServeCommand[C any](
	env *environment, role string, open func(context.Context, C, string) (*boot.Service, error),
) *cobra.Command {
	return &cobra.Command{
		Use: role, Short: "Be the " + role, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return boot.Run(cmd.Context(), boot.Process{Name: role, Version: env.version, Environ: env.environ}, open)
		},
	}
}
