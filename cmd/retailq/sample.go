package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"retailq/cmd/internal/sample"
)

type sampleOptions struct {
	sample.Options
	output string
}

// newSampleCommand: retailq sample.
func newSampleCommand(env *environment) *cobra.Command {
	var o sampleOptions
	cmd := &cobra.Command{
		Use: "sample", Short: "Make a CSV file of invented retailers, good and bad",
		Long: `Make a CSV file of invented retailers: the same bytes for the same flags on any machine. Names, phones,
addresses, amounts and dates are of the kind that a wholesaler in Bangladesh has, in several spellings, with quoted
commas, quotes and line breaks. The regions and areas are those of the demo tenant; other tenants import the file with
--create-master-data.

--bad makes exactly that share of the rows bad, of each of these kinds in turn:

` + badKindsHelp() + `
Each kind but the last is rejected with the code given. The last is not: an import counts the earlier of the two rows as
duplicate. It is left out where more than half of the rows are bad. With --create-master-data, unknown regions and areas
are created instead of rejected.

EXIT STATUS
  0 if the file was written; 2 if a value is wrong; 1 if it cannot be written.`,
		Example: `  retailq sample --rows 100000 --bad 1 --seed 7 -o retailers.csv
  retailq sample --rows 1000 | retailq import - --tenant demo --watch`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runSample(env, o) },
	}
	flags := cmd.Flags()
	flags.Int64Var(&o.Rows, "rows", 1000, "number of rows behind the header")
	flags.Float64Var(&o.Bad, "bad", 0, "percentage of bad rows, from 0 to 100")
	flags.Uint64Var(&o.Seed, "seed", 1, "number that picks one of many files")
	flags.StringVar(&o.Country, "tenant-country", "BD",
		"country of the tenant; in all but BD, phone numbers are written with + and country code")
	flags.StringVarP(&o.output, "output", "o", "-", "file to write; - is standard output")
	return cmd
}

func badKindsHelp() string {
	var b strings.Builder
	for _, k := range sample.BadKinds() {
		fmt.Fprintf(&b, "  %-48s %s\n", k.Name, k.Code)
	}
	return b.String()
}

func runSample(env *environment, o sampleOptions) error {
	if err := o.Check(); err != nil {
		return usagef("%v", err)
	}
	return writeOutput(env, o.output, func(w io.Writer) error { return sample.Write(w, o.Options) })
}
