package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"retailq"
)

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

type session struct {
	Token     string      `json:"token"`
	ExpiresAt time.Time   `json:"expires_at"`
	User      sessionUser `json:"user"`
}

type sessionUser struct {
	ID       retailq.ID   `json:"id"`
	Email    string       `json:"email"`
	Role     retailq.Role `json:"role"`
	TenantID retailq.ID   `json:"tenant_id,omitzero"`
}

func (s *server) signIn(c *gin.Context) error {
	var body credentials
	if err := s.decode(c, &body); err != nil {
		return err
	}
	if err := required(field{"email", body.Email}, field{"password", body.Password}); err != nil {
		return err
	}
	p, err := s.Ops.SignIn(c.Request.Context(), body.Email, body.Password)
	if err != nil {
		return err
	}
	remember(c, p)
	token, expires, err := s.Tokens.Issue(p)
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, session{
		Token: token, ExpiresAt: expires.UTC(),
		User: sessionUser{ID: p.UserID, Email: p.Email, Role: p.Role, TenantID: p.TenantID},
	})
	return nil
}
