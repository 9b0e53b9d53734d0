package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/config"
	"retailq/ops"
	"retailq/store"
)

type tokenOptions struct {
	role, user, tenant string
	ttl                time.Duration
	asJSON             bool
}

// newTokenCommand: retailq token.
func newTokenCommand(env *environment) *cobra.Command {
	var o tokenOptions
	cmd := &cobra.Command{
		Use: "token", Short: "Make a token, for RETAILQ_TOKEN or an Authorization header",
		Long: `Make a token by which a program proves to the API who it is, without a password: for --user, or for nobody in
particular with --role. It needs RETAILQ_TOKEN_SECRET, and it must be that of the API. With --user or --tenant it needs
RETAILQ_DATABASE_URL too.

A token cannot be taken back before it expires, except by changing the secret.

EXIT STATUS
  0 if the token was printed, 2 if a value is wrong, 3 if there is no such user or tenant, 6 if the database cannot be
  reached.`,
		Example: `  export RETAILQ_TOKEN=$(retailq token --role platform_admin --ttl 1h)
  retailq token --role viewer --tenant acme
  retailq token --user rina@acme.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runToken(cmd.Context(), env, o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.role, "role", "", "platform_admin, operator, tenant_admin or viewer")
	flags.StringVar(&o.user, "user", "", "email address of a user, whose role and tenant the token gets")
	flags.StringVar(&o.tenant, "tenant", "", "slug of the tenant, for its roles")
	flags.DurationVar(&o.ttl, "ttl", 0, "how long the token lasts (default RETAILQ_TOKEN_TTL)")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("role", "user")
	cmd.MarkFlagsMutuallyExclusive("tenant", "user")
	cmd.MarkFlagsOneRequired("role", "user")
	return cmd
}

// issuedToken is what is printed with --json.
type issuedToken struct {
	Token     string       `json:"token"`
	ExpiresAt time.Time    `json:"expires_at"`
	Email     string       `json:"email,omitempty"`
	Role      retailq.Role `json:"role"`
	TenantID  retailq.ID   `json:"tenant_id,omitzero"`
}

func runToken(ctx context.Context, env *environment, o tokenOptions) error {
	settings, err := config.Load[struct{ Auth config.Auth }](env.environ)
	if err != nil {
		return err
	}
	ttl := settings.Auth.TokenTTL
	if o.ttl != 0 {
		ttl = o.ttl
	}
	if ttl < 0 {
		return usagef("--ttl is negative")
	}
	p, err := bearer(ctx, env, o)
	if err != nil {
		return err
	}
	token, expires, err := ops.NewTokens([]byte(settings.Auth.TokenSecret.Reveal()), ttl).Issue(p)
	if err != nil {
		return err
	}
	if o.asJSON {
		return printJSON(env.stdout, issuedToken{token, expires, p.Email, p.Role, p.TenantID})
	}
	_, err = fmt.Fprintln(env.stdout, token)
	return err
}

// bearer is whom the token is for.
func bearer(ctx context.Context, env *environment, o tokenOptions) (retailq.Principal, error) {
	p := retailq.Principal{Email: operator.Email, Role: retailq.Role(o.role)}
	if o.user == "" {
		if err := checkRole(p.Role, o.tenant); err != nil || o.tenant == "" {
			return p, err
		}
	}
	err := env.withDatabase(ctx, func(db *store.DB, _ *ops.Ops) error {
		if o.user == "" {
			tenant, err := db.FindTenant(ctx, o.tenant)
			p.TenantID = tenant.ID
			return err
		}
		user, err := db.FindUser(ctx, o.user)
		p = retailq.Principal{UserID: user.ID, Email: user.Email, Role: user.Role, TenantID: user.TenantID}
		return err
	})
	return p, err
}

// checkRole says whether tokens of the role can be made for the tenant, which may be "".
func checkRole(role retailq.Role, tenant string) error {
	switch role {
	case retailq.PlatformAdmin, retailq.Operator:
		if tenant != "" {
			return usagef("a %s belongs to no tenant: leave out --tenant, and name one with each command", role)
		}
	case retailq.TenantAdmin, retailq.Viewer:
		if tenant == "" {
			return usagef("a %s needs --tenant", role)
		}
	default:
		return usagef("there is no role %q: use platform_admin, operator, tenant_admin or viewer", role)
	}
	return nil
}
