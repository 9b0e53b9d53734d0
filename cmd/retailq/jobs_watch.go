package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"retailq"
)

// newJobsWatchCommand: retailq jobs watch.
func newJobsWatchCommand(env *environment) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use: "watch ID", Short: "Show how a job goes until it has finished",
		Long: `Show how a job goes until it has finished: on standard error, as bars if that is a terminal and else as plain
lines. A paused job is watched until somebody resumes it and it has finished. Ctrl-C ends the watching and not the job.

With --json it prints the job on one line for each change, as the API has it. The last line is the finished job.

EXIT STATUS
  0 if the job has succeeded; 1 if it has failed or was cancelled; 3 if there is no such job; 130 if Ctrl-C ended the
  watching; else as in retailq --help.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runJobsWatch(cmd.Context(), env, o)
		},
	}
	addTenantFlag(cmd, &o.tenant)
	addJSONFlag(cmd, &o.asJSON)
	return cmd
}

func runJobsWatch(ctx context.Context, env *environment, o showOptions) error {
	id, err := parseID("a job", o.id)
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	var shown progress = noProgress{}
	if !o.asJSON {
		shown = newProgress(env.stderr)
	}
	var last *retailq.Job
	err = followJob(ctx, c, id, func(j *retailq.Job) error {
		last = j
		shown.show(standOf(j))
		if !o.asJSON {
			return nil
		}
		return printJSONLine(env.stdout, j)
	})
	shown.close()
	if err != nil {
		return detached(ctx, env, "job", id, o.tenant, err)
	}
	if !o.asJSON {
		if err := printEnd(env.stdout, last); err != nil {
			return err
		}
	}
	return statusOf(last.State)
}

// printEnd tells a person how a job ended.
func printEnd(w io.Writer, j *retailq.Job) error {
	line := fmt.Sprintf("%s %s %s", j.Kind, j.ID, j.State)
	if j.FinishedAt != nil {
		line += " in " + shortly(j.FinishedAt.Sub(j.CreatedAt))
	}
	if c := counts(j.Counters); c != "" {
		line += ": " + c
	}
	if j.Failure != nil {
		line += "\nIt failed: " + printable(j.Failure.Message)
		if j.Failure.Hint != "" {
			line += "\nhint: " + printable(j.Failure.Hint)
		}
	}
	_, err := fmt.Fprintln(w, line)
	return err
}
