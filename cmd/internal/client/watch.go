package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"retailq"
)

const (
	// watchAttempts is how often in a row a watch may fail to hear anything before it is given up. Each is several
	// requests: it bears about a minute without an API.
	watchAttempts = 10
	// silentStreams is how many streams may end without a byte before it is taken that something between us and the API
	// holds them back.
	silentStreams = 2
	// pollPause is how long to wait between looks, where the API does not say.
	pollPause = time.Second
)

// errNoStream: events cannot be had here, for a reason that polling may not share, or will explain.
var errNoStream = errors.New("no event stream")

// Watch yields a job as it is, and then after each change, until it has finished. Versions only grow; what came between
// two of them may be left out. A connection that breaks is made again where it broke, and where events cannot be
// streamed the job is polled. An error ends it; so does the end of ctx, with ctx.Err().
func (c *Client) Watch(ctx context.Context, id retailq.ID) iter.Seq2[*retailq.Job, error] {
	return func(yield func(*retailq.Job, error) bool) {
		w := watch{client: c, id: id, yield: yield, retry: firstPause}
		if err := w.run(ctx); err != nil && !w.over {
			yield(nil, err)
		}
	}
}

// watch is one watch under way.
type watch struct {
	client *Client
	id     retailq.ID
	yield  func(*retailq.Job, error) bool

	version int64 // of what was yielded last
	retry   time.Duration
	heard   bool // something was said since the last failure
	silent  int  // streams in a row that said nothing
	over    bool // the job has finished, or nobody wants to know any more
}

func (w *watch) run(ctx context.Context) error {
	look := w.listen
	for failures := 1; ; failures++ {
		err := look(ctx)
		switch {
		case w.over:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errNoStream), w.silent == silentStreams:
			look, w.silent = w.poll, 0
			continue
		case !isPassing(err):
			return err
		case w.heard:
			failures, w.heard = 1, false
		case failures == watchAttempts:
			return err
		}
		if err := w.client.pause(ctx, max(w.retry, backoff(failures))); err != nil {
			return err
		}
	}
}

// listen follows one event stream to its end.
func (w *watch) listen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := request{method: http.MethodGet, address: w.client.address(jobPath(w.id)+"/events", nil)}
	r.setHeader("Accept", "text/event-stream")
	if w.version > 0 {
		r.setHeader("Last-Event-ID", strconv.FormatInt(w.version, 10))
	}
	resp, err := w.client.send(ctx, r)
	if err != nil && !isPassing(err) {
		return fmt.Errorf("%w: %w", errNoStream, err)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return errNoStream
	}
	alarm := time.AfterFunc(w.client.quiet, cancel)
	defer alarm.Stop()
	stream := &listener{r: resp.Body, heard: func() {
		w.heard = true
		alarm.Reset(w.client.quiet)
	}}
	for e := range readEvents(stream) {
		if err := w.take(e); err != nil || w.over {
			return err
		}
	}
	if w.silent++; w.heard {
		w.silent = 0
	}
	return retailq.Unavailable("event stream", io.ErrUnexpectedEOF)
}

// take looks at one event.
func (w *watch) take(e event) error {
	if e.retry > 0 {
		w.retry = min(e.retry, maxPause)
	}
	switch e.name {
	case "job":
		var j retailq.Job
		if err := json.Unmarshal([]byte(e.data), &j); err != nil {
			return fmt.Errorf("%w: decode event of job %s: %w", errNoStream, w.id, err)
		}
		w.show(&j)
	case "end":
		w.over = true // and the last of it has been shown, or there would have been another event before
	}
	return nil
}

// show yields a job unless it is old news.
func (w *watch) show(j *retailq.Job) {
	if j.Version > w.version {
		w.version = j.Version
		w.over = !w.yield(j, nil) || j.State.Finished()
	}
}

// poll looks at the job again and again. The API says when to come back, and that nothing has changed by 304.
func (w *watch) poll(ctx context.Context) error {
	r := request{method: http.MethodGet, address: w.client.address(jobPath(w.id), nil)}
	for {
		resp, err := w.client.send(ctx, r)
		if err != nil {
			return err
		}
		w.heard = true
		if resp.StatusCode != http.StatusNotModified {
			var j retailq.Job
			if err := decode(resp, &j); err != nil {
				_ = resp.Body.Close()
				return err
			}
			r.setHeader("If-None-Match", resp.Header.Get("ETag"))
			w.show(&j)
		}
		_ = resp.Body.Close()
		if w.over {
			return nil
		}
		wait := retryAfter(resp)
		if wait == 0 {
			wait = pollPause
		}
		if err := w.client.pause(ctx, wait); err != nil {
			return err
		}
	}
}

// listener tells that something was read.
type listener struct {
	r     io.Reader
	heard func()
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if n > 0 {
		l.heard()
	}
	return n, err
}
