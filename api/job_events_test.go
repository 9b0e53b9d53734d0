package api

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// event is one server-sent event, or a comment.
type event struct{ id, name, data, comment string }

// job decodes the event's data.
func (e event) job(t *testing.T) retailq.Job {
	t.Helper()
	require.Equal(t, "job", e.name)
	var job retailq.Job
	require.NoError(t, json.Unmarshal([]byte(e.data), &job))
	require.Equal(t, strconv.FormatInt(job.Version, 10), e.id)
	return job
}

// watch opens a job's stream and returns its events. The channel is closed at the end of the stream.
func (p *platform) watch(t *testing.T, id retailq.ID, lastEvent string) (events <-chan event, leave func()) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	t.Cleanup(leave)
	req := p.request(t, p.as(t, retailq.Viewer), http.MethodGet, "/v1/jobs/"+id.String()+"/events", nil)
	if lastEvent != "" {
		req.Header.Set("Last-Event-ID", lastEvent)
	}
	resp, err := p.client.Do(req.WithContext(ctx))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	out := make(chan event, 1000)
	go readEvents(resp, out)
	return out, leave
}

func readEvents(resp *http.Response, out chan<- event) {
	defer close(out)
	defer resp.Body.Close()
	var e event
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.comment = value; value != "" || e.name != "" {
				out <- e
			}
			e = event{}
		}
	}
}

// next returns the next event that is no comment.
func next(t *testing.T, events <-chan event) event {
	t.Helper()
	for {
		select {
		case e, ok := <-events:
			require.True(t, ok, "the stream has ended")
			if e.comment == "" {
				return e
			}
		case <-time.After(10 * time.Second):
			require.Fail(t, "no event")
		}
	}
}

func requireEnd(t *testing.T, events <-chan event) {
	t.Helper()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return
			}
			require.Equal(t, "keep-alive", e.comment, "%+v", e)
		case <-time.After(10 * time.Second):
			require.Fail(t, "the stream goes on")
		}
	}
}

func TestWatchJob(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := p.startImport(t).ID
	events, _ := p.watch(t, id, "")
	require.Equal(t, retailq.Queued, next(t, events).job(t).State, "as it is")

	job := p.claim(t, id)
	require.Equal(t, retailq.Running, next(t, events).job(t).State)
	err := p.db.Ledger().ReportProgress(t.Context(), job.Fence(), retailq.Progress{Phase: "scanning", Done: 7, Total: 9})
	require.NoError(t, err)
	p.bell.Announce(t.Context(), id)
	require.EqualValues(t, 7, next(t, events).job(t).Progress.Done)

	p.end(t, job, retailq.Succeeded, nil)
	require.Equal(t, retailq.Succeeded, next(t, events).job(t).State)
	require.Equal(t, event{name: "end", data: `{"state":"succeeded"}`}, next(t, events))
	requireEnd(t, events)
}

func TestWatchResumes(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := p.startImport(t).ID
	known, leave := p.watch(t, id, "1")
	job := p.claim(t, id)
	require.EqualValues(t, 2, next(t, known).job(t).Version, "version 1 is known")
	leave()

	missed, _ := p.watch(t, id, "1")
	require.EqualValues(t, 2, next(t, missed).job(t).Version)

	p.end(t, job, retailq.Failed, nil)
	finished, _ := p.watch(t, id, "3")
	require.Equal(t, "end", next(t, finished).name)
	requireEnd(t, finished)
}

func TestSilentStreamsShowThatTheyLive(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	events, _ := p.watch(t, p.startImport(t).ID, "1")
	for range 2 {
		require.Equal(t, "keep-alive", (<-events).comment)
	}
}

func TestManyWatchersOfOneJob(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	id := p.startImport(t).ID
	var all []<-chan event
	for range 20 {
		events, _ := p.watch(t, id, "1")
		all = append(all, events)
	}
	p.claim(t, id)
	for _, events := range all {
		require.EqualValues(t, 2, next(t, events).job(t).Version)
	}
}
