package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/cmd/internal/client"
)

// steering is one verb that changes the course of a job.
type steering struct {
	verb, short, long string
	call              func(*client.Client, context.Context, retailq.ID, string) (*retailq.Job, error)
}

var steerings = []steering{
	{
		verb: "cancel", short: "End a job at its next border of work", call: (*client.Client).Cancel,
		long: "End a job at its next border of work. What it has done by then stays done.",
	},
	{
		verb: "pause", short: "Stop a job until it is resumed", call: (*client.Client).Pause,
		long: "Stop a job at its next border of work, until it is resumed. Pausing twice is no error.",
	},
	{
		verb: "resume", short: "Let a paused job go on", call: (*client.Client).Resume,
		long: "Let a paused job go on where it stopped. Resuming a job that is not paused is no error.",
	},
	{
		verb: "requeue", short: "Run a finished job again", call: (*client.Client).Requeue,
		long: "Run a finished job again: only what is not done. Its failed attempts are forgiven, its history is kept.",
	},
}

// newSteeringCommands: retailq jobs cancel, pause, resume and requeue.
func newSteeringCommands(env *environment) []*cobra.Command {
	commands := make([]*cobra.Command, len(steerings))
	for i, s := range steerings {
		commands[i] = newSteeringCommand(env, s)
	}
	return commands
}

type steerOptions struct {
	showOptions
	reason string
}

func newSteeringCommand(env *environment, s steering) *cobra.Command {
	var o steerOptions
	cmd := &cobra.Command{
		Use: s.verb + " ID", Short: s.short,
		Long: s.long + `

The order is kept in the ledger, and obeyed even if every worker is down just now. Who gave it, and why, is kept in the
job's history. With --json it prints the job as it is then.

EXIT STATUS
  0 if the order was taken; 3 if there is no such job; 4 if its state does not allow it; else as in retailq --help.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runSteering(cmd.Context(), env, s, o)
		},
	}
	addTenantFlag(cmd, &o.tenant)
	cmd.Flags().StringVar(&o.reason, "reason", "", "why, for the job's history")
	addJSONFlag(cmd, &o.asJSON)
	return cmd
}

func runSteering(ctx context.Context, env *environment, s steering, o steerOptions) error {
	id, err := parseID("a job", o.id)
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	job, err := s.call(c, ctx, id, o.reason)
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(env.stdout, job)
	}
	_, err = fmt.Fprintf(env.stdout, "%s %s is %s\n", job.Kind, job.ID, job.State)
	return err
}
