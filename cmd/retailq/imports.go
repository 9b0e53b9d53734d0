package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"retailq"
)

// newImportsCommand: retailq imports.
func newImportsCommand(env *environment) *cobra.Command {
	return newNounCommand("imports", "List imports, and see what became of them",
		newImportsListCommand(env), newImportsShowCommand(env), newImportsErrorsCommand(env), newImportsReportCommand(env))
}

// usualLimit is how much a listing shows where nobody says otherwise.
const usualLimit = 20

// listOptions are what all listings have.
type listOptions struct {
	tenant string
	limit  int
	asJSON bool
}

func (o *listOptions) addFlags(cmd *cobra.Command, what string) {
	addTenantFlag(cmd, &o.tenant)
	cmd.Flags().IntVar(&o.limit, "limit", usualLimit, "how many "+what+" at most; 0 for all")
	addJSONFlag(cmd, &o.asJSON)
}

func (o *listOptions) check() error {
	if o.limit < 0 {
		return usagef("--limit is negative")
	}
	return nil
}

// newImportsListCommand: retailq imports ls.
func newImportsListCommand(env *environment) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use: "ls", Short: "List the imports of a tenant, newest first",
		Long: `List the imports of a tenant, newest first. With --json it prints an array of imports, as the API has them.

EXIT STATUS
  0 if there are any or none; else as in retailq --help.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runImportsList(cmd.Context(), env, o) },
	}
	o.addFlags(cmd, "imports")
	return cmd
}

func runImportsList(ctx context.Context, env *environment, o listOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	imports, err := collect(c.Imports(ctx, o.limit))
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(env.stdout, imports)
	}
	rows := make([][]any, len(imports))
	for i, im := range imports {
		rows[i] = []any{im.ID, im.State, printable(im.Filename), im.Rows.Read, im.Rows.Created, im.Rows.Updated,
			im.Rows.Unchanged, im.Rows.Duplicate, im.Rows.Rejected, moment(&im.CreatedAt)}
	}
	return printTable(env.stdout, []string{"id", "state", "file", "read", "created", "updated", "unchanged", "duplicate",
		"rejected", "started"}, rows)
}

// collect gathers a listing that is to be shown as a whole. It is never nil, so that its JSON is an array.
func collect[T any](items iter.Seq2[T, error]) ([]T, error) {
	all := []T{}
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// showOptions are what verbs have that show one thing.
type showOptions struct {
	id     string
	tenant string
	asJSON bool
}

// newImportsShowCommand: retailq imports show.
func newImportsShowCommand(env *environment) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show one import: how far it is, or what became of it",
		Long: `Show one import: how far it is, or what became of it. With --json it prints the import as the API has it.

EXIT STATUS
  0 if there is such an import, whatever its state; 3 if not; else as in retailq --help.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runImportsShow(cmd.Context(), env, o)
		},
	}
	addTenantFlag(cmd, &o.tenant)
	addJSONFlag(cmd, &o.asJSON)
	return cmd
}

func runImportsShow(ctx context.Context, env *environment, o showOptions) error {
	id, err := parseID("an import", o.id)
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	imported, err := c.Import(ctx, id)
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(env.stdout, imported)
	}
	printFacts(env.stdout, importFacts(imported))
	return printOutcome(env.stdout, imported, o.tenant)
}

// fact is something to know, under a name.
type fact struct{ name, value string }

// printFacts writes what there is to know below one another. What is empty is left out.
func printFacts(w io.Writer, facts []fact) {
	for _, f := range facts {
		if f.value != "" {
			fmt.Fprintf(w, "%-10s %s\n", f.name, f.value)
		}
	}
}

func importFacts(i *retailq.Import) []fact {
	facts := []fact{
		{"import", i.ID.String()},
		{"dataset", i.Dataset},
		{"object", fmt.Sprintf("s3://%s (%s)", printable(i.Object.Key), byteCount(i.Object.Size))},
		{"by", printable(i.CreatedBy)},
		{"created", moment(&i.CreatedAt)},
		{"started", moment(i.StartedAt)},
		{"finished", moment(i.FinishedAt)},
	}
	if !i.State.Finished() && i.Progress.Phase != "" {
		at := standOf(&retailq.Job{State: i.State, Progress: i.Progress})
		facts = append(facts, fact{at.phase, strings.TrimSpace(at.describe(0))})
	}
	return facts
}
