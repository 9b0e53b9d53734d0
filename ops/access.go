package ops

import (
	"slices"

	"retailq"
)

// Verb names something that a caller may be allowed to do.
type Verb string

// The verbs.
const (
	ReadImports   Verb = "imports:read"
	StartImports  Verb = "imports:start"
	ReadJobs      Verb = "jobs:read"
	SteerJobs     Verb = "jobs:steer"
	ManageTenants Verb = "tenants:manage"
	ManageUsers   Verb = "users:manage"
)

// allowed is the one table of who may do what.
var allowed = map[Verb][]retailq.Role{
	ReadImports:   {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin, retailq.Viewer},
	StartImports:  {retailq.PlatformAdmin, retailq.TenantAdmin},
	ReadJobs:      {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin, retailq.Viewer},
	SteerJobs:     {retailq.PlatformAdmin, retailq.Operator, retailq.TenantAdmin},
	ManageTenants: {retailq.PlatformAdmin},
	ManageUsers:   {retailq.PlatformAdmin},
}

// mayIn is Allowed for verbs that work without a tenant too, on all of them: that is for users of the platform alone.
func mayIn(p retailq.Principal, v Verb) error {
	if p.TenantID.IsZero() && !p.Role.OfPlatform() {
		return retailq.Errorf(retailq.ErrForbidden, "forbidden", "the role %q is of no use without a tenant", p.Role)
	}
	return Allowed(p.Role, v)
}

// Allowed returns nil if the role may do what the verb says, and ErrForbidden otherwise.
func Allowed(r retailq.Role, v Verb) error {
	if slices.Contains(allowed[v], r) {
		return nil
	}
	return retailq.Errorf(retailq.ErrForbidden, "forbidden", "the role %q does not allow %s", r, v).
		WithHint("Ask an administrator for a role that does.")
}
