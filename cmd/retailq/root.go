package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `retailq imports customers' files into Postgres and steers the work of the platform.

To see it work on this machine, with servers of its own:

  retailq up --demo

Verbs that talk to the API find it by RETAILQ_URL and prove who you are by RETAILQ_TOKEN. Verbs of operators
(migrate, tenants, users, token, doctor) need what the servers need, such as RETAILQ_DATABASE_URL.

EXIT STATUS
    0  done
    1  failed
    2  what was asked for is wrong: the command line, the configuration, a value or a file
    3  there is no such thing
    4  its present state does not allow it, or the name is taken
    5  not signed in, or not allowed
    6  a server cannot be reached or is busy: the same command may succeed later
  130  interrupted`

// The headings under which the help lists commands.
const (
	groupPlatform = "platform"
	groupAccess   = "access"
	groupWork     = "work"
)

// newRootCommand lists everything that the program can do.
func newRootCommand(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use: "retailq", Long: rootHelp,
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.AddGroup(
		&cobra.Group{ID: groupWork, Title: "Work:"},
		&cobra.Group{ID: groupPlatform, Title: "The platform:"},
		&cobra.Group{ID: groupAccess, Title: "Who may use it:"},
	)
	addCommands(root, groupWork, newImportCommand(env), newImportsCommand(env), newJobsCommand(env), newSampleCommand(env))
	addCommands(root, groupPlatform,
		newUpCommand(env), newMigrateCommand(env), newDoctorCommand(env), newVersionCommand(env))
	addCommands(root, groupAccess, newTenantsCommand(env), newUsersCommand(env), newTokenCommand(env))
	root.AddCommand(newServeCommands(env)...)
	return root
}

func addCommands(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
	}
	root.AddCommand(commands...)
}

// newNounCommand groups the verbs of one noun. By itself it shows its help.
func newNounCommand(noun, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: noun, Short: short,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			names := make([]string, len(verbs))
			for i, verb := range verbs {
				names[i] = verb.Name()
			}
			return usagef("%s has no verb %q; there are: %s", cmd.CommandPath(), args[0], strings.Join(names, ", "))
		},
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, env *environment, args []string) int {
	root := newRootCommand(env)
	root.SetArgs(args)
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	// Whatever fails before a command begins is the fault of the command line.
	began := false
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := cmd.ValidateRequiredFlags(); err != nil {
			return err
		}
		if err := cmd.ValidateFlagGroups(); err != nil {
			return err
		}
		began = true
		return nil
	}
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !began {
		err = misused(cmd, err)
	}
	if err != nil {
		printFailure(env.stderr, err, wantsJSON(cmd))
	}
	return exitStatus(err)
}

// wantsJSON reports whether the command was asked to speak to a program.
func wantsJSON(cmd *cobra.Command) bool {
	flag := cmd.Flags().Lookup("json")
	return flag != nil && flag.Value.String() == "true"
}

// misused explains an error of cobra's, which may carry suggestions on further lines.
func misused(cmd *cobra.Command, err error) error {
	message, suggestions, _ := strings.Cut(err.Error(), "\n")
	hint := fmt.Sprintf("Run '%s --help' for usage.", cmd.CommandPath())
	if words := strings.Fields(suggestions); len(words) > 0 {
		hint = strings.Join(words, " ") + ". " + hint
	}
	return usageError{message: message, hint: hint}
}
