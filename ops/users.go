package ops

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"retailq"
)

// parallelLogins bounds how many password checks run at once: each takes 32 MiB and a core for tens of milliseconds.
const parallelLogins = 2

// waitingLogins bounds how many more wait for their turn: the last of them does so for a second or two.
const waitingLogins = 64

// passwordCost follows the second recommendation of RFC 9106, section 4, with half of its memory, as the API shares
// its machine.
var passwordCost = &argon2id.Params{Memory: 32 << 10, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// nobody is compared with when there is no such user, so that the answer takes as long.
var nobody = sync.OnceValue(func() string {
	hash, err := argon2id.CreateHash("nobody's password", passwordCost)
	if err != nil {
		panic(err) // only if the system has no randomness
	}
	return hash
})

const minPassword = 10

// SignIn returns who the user is. A wrong password and an unknown address get the same ErrUnauthenticated in the same
// time. It is ErrThrottled while too many others sign in.
func (o *Ops) SignIn(ctx context.Context, email, password string) (retailq.Principal, error) {
	select {
	case o.queuedLogins <- struct{}{}:
		defer func() { <-o.queuedLogins }()
	default:
		return retailq.Principal{}, retailq.Errorf(retailq.ErrThrottled, "too_many_sign_ins",
			"too many people are signing in at the moment").WithHint("Try again in a few seconds.")
	}
	user, err := o.db.FindUser(ctx, email)
	unknown := errors.Is(err, retailq.ErrNotFound)
	if err != nil && !unknown {
		return retailq.Principal{}, err
	}
	select {
	case o.logins <- struct{}{}:
		defer func() { <-o.logins }()
	case <-ctx.Done():
		return retailq.Principal{}, ctx.Err()
	}
	hash := user.PasswordHash
	if unknown {
		hash = nobody()
	}
	matches, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return retailq.Principal{}, err
	}
	if unknown || !matches {
		return retailq.Principal{}, retailq.Errorf(retailq.ErrUnauthenticated, "credentials_wrong",
			"the email address or the password is wrong")
	}
	return retailq.Principal{UserID: user.ID, Email: user.Email, Role: user.Role, TenantID: user.TenantID}, nil
}

// NewUser is what a user is made of. Tenant is a slug, and empty for users of the platform.
type NewUser struct {
	Email, Name, Password, Tenant string
	Role                          retailq.Role
}

// CreateUser creates a user.
func (o *Ops) CreateUser(ctx context.Context, p retailq.Principal, n NewUser) (retailq.User, error) {
	if err := Allowed(p.Role, ManageUsers); err != nil {
		return retailq.User{}, err
	}
	if err := n.validate(); err != nil {
		return retailq.User{}, err
	}
	user := retailq.User{Email: strings.TrimSpace(n.Email), Name: n.Name, Role: n.Role}
	if n.Tenant != "" {
		tenant, err := o.db.FindTenant(ctx, n.Tenant)
		if err != nil {
			return retailq.User{}, err
		}
		user.TenantID = tenant.ID
	}
	hash, err := argon2id.CreateHash(n.Password, passwordCost)
	if err != nil {
		return retailq.User{}, err
	}
	user.PasswordHash = hash
	return o.db.CreateUser(ctx, user)
}

func (n NewUser) validate() error {
	email := strings.TrimSpace(n.Email)
	// ParseAddress takes a whole mailbox, such as "Ann <a@example.com>", of which nobody signs in with the rest.
	if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
		return retailq.Invalid("email_invalid", "%q is not an email address", n.Email)
	}
	if len([]rune(n.Password)) < minPassword {
		return retailq.Invalid("password_short", "the password has fewer than %d characters", minPassword)
	}
	switch n.Role {
	case retailq.PlatformAdmin, retailq.Operator:
		if n.Tenant != "" {
			return retailq.Invalid("role_invalid", "a %s belongs to no tenant", n.Role)
		}
	case retailq.TenantAdmin, retailq.Viewer:
		if n.Tenant == "" {
			return retailq.Invalid("tenant_missing", "a %s needs a tenant", n.Role)
		}
	default:
		return retailq.Invalid("role_invalid", "there is no role %q", n.Role).
			WithHint("The roles are platform_admin, operator, tenant_admin and viewer.")
	}
	return nil
}

// CreateTenant creates a tenant.
func (o *Ops) CreateTenant(ctx context.Context, p retailq.Principal, t retailq.Tenant) (retailq.Tenant, error) {
	if err := Allowed(p.Role, ManageTenants); err != nil {
		return t, err
	}
	if !validSlug(t.Slug) {
		return t, retailq.Invalid("slug_invalid", "%q cannot be a tenant's slug", t.Slug).
			WithHint("Use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit.")
	}
	t.Country = strings.ToUpper(t.Country)
	if len(t.Country) != 2 || strings.Trim(t.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return t, retailq.Invalid("country_invalid", "%q is not a country", t.Country).
			WithHint("Use the two letters of ISO 3166-1, such as BD.")
	}
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "" {
		return t, retailq.Invalid("time_zone_invalid", "there is no time zone %q", t.TimeZone).
			WithHint("Use an IANA name, such as Asia/Dhaka.")
	}
	if t.Name == "" {
		t.Name = t.Slug
	}
	return o.db.CreateTenant(ctx, t)
}

func validSlug(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	if _, err := retailq.ParseID(s); err == nil {
		return false // it would be taken for an id
	}
	return s != "" && len(s) <= 63 && s[0] != '-' && strings.Trim(s, letters+"-") == ""
}

// Tenants lists every tenant by slug.
func (o *Ops) Tenants(ctx context.Context, p retailq.Principal) ([]retailq.Tenant, error) {
	if err := Allowed(p.Role, ManageTenants); err != nil {
		return nil, err
	}
	return o.db.Tenants(ctx)
}

// ActFor returns the principal as acting in a tenant, named by slug or id. Users of the platform may act in any;
// others only in their own, and learn nothing of the rest.
func (o *Ops) ActFor(ctx context.Context, p retailq.Principal, slugOrID string) (retailq.Principal, error) {
	t, err := o.db.FindTenant(ctx, slugOrID)
	if err != nil {
		return p, err
	}
	if !p.Role.OfPlatform() && t.ID != p.TenantID {
		return p, retailq.NotFound("tenant", slugOrID)
	}
	p.TenantID = t.ID
	return p, nil
}
