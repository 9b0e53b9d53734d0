package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"retailq"
	"retailq/ops"
	"retailq/store"
)

const (
	idempotencyHeader = "Idempotency-Key"
	maxIdempotencyKey = 255
)

// startImport takes the file, or the name of one that was uploaded before.
func (s *server) startImport(c *gin.Context, p retailq.Principal) error {
	key, err := idempotencyKey(c)
	if err != nil {
		return err
	}
	var imported *retailq.Import
	var started bool
	if mediaType(c) == "multipart/form-data" {
		imported, started, err = s.importUpload(c, p, key)
	} else {
		r := ops.ImportRequest{}
		if err := s.decode(c, &r); err != nil {
			return err
		}
		r.IdempotencyKey = key
		imported, started, err = s.Ops.StartImport(c.Request.Context(), p, r)
	}
	if err != nil {
		return err
	}
	if !started {
		c.Header("Idempotency-Replayed", "true")
	}
	c.Header("Location", "/v1/imports/"+imported.ID.String())
	c.Header("Retry-After", "1")
	c.JSON(http.StatusAccepted, imported)
	return nil
}

// idempotencyKey is the caller's name for the request, by which a repetition is known.
func idempotencyKey(c *gin.Context) (string, error) {
	key := c.GetHeader(idempotencyHeader)
	if len(key) > maxIdempotencyKey || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return "", malformed("idempotency_key_invalid",
			fmt.Sprintf("the %s is not 1 to %d visible ASCII characters", idempotencyHeader, maxIdempotencyKey)).
			WithHint("A UUID will do.")
	}
	return key, nil
}

func (s *server) listImports(c *gin.Context, p retailq.Principal) error {
	q := queryOf(c, "limit", "cursor")
	limit, before := q.limit(s.Limits.Page), q.idCursor()
	if err := q.err(); err != nil {
		return err
	}
	imports, err := s.Ops.Imports(c.Request.Context(), p, store.Page{Before: before, Limit: limit + 1})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, pageOf(imports, limit, func(i *retailq.Import) string { return i.ID.String() }))
	return nil
}

func (s *server) showImport(c *gin.Context, p retailq.Principal) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	imported, err := s.Ops.Import(c.Request.Context(), p, id)
	if err != nil {
		return err
	}
	respondVersioned(c, imported.Version, imported.State, imported)
	return nil
}

// errorPage is a page of row errors. The first page also counts all of them.
type errorPage struct {
	page[store.ListedError]
	Codes []store.CodeCount `json:"codes,omitempty"`
}

func (s *server) listImportErrors(c *gin.Context, p retailq.Principal) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	q := queryOf(c, "code", "limit", "cursor")
	limit := q.limit(s.Limits.Page)
	line, n := q.placeCursor()
	if err := q.err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	rows, err := s.Ops.ImportErrors(ctx, p, id,
		store.ErrorPage{AfterLine: line, AfterN: n, Code: q.text("code"), Limit: limit + 1})
	if err != nil {
		return err
	}
	body := errorPage{page: pageOf(rows, limit, func(e store.ListedError) string {
		return strconv.FormatInt(e.Line, 10) + ":" + strconv.Itoa(e.N)
	})}
	if q.text("cursor") == "" {
		if body.Codes, err = s.Ops.CountErrors(ctx, p, id); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, body)
	return nil
}

// redirectToReport sends the caller to where the report can be downloaded, which is not here.
func (s *server) redirectToReport(c *gin.Context, p retailq.Principal) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	link, err := s.Ops.ReportURL(c.Request.Context(), p, id)
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, link)
	return nil
}
