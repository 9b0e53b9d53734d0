package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// stream answers with the given text as an event stream and ends.
func stream(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, text)
	}
}

func jobEvent(version int, state retailq.State) string {
	return fmt.Sprintf("id: %[1]d\nevent: job\ndata: {\"version\":%[1]d,\"state\":%[2]q}\n\n", version, state)
}

const endEvent = "event: end\ndata: {}\n\n"

// watched returns the versions that a watch yields, and the error it ends with.
func watched(ctx context.Context, c *Client) (versions []int64, last error) {
	for job, err := range c.Watch(ctx, retailq.ID{1}) {
		if err != nil {
			return versions, err
		}
		versions = append(versions, job.Version)
	}
	return versions, nil
}

func TestWatch(t *testing.T) {
	t.Parallel()
	s := serve(t, stream("retry: 1000\n\n"+jobEvent(1, retailq.Queued)+": keep-alive\n\n"+
		jobEvent(2, retailq.Running)+jobEvent(7, retailq.Succeeded)+endEvent))
	c, _ := s.client()
	versions, err := watched(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2, 7}, versions)
	require.Equal(t, "text/event-stream", s.requests()[0].header.Get("Accept"))
	require.Empty(t, s.requests()[0].header.Get("Last-Event-ID"))
}

// TestWatchGoesOn: behind a broken connection it goes on where it was, and tells nothing twice.
func TestWatchGoesOn(t *testing.T) {
	t.Parallel()
	cut := jobEvent(3, retailq.Succeeded)
	s := serve(t,
		stream("retry: 3000\n\n"+jobEvent(1, retailq.Queued)),
		hangUp,
		busy,
		stream(jobEvent(1, retailq.Queued)+jobEvent(2, retailq.Running)+cut[:len(cut)-1]),
		stream(jobEvent(3, retailq.Succeeded)+endEvent))
	c, waited := s.client()
	versions, err := watched(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2, 3}, versions)
	require.Equal(t, "1", s.requests()[3].header.Get("Last-Event-ID"))
	require.Equal(t, "2", s.requests()[4].header.Get("Last-Event-ID"))
	require.Equal(t, 3*time.Second, (*waited)[0], "the server says when to come back")
}

// TestWatchEndsWithoutNews: the job had finished before, so that there is nothing to tell after Last-Event-ID.
func TestWatchEndsWithoutNews(t *testing.T) {
	t.Parallel()
	s := serve(t, stream(jobEvent(5, retailq.Cancelling)), stream("retry: 1000\n\n"+endEvent))
	c, _ := s.client()
	versions, err := watched(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []int64{5}, versions)
}

func polled(version int, state retailq.State) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(version)))
		w.Header().Set("Retry-After", "2")
		_, _ = fmt.Fprintf(w, `{"version":%d,"state":%q}`, version, state)
	}
}

func notModified(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }

func TestWatchPollsWhereNothingStreams(t *testing.T) {
	t.Parallel()
	missing := answerProblem(http.StatusNotFound, `{}`)
	page := func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }
	garbled := stream("event: job\ndata: {\n\n")
	for name, first := range map[string]http.HandlerFunc{"missing": missing, "page": page, "garbled": garbled} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, first, polled(1, retailq.Running), notModified, hangUp, polled(2, retailq.Succeeded))
			c, waited := s.client()
			versions, err := watched(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, []int64{1, 2}, versions)
			require.Equal(t, `"1"`, s.requests()[2].header.Get("If-None-Match"))
			require.Equal(t, []time.Duration{2 * time.Second, pollPause}, (*waited)[:2])
		})
	}
}

// TestWatchPollsWhereStreamsAreHeldBack: a proxy that collects the whole answer delivers nothing while the job runs.
func TestWatchPollsWhereStreamsAreHeldBack(t *testing.T) {
	t.Parallel()
	silent := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	s := serve(t, silent, silent, polled(9, retailq.Failed))
	c, _ := s.client()
	c.quiet = 20 * time.Millisecond
	versions, err := watched(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []int64{9}, versions)
}

func TestWatchOfNothing(t *testing.T) {
	t.Parallel()
	missing := answerProblem(http.StatusNotFound, `{"detail":"there is no job","code":"job_not_found"}`)
	s := serve(t, missing, missing)
	c, _ := s.client()
	_, err := watched(t.Context(), c)
	require.ErrorIs(t, err, retailq.ErrNotFound)
	require.EqualError(t, err, "there is no job")
}

func TestWatchGivesUp(t *testing.T) {
	t.Parallel()
	answers := make([]http.HandlerFunc, watchAttempts*sendAttempts)
	for i := range answers {
		answers[i] = busy
	}
	s := serve(t, answers...)
	c, _ := s.client()
	_, err := watched(t.Context(), c)
	require.ErrorIs(t, err, retailq.ErrUnavailable)
	require.Len(t, s.requests(), len(answers))
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		stream(jobEvent(1, retailq.Running))(w, r)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	c, _ := s.client()
	for _, err := range c.Watch(ctx, retailq.ID{1}) {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			return
		}
		cancel()
	}
	t.Fatal("the watch ended without an error")
}

func TestWatchEndsWhenNobodyListens(t *testing.T) {
	t.Parallel()
	s := serve(t, stream(jobEvent(1, retailq.Running)+jobEvent(2, retailq.Running)))
	c, _ := s.client()
	for _, err := range c.Watch(t.Context(), retailq.ID{1}) {
		require.NoError(t, err)
		break
	}
	require.Len(t, s.requests(), 1)
}

func TestReadEvents(t *testing.T) {
	t.Parallel()
	text := ": hello\r\nevent: job\r\ndata: a\r\ndata:b\r\nother: x\r\n\r\n\n\n" +
		"retry: 50\nretry: soon\n\ndata\n\nevent: cut\ndata: off\n"
	var got []event
	for e := range readEvents(strings.NewReader(text)) {
		got = append(got, e)
	}
	require.Equal(t, []event{{name: "job", data: "a\nb"}, {retry: 50 * time.Millisecond}}, got)
	for range readEvents(strings.NewReader(strings.Repeat("x", maxEventLine+1) + "\n\n")) {
		t.Fatal("a line without end is no event")
	}
	require.NotPanics(t, func() {
		for range readEvents(brokenPipe{}) {
			t.Error("nothing was sent")
		}
	})
}

type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error) { return 0, errors.New("broken pipe") }
