package retailq

import "time"

// Tenant is a wholesaler. Every row of business data belongs to exactly one.
type Tenant struct {
	ID   ID     `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
	// Country is the ISO 3166-1 alpha-2 code by which its local phone numbers are read.
	Country string `json:"country"`
	// TimeZone is an IANA name, such as "Asia/Dhaka".
	TimeZone  string    `json:"time_zone"`
	CreatedAt time.Time `json:"created_at"`
}

// User signs in with an email address and a password.
type User struct {
	ID ID `json:"id"`
	// TenantID is zero for users of the platform itself.
	TenantID     ID        `json:"tenant_id,omitzero"`
	Email        string    `json:"email"`
	Name         string    `json:"name"`
	Role         Role      `json:"role"`
	PasswordHash string    `json:"-"`
	CreatedAt    time.Time `json:"created_at"`
}

// Role says what a user may do. Platform roles see every tenant.
type Role string

// The roles.
const (
	PlatformAdmin Role = "platform_admin"
	Operator      Role = "operator"
	TenantAdmin   Role = "tenant_admin"
	Viewer        Role = "viewer"
)

// OfPlatform reports whether the role belongs to the platform and not to one tenant.
func (r Role) OfPlatform() bool { return r == PlatformAdmin || r == Operator }

// Principal is who makes a request: a user with a role, in one tenant or (zero TenantID) in none.
type Principal struct {
	UserID   ID
	Email    string
	Role     Role
	TenantID ID
}

// Actor names the principal in the audit trail.
func (p Principal) Actor() string {
	if p.Email == "" {
		return "system"
	}
	return p.Email
}
