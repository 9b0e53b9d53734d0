package api

import (
	"strings"

	"github.com/gin-gonic/gin"

	"retailq"
	"retailq/internal/obs"
)

// tenantHeader names the tenant in which a user of the platform acts.
const tenantHeader = "X-Retailq-Tenant"

// signedIn serves those who prove who they are, and hands them to the handler. What they may do is for ops to say.
func (s *server) signedIn(h func(*gin.Context, retailq.Principal) error) gin.HandlerFunc {
	return s.anyone(func(c *gin.Context) error {
		p, err := s.principal(c)
		if err != nil {
			return err
		}
		return h(c, p)
	})
}

// principal is whom the request's token was issued to, acting in the tenant that the request names.
func (s *server) principal(c *gin.Context) (retailq.Principal, error) {
	scheme, token, ok := strings.Cut(c.GetHeader("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return retailq.Principal{}, retailq.Errorf(retailq.ErrUnauthenticated, "token_missing", "this needs a token").
			WithHint("Get one with POST /v1/sessions and send it as: Authorization: Bearer TOKEN.")
	}
	p, err := s.Tokens.Verify(strings.TrimSpace(token))
	if err != nil {
		return p, err
	}
	remember(c, p)
	tenant := c.GetHeader(tenantHeader)
	if tenant == "" {
		return p, nil
	}
	if p, err = s.Ops.ActFor(c.Request.Context(), p, tenant); err == nil {
		remember(c, p)
	}
	return p, err
}

// remember notes who is asking, for the log.
func remember(c *gin.Context, p retailq.Principal) {
	c.Set(principalKey, p)
	c.Request = c.Request.WithContext(obs.With(c.Request.Context(), obs.TenantID, p.TenantID))
}
