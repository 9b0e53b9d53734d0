package main

import (
	"github.com/spf13/cobra"

	"retailq"
	"retailq/cmd/internal/client"
	"retailq/config"
)

// api returns a client of the API that the environment names. It acts in the given tenant, or where that is "" in the
// one of the token.
func (env *environment) api(tenant string) (*client.Client, error) {
	settings, err := config.Load[struct{ API config.Endpoint }](env.environ)
	if err != nil {
		return nil, err
	}
	token := settings.API.Token.Reveal()
	if token == "" {
		return nil, retailq.Errorf(retailq.ErrUnauthenticated, "token_missing", "RETAILQ_TOKEN is not set").
			WithHint("A platform that `retailq up` runs on this machine leaves it in a file: . .retailq/env\n" +
				"For any other, make one: export RETAILQ_TOKEN=$(retailq token --role platform_admin)")
	}
	return client.New(client.Options{
		URL: settings.API.URL, Token: token, Tenant: tenant, UserAgent: "retailq/" + env.version,
	})
}

// addTenantFlag adds --tenant.
func addTenantFlag(cmd *cobra.Command, tenant *string) {
	cmd.Flags().StringVar(tenant, "tenant", "", "slug or id of the tenant; needed if your token is not of one tenant")
}

// addJSONFlag adds --json. What it makes the command print is told in its help.
func addJSONFlag(cmd *cobra.Command, asJSON *bool) {
	cmd.Flags().BoolVar(asJSON, "json", false, "print JSON")
}

// inTenant is what continues a command line that is suggested to the user.
func inTenant(tenant string) string {
	if tenant == "" {
		return ""
	}
	return " --tenant " + tenant
}

// parseID reads the id that a command was given.
func parseID(noun, text string) (retailq.ID, error) {
	id, err := retailq.ParseID(text)
	if err != nil || id.IsZero() {
		return id, usageError{
			message: printable(text) + " is not the id of " + noun + ", which looks like " +
				"0190d7a2-5c1e-7b3a-9f00-1a2b3c4d5e6f",
			hint: "`retailq imports ls` and `retailq jobs ls` list ids.",
		}
	}
	return id, nil
}
