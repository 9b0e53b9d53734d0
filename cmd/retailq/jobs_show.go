package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"retailq"
)

// newJobsShowCommand: retailq jobs show.
func newJobsShowCommand(env *environment) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one job and all that happened to it",
		Long: `Show one job and all that happened to it, oldest first: who did what, when and why.

With --json it prints {"job": …, "history": […]}, both as the API has them.

EXIT STATUS
  0 if there is such a job, whatever its state; 3 if not; else as in retailq --help.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runJobsShow(cmd.Context(), env, o)
		},
	}
	addTenantFlag(cmd, &o.tenant)
	addJSONFlag(cmd, &o.asJSON)
	return cmd
}

// shownJob is what is printed with --json.
type shownJob struct {
	Job     *retailq.Job       `json:"job"`
	History []retailq.JobEvent `json:"history"`
}

func runJobsShow(ctx context.Context, env *environment, o showOptions) error {
	id, err := parseID("a job", o.id)
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	var shown shownJob
	if shown.Job, err = c.Job(ctx, id); err != nil {
		return err
	}
	if shown.History, err = collect(c.JobHistory(ctx, id)); err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(env.stdout, shown)
	}
	printFacts(env.stdout, jobFacts(shown.Job))
	fmt.Fprintln(env.stdout)
	return printHistory(env.stdout, shown.History)
}

func jobFacts(j *retailq.Job) []fact {
	facts := []fact{
		{"job", j.ID.String()},
		{"kind", j.Kind},
		{"state", string(j.State)},
		{"tenant", j.TenantID.String()},
		{"part of", j.ParentID.String()},
		{"progress", strings.TrimSpace(j.Progress.Phase + "  " + howFar(j))},
		{"counts", counts(j.Counters)},
		{"failures", fmt.Sprintf("%d of %d attempts", j.Failures, j.MaxAttempts)},
		{"by", printable(j.CreatedBy)},
		{"created", moment(&j.CreatedAt)},
		{"started", moment(j.StartedAt)},
		{"finished", moment(j.FinishedAt)},
	}
	if j.State == retailq.Retrying || j.State == retailq.Scheduled {
		facts = append(facts, fact{"next", moment(&j.RunAt)})
	}
	if j.Failure != nil {
		facts = append(facts, fact{"error", fmt.Sprintf("%s: %s", j.Failure.Code, printable(j.Failure.Message))},
			fact{"hint", printable(j.Failure.Hint)})
	}
	return facts
}

func counts(c retailq.Counters) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%s %s", name, grouped(c[name])))
	}
	return strings.Join(parts, ", ")
}

// printHistory writes one line for each event.
func printHistory(w io.Writer, history []retailq.JobEvent) error {
	rows := make([][]any, len(history))
	for i, e := range history {
		rows[i] = []any{e.At.UTC().Format("2006-01-02 15:04:05.000Z"), e.Type, printable(e.Actor), details(e.Data)}
	}
	return printTable(w, []string{"at", "event", "by", "details"}, rows)
}

// details writes an event's data as name=value. Values that have parts of their own stay JSON.
func details(data json.RawMessage) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return printable(string(data))
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var text string
		if err := json.Unmarshal(members[name], &text); err != nil {
			text = string(members[name])
		}
		parts = append(parts, name+"="+printable(text))
	}
	return strings.Join(parts, " ")
}
