package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

const upHelp = `Run the whole platform on this machine: private Postgres, Redis and S3 servers, the API, the scheduler
and workers, each a process of its own. All data, logs and passwords are kept under DIR, so that the next start has them
again. What must be installed is Postgres (15 or later) and Redis (6.2 or later).

Once everything answers, addresses, process ids and a login are printed. A process of the platform that dies is started
again. Ctrl-C or SIGTERM ends everything in order: workers finish or hand back what they do first. A second Ctrl-C ends
everything at once. Nothing is left running, even if this program is killed.

With a command behind --, the platform runs for as long as the command does. The command finds it through RETAILQ_URL,
RETAILQ_TOKEN (of a platform admin), RETAILQ_TOKEN_SECRET, RETAILQ_DATABASE_URL, RETAILQ_REDIS_URL, RETAILQ_S3_ENDPOINT,
RETAILQ_S3_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; there is a tenant "demo". Standard output is
the command's alone.

EXIT STATUS
  0 after Ctrl-C or SIGTERM; the status of the command, if there is one; 4 if another one runs on DIR; 6 if a program
  is missing; 1 if something does not start.`

type upOptions struct {
	dir       string
	workers   int
	demo      bool
	ephemeral bool
	verbose   bool
	// command is run on the platform, instead of serving until told to stop.
	command []string
}

// newUpCommand: retailq up.
func newUpCommand(env *environment) *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use: "up [flags] [-- COMMAND [ARGUMENT…]]", Short: "Run the whole platform on this machine",
		Long: upHelp,
		Example: `  retailq up --demo
  retailq up --ephemeral -- sh -c 'retailq sample --rows 1000 | retailq import - --tenant demo --watch'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return fmt.Errorf("write -- before the command: retailq up -- %s", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.command = args
			if o.ephemeral && cmd.Flags().Changed("dir") {
				return usagef("--ephemeral keeps nothing, so --dir has no meaning with it")
			}
			return runUp(cmd.Context(), env, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.dir, "dir", ".retailq", "directory that keeps everything")
	flags.IntVar(&o.workers, "workers", 2, "number of worker processes")
	flags.BoolVar(&o.demo, "demo", false, "import a sample of 100,000 retailers, then serve")
	flags.BoolVar(&o.ephemeral, "ephemeral", false, "use a temporary directory and faster, forgetful servers")
	flags.BoolVar(&o.verbose, "verbose", false, "show the logs of the platform's processes on standard error")
	return cmd
}

const maxWorkers = 64

// stopPatience is how long the platform's processes may take to end, beyond what they allow themselves.
const stopPatience = 45 * time.Second

func runUp(ctx context.Context, env *environment, o upOptions) (err error) {
	if o.workers < 1 || o.workers > maxWorkers {
		return usagef("--workers must be from 1 to %d", maxWorkers)
	}
	p, err := startPlatform(ctx, env, o)
	if err != nil {
		return err
	}
	defer func() {
		if len(o.command) == 0 {
			fmt.Fprintln(env.stderr, "stopping…")
		}
		err = errors.Join(err, p.stop(context.WithoutCancel(ctx)))
	}()
	if o.demo {
		if err := p.importDemo(ctx); err != nil {
			return ignoreEnd(ctx, err)
		}
	}
	if len(o.command) > 0 {
		fmt.Fprintf(env.stderr, "retailq: %s platform is up at %s after %.1f s; logs in %s\n",
			p.kind(), p.url(), p.took.Seconds(), p.logs())
		return runOn(env, o.command, p.environ())
	}
	p.printBanner(env.stdout)
	<-ctx.Done()
	return nil
}

// kind is what a platform is called in a line of text.
func (p *platform) kind() string {
	if p.options.ephemeral {
		return "a throw-away"
	}
	return "the"
}

// ignoreEnd drops the error of work that was cut short because the program was told to end.
func ignoreEnd(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}
