package ops

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"retailq"
)

// Tokens issues and verifies the tokens by which callers prove who they are: JWTs (RFC 7519) signed with HMAC-SHA256.
type Tokens struct {
	key []byte
	ttl time.Duration
	now func() time.Time
}

// NewTokens returns an issuer with the given key, of at least 32 bytes, whose tokens last for ttl.
func NewTokens(key []byte, ttl time.Duration) *Tokens {
	return &Tokens{key: key, ttl: ttl, now: time.Now}
}

const issuer = "retailq"

type claims struct {
	jwt.RegisteredClaims
	Email  string       `json:"email"`
	Role   retailq.Role `json:"role"`
	Tenant retailq.ID   `json:"tenant,omitzero"`
}

// Issue returns a token for the principal and the moment at which it expires.
func (t *Tokens) Issue(p retailq.Principal) (token string, expires time.Time, err error) {
	now := t.now()
	expires = now.Add(t.ttl)
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Subject: p.UserID.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Email: p.Email, Role: p.Role, Tenant: p.TenantID,
	}
	token, err = jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key)
	return token, expires, err
}

// Verify returns whom a token was issued to, or ErrUnauthenticated.
func (t *Tokens) Verify(token string) (retailq.Principal, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(t.now))
	if errors.Is(err, jwt.ErrTokenExpired) {
		return retailq.Principal{}, unauthenticated("token_expired", "the token has expired")
	}
	if err != nil {
		return retailq.Principal{}, unauthenticated("token_invalid", "the token is not valid").Because(err)
	}
	user, err := retailq.ParseID(c.Subject)
	if c.Subject != "" && err != nil {
		return retailq.Principal{}, unauthenticated("token_invalid", "the token is not valid").Because(err)
	}
	return retailq.Principal{UserID: user, Email: c.Email, Role: c.Role, TenantID: c.Tenant}, nil
}

func unauthenticated(code, message string) *retailq.Error {
	return retailq.Errorf(retailq.ErrUnauthenticated, code, "%s", message).
		WithHint("Sign in again: POST /v1/sessions, or retailq token.")
}
