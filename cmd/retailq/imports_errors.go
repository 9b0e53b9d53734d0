package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/cmd/internal/client"
)

type errorsOptions struct {
	listOptions
	id   string
	code string
}

// newImportsErrorsCommand: retailq imports errors.
func newImportsErrorsCommand(env *environment) *cobra.Command {
	var o errorsOptions
	cmd := &cobra.Command{
		Use: "errors ID", Short: "List why rows of an import were rejected",
		Long: `List why rows of an import were rejected: how often each reason occurs, then single errors in the order of the
file. A row can have several. To get the rejected rows themselves, use "retailq imports report".

With --json it prints one error on each line.

EXIT STATUS
  0 if there are any errors or none; 3 if there is no such import; else as in retailq --help.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.id = args[0]
			return runImportsErrors(cmd.Context(), env, o)
		},
	}
	o.addFlags(cmd, "errors")
	cmd.Flags().StringVar(&o.code, "code", "", "only errors with this code")
	return cmd
}

func runImportsErrors(ctx context.Context, env *environment, o errorsOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	id, err := parseID("an import", o.id)
	if err != nil {
		return err
	}
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	if o.asJSON {
		for e, err := range c.ImportErrors(ctx, id, o.code, o.limit) {
			if err != nil {
				return err
			}
			if err := printJSONLine(env.stdout, e); err != nil {
				return err
			}
		}
		return nil
	}
	codes, err := c.ErrorCodes(ctx, id)
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		_, err = fmt.Fprintf(env.stdout, "import %s has rejected no rows\n", id)
		return err
	}
	errors, err := collect(c.ImportErrors(ctx, id, o.code, o.limit))
	if err != nil {
		return err
	}
	return printErrors(env, o, codes, errors)
}

func printErrors(env *environment, o errorsOptions, codes []client.CodeCount, errors []retailq.RowError) error {
	total := int64(0)
	rows := make([][]any, len(codes))
	for i, code := range codes {
		rows[i] = []any{code.Code, code.Count, code.FirstLine}
		if o.code == "" || o.code == code.Code {
			total += code.Count
		}
	}
	if err := printTable(env.stdout, []string{"code", "errors", "first line"}, rows); err != nil {
		return err
	}
	fmt.Fprintln(env.stdout)
	rows = make([][]any, len(errors))
	for i, e := range errors {
		rows[i] = []any{e.Line, printable(e.Column), e.Code, clipped(printable(e.Value)), printable(e.Message)}
	}
	if err := printTable(env.stdout, []string{"line", "column", "code", "value", "message"}, rows); err != nil {
		return err
	}
	if left := total - int64(len(errors)); left > 0 {
		fmt.Fprintf(env.stdout, "… and %s more: --limit 0 lists all\n", grouped(left))
	}
	return nil
}

// clippedRunes is how much of a value a table shows. With --json there is more of it.
const clippedRunes = 32

func clipped(text string) string {
	runes := []rune(text)
	if len(runes) <= clippedRunes {
		return text
	}
	return string(runes[:clippedRunes-1]) + "…"
}
