package client

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// sendAttempts is how often a request is made at most: with the pauses in between, for three seconds.
	sendAttempts = 5
	firstPause   = 200 * time.Millisecond
	// maxPause bounds what a server can ask for.
	maxPause = 30 * time.Second
	// longestBackoff bounds what the client waits of its own accord.
	longestBackoff = 5 * time.Second
)

// pauser waits for a while, or until the context ends, whose error it then returns.
type pauser func(context.Context, time.Duration) error

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// backoff is the pause behind the n-th attempt, from 1: it doubles, and half of it is random, so that clients that
// failed together do not come back together.
func backoff(n int) time.Duration {
	full := longestBackoff
	if n < 8 {
		full = min(firstPause<<(n-1), longestBackoff)
	}
	return full/2 + rand.N(full/2) //nolint:gosec // nothing to guess
}
