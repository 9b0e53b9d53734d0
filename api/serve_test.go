package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStopLetsRequestsFinishAndEndsStreams(t *testing.T) {
	t.Parallel()
	var handler http.Handler
	p := newPlatform(t, func(o *Options) { handler = New(*o) })
	begun, finish := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		if r.Context().Err() != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l := listen(t)
	stopped := make(chan error, 1)
	go func() { stopped <- Serve(ctx, l, mux, time.Minute) }()
	p.url = "http://" + l.Addr().String()

	events, _ := p.watch(t, p.startImport(t).ID, "")
	next(t, events)
	slow := make(chan int, 1)
	req := p.request(t, "", http.MethodGet, "/slow", nil)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			slow <- 0
			return
		}
		_ = resp.Body.Close()
		slow <- resp.StatusCode
	}()
	<-begun
	stop()
	requireEnd(t, events)
	close(finish)
	require.Equal(t, http.StatusOK, <-slow)
	require.NoError(t, <-stopped)
}

func TestStopCutsOffWhatDoesNotFinish(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l := listen(t)
	stopped := make(chan error, 1)
	go func() {
		stopped <- Serve(ctx, l, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			<-r.Context().Done()
		}), time.Millisecond)
	}()
	failed := make(chan error, 1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), http.NoBody)
	require.NoError(t, err)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		failed <- err
	}()
	<-begun
	stop()
	require.NoError(t, <-stopped)
	require.Error(t, <-failed)
}

func TestServeSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	l := listen(t)
	require.NoError(t, l.Close())
	require.ErrorContains(t, Serve(t.Context(), l, http.NotFoundHandler(), time.Second), l.Addr().String())
}
