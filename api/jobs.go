package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"retailq"
	"retailq/store"
)

func (s *server) listJobs(c *gin.Context, p retailq.Principal) error {
	q := queryOf(c, "kind", "state", "parent", "limit", "cursor")
	filter := store.JobFilter{Kind: q.text("kind"), State: q.state("state"), Parent: q.id("parent")}
	limit, before := q.limit(s.Limits.Page), q.idCursor()
	if err := q.err(); err != nil {
		return err
	}
	jobs, err := s.Ops.Jobs(c.Request.Context(), p, filter, store.Page{Before: before, Limit: limit + 1})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, pageOf(jobs, limit, func(j *retailq.Job) string { return j.ID.String() }))
	return nil
}

func (s *server) showJob(c *gin.Context, p retailq.Principal) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	job, err := s.Ops.Job(c.Request.Context(), p, id)
	if err != nil {
		return err
	}
	respondVersioned(c, job.Version, job.State, job)
	return nil
}

func (s *server) listJobHistory(c *gin.Context, p retailq.Principal) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	q := queryOf(c, "after", "limit")
	limit, after := q.limit(s.Limits.Page), q.number("after", 0, 0, math.MaxInt64)
	if err := q.err(); err != nil {
		return err
	}
	events, err := s.Ops.JobEvents(c.Request.Context(), p, id, after, limit)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, page[retailq.JobEvent]{Items: events})
	return nil
}

// maxReason is how long the reason for a verb may be, in characters.
const maxReason = 500

// steer makes a handler of a verb of ops. The answer is the job as it is now: the verb may still be a wish.
func (s *server) steer(
	verb func(context.Context, retailq.Principal, retailq.ID, string) (*retailq.Job, error),
) func(*gin.Context, retailq.Principal) error {
	return func(c *gin.Context, p retailq.Principal) error {
		id, err := pathID(c)
		if err != nil {
			return err
		}
		var body struct {
			Reason string `json:"reason"`
		}
		if err := s.decodeOptional(c, &body); err != nil {
			return err
		}
		if utf8.RuneCountInString(body.Reason) > maxReason {
			return malformed("reason_too_long", fmt.Sprintf("the reason is longer than %d characters", maxReason),
				retailq.FieldError{Field: "reason", Code: "length", Message: "is too long"})
		}
		job, err := verb(c.Request.Context(), p, id, body.Reason)
		if err != nil {
			return err
		}
		c.JSON(http.StatusAccepted, job)
		return nil
	}
}
