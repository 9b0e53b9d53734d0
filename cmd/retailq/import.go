package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/cmd/internal/client"
	"retailq/ops"
)

const importHelp = `Import a CSV file. It is uploaded to the object store and loaded by the platform's workers.

  FILE      a file of this machine
  -         standard input, which is kept in a temporary file until it is uploaded
  s3://KEY  an object of the tenant that is in the platform's bucket already; s3://BUCKET/KEY is the same

Without --watch the command ends as soon as the import is queued. With it, progress is shown on standard error, as bars
on a terminal and else as plain lines, and the outcome on standard output. Ctrl-C then ends the watching and not the
import.

Rows that cannot be imported are rejected one by one and do not fail the import: look at the number of rejected rows,
and at "retailq imports errors". A row whose uid a later row of the file has too is counted as duplicate; the later one
is imported.

With --json, standard output is the import as the API returned it; with --watch too, one line of JSON for each change,
and as the last line the outcome:

  {"id":"…","state":"succeeded","rows":{"read":…,"created":…,"updated":…,"unchanged":…,"duplicate":…,"rejected":…,
  "unprocessed":…},"seconds":…,"filename":"…","has_report":…}

seconds is the time from the start of the import to its end, without the upload.

EXIT STATUS
  0 if the import is queued or, with --watch, has succeeded, with rejected rows or without; 1 if, with --watch, it has
  failed or was cancelled; 2 if the file is refused as a whole; 130 if Ctrl-C ended the watching; else as in
  retailq --help.`

// importOptions are the choices of retailq import.
type importOptions struct {
	source           string
	tenant           string
	dataset          string
	key              string
	createMasterData bool
	watch, asJSON    bool
}

// newImportCommand: retailq import.
func newImportCommand(env *environment) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use: "import FILE|s3://KEY|-", Short: "Import a CSV file",
		Long: importHelp,
		Example: `  retailq import shops.csv --tenant acme --watch
  retailq sample --rows 1000 | retailq import - --tenant demo
  retailq import shops.csv --tenant acme --watch --json | tail -n 1 | jq .rows.rejected`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.source = args[0]
			return runImport(cmd.Context(), env, o)
		},
	}
	flags := cmd.Flags()
	addTenantFlag(cmd, &o.tenant)
	flags.StringVar(&o.dataset, "dataset", "retailers", "what the file holds")
	flags.BoolVar(&o.createMasterData, "create-master-data", false,
		"create the regions and areas that the file names and the tenant does not have, instead of rejecting the rows")
	flags.BoolVarP(&o.watch, "watch", "w", false, "wait until the import has finished, and show how it goes")
	flags.StringVar(&o.key, "idempotency-key", "",
		"name of this import: with the same name and the same file, the first one is returned and nothing is started")
	addJSONFlag(cmd, &o.asJSON)
	return cmd
}

func runImport(ctx context.Context, env *environment, o importOptions) error {
	c, err := env.api(o.tenant)
	if err != nil {
		return err
	}
	var shown progress = noProgress{}
	if !o.asJSON {
		shown = newProgress(env.stderr)
	}
	started, err := startImport(ctx, env, c, o, shown)
	if err != nil {
		shown.close()
		return err
	}
	if o.watch {
		return watchImport(ctx, env, c, started, o, shown)
	}
	shown.close()
	if o.asJSON {
		return printJSON(env.stdout, started)
	}
	fmt.Fprintf(env.stdout, "import %s of %s is %s\n", started.ID, printable(started.Filename), started.State)
	fmt.Fprintf(env.stdout, "to watch it: retailq jobs watch %s%s\n", started.ID, inTenant(o.tenant))
	return nil
}

// startImport uploads the file, unless it is in the bucket already, and starts its import.
func startImport(
	ctx context.Context, env *environment, c *client.Client, o importOptions, shown progress,
) (*retailq.Import, error) {
	r := client.ImportRequest{Dataset: o.dataset, IdempotencyKey: o.key}
	r.CreateMasterData = o.createMasterData
	key, isObject, err := objectKey(o.source)
	if err != nil {
		return nil, err
	}
	if isObject {
		r.ObjectKey = key
		return c.StartImport(ctx, r)
	}
	source, err := openSource(ctx, env, o.source)
	if err != nil {
		return nil, err
	}
	defer source.close()
	r.Filename = source.file.Name
	source.file.Sent = func(n int64) {
		shown.show(stand{phase: "uploading", done: n, total: source.file.Size, bytes: true})
	}
	if o.key != "" || source.file.Size > ops.MaxSinglePut {
		// Each upload has a key of its own in the bucket: only the API itself can tell that the content is the same.
		// And only it can put a file into the bucket in parts.
		return c.SendImport(ctx, r, source.file)
	}
	up, err := c.PrepareUpload(ctx, r.Filename, source.file.Size)
	if err != nil {
		return nil, err
	}
	if err := c.PutFile(ctx, up, source.file); err != nil {
		return nil, err
	}
	r.ObjectKey = up.ObjectKey
	return c.StartImport(ctx, r)
}

// watchImport shows an import until it has finished, and then what became of it.
func watchImport(
	ctx context.Context, env *environment, c *client.Client, started *retailq.Import, o importOptions, shown progress,
) error {
	seconds := 0.0
	err := followJob(ctx, c, started.ID, func(j *retailq.Job) error {
		shown.show(standOf(j))
		if !o.asJSON || j.State.Finished() {
			return nil
		}
		report := progressReport(j)
		// A job is dated by the start of the transaction that changed it, and those overlap.
		seconds = max(seconds, report.Seconds)
		report.Seconds = seconds
		return printJSONLine(env.stdout, report)
	})
	shown.close()
	if err != nil {
		return detached(ctx, env, "import", started.ID, o.tenant, err)
	}
	finished, err := c.Import(ctx, started.ID)
	if err != nil {
		return err
	}
	if o.asJSON {
		err = printJSONLine(env.stdout, outcomeReport(finished))
	} else {
		err = printOutcome(env.stdout, finished, o.tenant)
	}
	if err != nil {
		return err
	}
	return statusOf(finished.State)
}
