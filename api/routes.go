package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// route is one thing that can be asked of the API.
type route struct {
	method, path string
	// lasting is how long it may take: short or long.
	lasting gin.HandlerFunc
	handler gin.HandlerFunc
}

// routes lists everything that can be asked, by whom and for how long.
func (s *server) routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{get, "/livez", short, s.anyone(s.livez)},
		{get, "/readyz", short, s.anyone(s.readyz)},
		{get, "/api/health", short, s.anyone(s.health)},
		{get, "/openapi.yaml", short, s.anyone(s.contract)},

		{post, "/v1/sessions", short, s.anyone(s.signIn)},

		{post, "/v1/uploads", short, s.signedIn(s.prepareUpload)},
		{post, "/v1/imports", long, s.signedIn(s.startImport)},
		{get, "/v1/imports", short, s.signedIn(s.listImports)},
		{get, "/v1/imports/:id", short, s.signedIn(s.showImport)},
		{get, "/v1/imports/:id/errors", short, s.signedIn(s.listImportErrors)},
		{get, "/v1/imports/:id/report", short, s.signedIn(s.redirectToReport)},

		{get, "/v1/jobs", short, s.signedIn(s.listJobs)},
		{get, "/v1/jobs/:id", short, s.signedIn(s.showJob)},
		{get, "/v1/jobs/:id/history", short, s.signedIn(s.listJobHistory)},
		{get, "/v1/jobs/:id/events", long, s.signedIn(s.watchJob)},
		{post, "/v1/jobs/:id/cancel", short, s.signedIn(s.steer(s.Ops.Cancel))},
		{post, "/v1/jobs/:id/pause", short, s.signedIn(s.steer(s.Ops.Pause))},
		{post, "/v1/jobs/:id/resume", short, s.signedIn(s.steer(s.Ops.Resume))},
		{post, "/v1/jobs/:id/requeue", short, s.signedIn(s.steer(s.Ops.Requeue))},
	}
}
