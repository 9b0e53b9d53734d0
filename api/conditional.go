package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"retailq"
)

// respondVersioned answers with something that has a version, or with 304 if the caller has that version already, and
// says when to ask again while it still changes.
func respondVersioned(c *gin.Context, version int64, state retailq.State, body any) {
	tag := `"` + strconv.FormatInt(version, 10) + `"`
	c.Header("ETag", tag)
	c.Header("Cache-Control", "private, no-cache") // kept by the caller's own cache, asked for each time
	c.Header("Vary", "Authorization, "+tenantHeader)
	if !state.Finished() {
		c.Header("Retry-After", "1")
	}
	if has(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	c.JSON(http.StatusOK, body)
}

// has reports whether a list of entity tags holds tag, by the weak comparison that If-None-Match asks for (RFC 9110,
// sections 8.8.3.2 and 13.1.2). Our tags hold no commas.
func has(list, tag string) bool {
	for candidate := range strings.SplitSeq(list, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}
