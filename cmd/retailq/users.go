package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/ops"
	"retailq/store"
)

// newUsersCommand groups retailq users create.
func newUsersCommand(env *environment) *cobra.Command {
	return newNounCommand("users", "Create users", newUsersCreateCommand(env))
}

type usersCreateOptions struct {
	role, tenant, name string
	passwordStdin      bool
	asJSON             bool
}

func newUsersCreateCommand(env *environment) *cobra.Command {
	var o usersCreateOptions
	cmd := &cobra.Command{
		Use: "create EMAIL", Short: "Create a user",
		Long: `Create a user who signs in with EMAIL and a password. Unless the password is given on standard input, one is
made up and printed: it cannot be shown again. It needs RETAILQ_DATABASE_URL.

The roles platform_admin and operator see every tenant; tenant_admin and viewer belong to one.

EXIT STATUS
  0 if the user was created, 2 if a value is wrong, 3 if there is no such tenant, 4 if the address is taken,
  6 if the database cannot be reached.`,
		Example: `  retailq users create rina@acme.example --role tenant_admin --tenant acme
  pass show acme/rina | retailq users create rina@acme.example --role viewer --tenant acme --password-stdin`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runUsersCreate(cmd.Context(), env, args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.role, "role", "", "platform_admin, operator, tenant_admin or viewer")
	flags.StringVar(&o.tenant, "tenant", "", "slug of the tenant, for its roles")
	flags.StringVar(&o.name, "name", "", "name for people")
	flags.BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from the first line of standard input")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

// createdUser is what is printed of a new user. Password is empty unless it was made up.
type createdUser struct {
	retailq.User
	Password string `json:"password,omitempty"`
}

func runUsersCreate(ctx context.Context, env *environment, email string, o usersCreateOptions) error {
	if o.role == "" {
		return usagef("--role is missing: platform_admin, operator, tenant_admin or viewer")
	}
	password := rand.Text()
	if o.passwordStdin {
		var err error
		if password, err = readPassword(env.stdin); err != nil {
			return err
		}
	}
	return env.withDatabase(ctx, func(_ *store.DB, verbs *ops.Ops) error {
		user, err := verbs.CreateUser(ctx, operator, ops.NewUser{
			Email: email, Name: o.name, Password: password, Tenant: o.tenant, Role: retailq.Role(o.role),
		})
		if err != nil {
			return err
		}
		created := createdUser{User: user}
		if !o.passwordStdin {
			created.Password = password
		}
		return printUser(env, created, o.asJSON)
	})
}

func printUser(env *environment, u createdUser, asJSON bool) error {
	if asJSON {
		return printJSON(env.stdout, u)
	}
	fmt.Fprintf(env.stdout, "created %s %s (%s)\n", u.Role, u.Email, u.ID)
	if u.Password != "" {
		fmt.Fprintf(env.stdout, "password: %s\n", u.Password)
	}
	return nil
}

func readPassword(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", usagef("there is no password on standard input")
	}
	return password, nil
}
