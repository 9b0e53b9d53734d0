package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"retailq"
)

// JobFilter picks jobs. Empty fields pick everything, save that children are listed only for their Parent.
type JobFilter struct {
	Kind   string
	State  retailq.State
	Parent retailq.ID
}

func (f JobFilter) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{
		"kind": f.Kind, "state": string(f.State), "parent": f.Parent.String(),
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// Job returns one job.
func (c *Client) Job(ctx context.Context, id retailq.ID) (*retailq.Job, error) {
	var j retailq.Job
	if err := c.get(ctx, jobPath(id), nil, &j); err != nil {
		return nil, err
	}
	return &j, nil
}

// Jobs lists jobs, newest first, or the children of one in their order: up to limit of them; 0 means all.
func (c *Client) Jobs(ctx context.Context, f JobFilter, limit int) iter.Seq2[*retailq.Job, error] {
	return pages[*retailq.Job](ctx, c, "/v1/jobs", f.query(), limit)
}

// JobHistory lists what happened to a job, oldest first.
func (c *Client) JobHistory(ctx context.Context, id retailq.ID) iter.Seq2[retailq.JobEvent, error] {
	return func(yield func(retailq.JobEvent, error) bool) {
		query := url.Values{"limit": {strconv.Itoa(pageSize)}, "after": {"0"}}
		for {
			var p page[retailq.JobEvent]
			if err := c.get(ctx, jobPath(id)+"/history", query, &p); err != nil {
				yield(retailq.JobEvent{}, err)
				return
			}
			for _, event := range p.Items {
				query.Set("after", strconv.FormatInt(event.ID, 10))
				if !yield(event, nil) {
					return
				}
			}
			if len(p.Items) < pageSize {
				return
			}
		}
	}
}

// Pause asks for a job to stop at its next border of work until it is resumed.
func (c *Client) Pause(ctx context.Context, id retailq.ID, reason string) (*retailq.Job, error) {
	return c.steer(ctx, id, "pause", reason, false)
}

// Resume takes back a pause.
func (c *Client) Resume(ctx context.Context, id retailq.ID, reason string) (*retailq.Job, error) {
	return c.steer(ctx, id, "resume", reason, false)
}

// Cancel asks for a job to end at its next border of work. What it has done by then stays.
func (c *Client) Cancel(ctx context.Context, id retailq.ID, reason string) (*retailq.Job, error) {
	return c.steer(ctx, id, "cancel", reason, false)
}

// Requeue runs a finished job again: only what is not done. It is not repeated by itself, as the second request would
// find the job unfinished.
func (c *Client) Requeue(ctx context.Context, id retailq.ID, reason string) (*retailq.Job, error) {
	return c.steer(ctx, id, "requeue", reason, true)
}

func (c *Client) steer(ctx context.Context, id retailq.ID, verb, reason string, once bool) (*retailq.Job, error) {
	r := request{method: http.MethodPost, address: c.address(jobPath(id)+"/"+verb, nil), once: once}
	if reason != "" {
		if err := r.jsonBody(map[string]string{"reason": reason}); err != nil {
			return nil, err
		}
	}
	var j retailq.Job
	if err := c.call(ctx, r, &j); err != nil {
		return nil, err
	}
	return &j, nil
}

func jobPath(id retailq.ID) string { return "/v1/jobs/" + id.String() }
