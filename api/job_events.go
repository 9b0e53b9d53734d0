package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"retailq"
	"retailq/queue"
)

// stall is how long a caller may take to receive, or to send, the next piece of a stream.
const stall = time.Minute

// watchJob streams a job as it changes, as server-sent events:
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (s *server) watchJob(c *gin.Context, p retailq.Principal) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	job, err := s.Ops.Job(c.Request.Context(), p, id)
	if err != nil {
		return err
	}
	watch := s.Hub.Watch(id, job.Version)
	defer watch.Close()
	events := beginEvents(c)
	if c.GetHeader("Last-Event-ID") != strconv.FormatInt(job.Version, 10) {
		events.job(job)
	}
	s.follow(c.Request.Context(), events, watch, job)
	return nil
}

// follow sends what changes until the job has finished, the caller has gone or the server is about to.
func (s *server) follow(ctx context.Context, events *eventStream, watch *queue.Watch, job *retailq.Job) {
	heartbeat := time.NewTicker(s.Heartbeat)
	defer heartbeat.Stop()
	for !job.State.Finished() {
		select {
		case <-ctx.Done():
			return
		case <-stopping(ctx):
			return // the caller connects again, and reaches another process
		case <-heartbeat.C:
			events.send(": keep-alive\n\n")
		case job = <-watch.Changes:
			events.job(job)
			heartbeat.Reset(s.Heartbeat)
		}
	}
	events.send("event: end\ndata: {\"state\":%q}\n\n", job.State)
}

// eventStream writes events, each at once. A caller that has gone is noticed by the end of the request's context, and
// one that does not read by the deadline, so that errors of writing need no treatment of their own.
type eventStream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// beginEvents sends the head of the answer, and after how many milliseconds to connect again.
func beginEvents(c *gin.Context) *eventStream {
	c.Header("Content-Type", "text/event-stream")
	c.Header("X-Accel-Buffering", "no") // nginx would collect events until its buffer is full
	c.Status(http.StatusOK)
	events := &eventStream{w: c.Writer, control: http.NewResponseController(c.Writer)}
	// The server's limit on the time to read a request would otherwise end the stream.
	_ = events.control.SetReadDeadline(time.Time{})
	events.send("retry: 1000\n\n")
	return events
}

func (e *eventStream) job(job *retailq.Job) {
	data, err := json.Marshal(job)
	if err != nil {
		panic(err) // a job is made of plain values
	}
	e.send("id: %d\nevent: job\ndata: %s\n\n", job.Version, data)
}

func (e *eventStream) send(format string, args ...any) {
	_ = e.control.SetWriteDeadline(time.Now().Add(stall))
	_, _ = fmt.Fprintf(e.w, format, args...)
	_ = e.control.Flush()
}
