package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/ops"
)

const password = "a long enough password"

func (p *platform) createUser(t *testing.T, email string, role retailq.Role, tenant string) retailq.User {
	t.Helper()
	user, err := p.ops.CreateUser(t.Context(), retailq.Principal{Role: retailq.PlatformAdmin},
		ops.NewUser{Email: email, Password: password, Role: role, Tenant: tenant})
	require.NoError(t, err)
	return user
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	user := p.createUser(t, "a@example.com", retailq.TenantAdmin, "one")
	r := p.do(t, "", http.MethodPost, "/v1/sessions", credentials{Email: "A@Example.com", Password: password})
	got := into[session](t, r, http.StatusCreated)
	require.Equal(t, sessionUser{
		ID: user.ID, Email: "a@example.com", Role: retailq.TenantAdmin, TenantID: p.one.ID,
	}, got.User)
	require.WithinDuration(t, time.Now().Add(time.Hour), got.ExpiresAt, time.Minute)

	require.Equal(t, http.StatusOK, p.do(t, got.Token, http.MethodGet, "/v1/imports", nil).status)
}

func TestSignInOfThePlatformHasNoTenant(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	p.createUser(t, "root@example.com", retailq.PlatformAdmin, "")
	r := p.do(t, "", http.MethodPost, "/v1/sessions", credentials{Email: "root@example.com", Password: password})
	require.NotContains(t, string(into[session](t, r, http.StatusCreated).User.Role)+string(r.body), "tenant_id")
}

func TestWrongPasswordAndUnknownAddressLookAlike(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	p.createUser(t, "a@example.com", retailq.Viewer, "one")
	var answers []problem
	for _, c := range []credentials{
		{Email: "a@example.com", Password: "another long password"},
		{Email: "b@example.com", Password: password},
	} {
		r := p.do(t, "", http.MethodPost, "/v1/sessions", c)
		got := requireProblem(t, r, http.StatusUnauthorized, "credentials_wrong")
		require.NotEmpty(t, r.header.Get("WWW-Authenticate"))
		got.RequestID = ""
		answers = append(answers, got)
	}
	require.Equal(t, answers[0], answers[1])
}

func TestSignInNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	r := p.do(t, "", http.MethodPost, "/v1/sessions", map[string]string{"email": "a@example.com"})
	got := requireProblem(t, r, http.StatusBadRequest, "field_missing")
	require.Equal(t, []retailq.FieldError{{Field: "password", Code: "required", Message: "is missing"}}, got.Errors)
}
