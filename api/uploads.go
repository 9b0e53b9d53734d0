package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"retailq"
)

func (s *server) prepareUpload(c *gin.Context, p retailq.Principal) error {
	var body struct {
		Filename string `json:"filename"`
		Size     int64  `json:"size"`
	}
	if err := s.decode(c, &body); err != nil {
		return err
	}
	upload, err := s.Ops.PrepareUpload(c.Request.Context(), p, body.Filename, body.Size)
	if err != nil {
		return err
	}
	upload.ExpiresAt = upload.ExpiresAt.UTC()
	c.JSON(http.StatusCreated, upload)
	return nil
}
