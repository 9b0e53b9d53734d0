package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/cmd/internal/client"
)

// newJobsCommand: retailq jobs.
func newJobsCommand(env *environment) *cobra.Command {
	verbs := []*cobra.Command{newJobsListCommand(env), newJobsShowCommand(env), newJobsWatchCommand(env)}
	return newNounCommand("jobs", "List, watch and steer jobs", append(verbs, newSteeringCommands(env)...)...)
}

type jobsOptions struct {
	listOptions
	kind, state, parent string
}

// newJobsListCommand: retailq jobs ls.
func newJobsListCommand(env *environment) *cobra.Command {
	var o jobsOptions
	cmd := &cobra.Command{
		Use: "ls", Short: "List jobs, newest first",
		Long: `List jobs, newest first: those of a tenant, or of all where your token is not of one tenant and --tenant is
left out. The parts of which a job consists are listed with --parent only, in their order.

With --json it prints an array of jobs, as the API has them.

EXIT STATUS
  0 if there are any or none; else as in retailq --help.`,
		Example: `  retailq jobs ls --state failed
  retailq jobs ls --parent 0190d7a2-5c1e-7b3a-9f00-1a2b3c4d5e6f --limit 0`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runJobsList(cmd.Context(), env, o) },
	}
	o.addFlags(cmd, "jobs")
	flags := cmd.Flags()
	flags.StringVar(&o.kind, "kind", "", "only jobs of this kind, such as retailer.import")
	flags.StringVar(&o.state, "state", "", "only jobs in this state: "+stateNames())
	flags.StringVar(&o.parent, "parent", "", "only the parts of the job with this id")
	return cmd
}

func (o *jobsOptions) filter() (client.JobFilter, error) {
	f := client.JobFilter{Kind: o.kind, State: retailq.State(o.state)}
	if o.state != "" && !slices.Contains(retailq.States(), f.State) {
		return f, usagef("there is no state %q; there are: %s", o.state, stateNames())
	}
	if o.parent == "" {
		return f, nil
	}
	var err error
	f.Parent, err = parseID("a job", o.parent)
	return f, err
}

func stateNames() string {
	var names []string
	for _, s := range retailq.States() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func runJobsList(ctx context.Context, env *environment, o jobsOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	filter, err := o.filter()
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	jobs, err := collect(c.Jobs(ctx, filter, o.limit))
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(env.stdout, jobs)
	}
	rows := make([][]any, len(jobs))
	for i, j := range jobs {
		rows[i] = []any{j.ID, j.Kind, j.State, howFar(j), fmt.Sprintf("%d/%d", j.Failures, j.MaxAttempts),
			printable(j.CreatedBy), moment(&j.CreatedAt)}
	}
	return printTable(env.stdout, []string{"id", "kind", "state", "progress", "failures", "by", "created"}, rows)
}
