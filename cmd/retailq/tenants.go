package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/ops"
	"retailq/store"
)

// newTenantsCommand groups retailq tenants create|ls.
func newTenantsCommand(env *environment) *cobra.Command {
	return newNounCommand("tenants", "Create and list tenants", newTenantsCreateCommand(env), newTenantsListCommand(env))
}

type tenantsCreateOptions struct {
	name, country, timeZone string
	asJSON                  bool
}

func newTenantsCreateCommand(env *environment) *cobra.Command {
	var o tenantsCreateOptions
	cmd := &cobra.Command{
		Use: "create SLUG", Short: "Create a tenant",
		Long: `Create a tenant: a wholesaler with data of its own. SLUG is its name in commands and addresses: up to 63
lower-case letters, digits and hyphens. It needs RETAILQ_DATABASE_URL.

EXIT STATUS
  0 if the tenant was created, 2 if a value is wrong, 4 if the slug is taken, 6 if the database cannot be reached.`,
		Example: `  retailq tenants create acme --name "Acme Traders" --country BD --time-zone Asia/Dhaka`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTenantsCreate(cmd.Context(), env, args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.name, "name", "", "name for people (default SLUG)")
	flags.StringVar(&o.country, "country", "BD", "where its local phone numbers are read: two letters, ISO 3166-1")
	flags.StringVar(&o.timeZone, "time-zone", "UTC", "IANA name, such as Asia/Dhaka")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	return cmd
}

func runTenantsCreate(ctx context.Context, env *environment, slug string, o tenantsCreateOptions) error {
	return env.withDatabase(ctx, func(_ *store.DB, verbs *ops.Ops) error {
		t, err := verbs.CreateTenant(ctx, operator, retailq.Tenant{
			Slug: slug, Name: o.name, Country: o.country, TimeZone: o.timeZone,
		})
		if err != nil {
			return err
		}
		if o.asJSON {
			return printJSON(env.stdout, t)
		}
		_, err = fmt.Fprintf(env.stdout, "created tenant %s (%s)\n", t.Slug, t.ID)
		return err
	})
}

func newTenantsListCommand(env *environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "ls", Aliases: []string{"list"}, Short: "List the tenants",
		Long: `List every tenant by slug. It needs RETAILQ_DATABASE_URL.

EXIT STATUS
  0 if they were listed, even if there are none; 6 if the database cannot be reached.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runTenantsList(cmd.Context(), env, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runTenantsList(ctx context.Context, env *environment, asJSON bool) error {
	return env.withDatabase(ctx, func(_ *store.DB, verbs *ops.Ops) error {
		tenants, err := verbs.Tenants(ctx, operator)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(env.stdout, append([]retailq.Tenant{}, tenants...)) // [] rather than null
		}
		rows := make([][]any, len(tenants))
		for i, t := range tenants {
			rows[i] = []any{t.Slug, t.Name, t.Country, t.TimeZone, t.CreatedAt.UTC().Format(time.DateTime), t.ID}
		}
		return printTable(env.stdout, []string{"slug", "name", "country", "time zone", "created", "id"}, rows)
	})
}
