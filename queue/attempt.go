package queue

import (
	"context"
	"sync"
	"time"

	"retailq"
	"retailq/store"
)

// stopGrace is how long an attempt that should stop may go on to its next border before its context ends.
const stopGrace = time.Second

// strayAfter is how long the ledger may call a job ours that we do not know, before we hand it back. It is far longer
// than the answer to a claim takes, and far shorter than it takes to be thought dead.
const strayAfter = 2 * time.Second

// attempt is a job in this process's hands.
type attempt struct {
	fence    retailq.Fence
	claimed  time.Time
	cancel   context.CancelCauseFunc
	stopping chan struct{}
	stopOnce sync.Once
}

// stop asks the attempt to come to its next border, and ends it after the grace. What becomes of the job then is for
// the ledger to say.
func (a *attempt) stop(grace time.Duration) {
	a.stopOnce.Do(func() {
		close(a.stopping)
		time.AfterFunc(grace, func() { a.cancel(context.Canceled) })
	})
}

func (a *attempt) interrupted() bool {
	select {
	case <-a.stopping:
		return true
	default:
		return false
	}
}

// attempts are those of one process, by job.
type attempts struct {
	mu sync.Mutex
	by map[retailq.ID]*attempt
	// strays are jobs that the ledger says we hold and we do not know, with the moment at which we learnt of them: their
	// claim is being answered, or the answer got lost.
	strays map[retailq.Fence]time.Time
}

func (as *attempts) add(a *attempt) {
	as.mu.Lock()
	defer as.mu.Unlock()
	as.by[a.fence.JobID] = a
}

func (as *attempts) remove(a *attempt) {
	as.mu.Lock()
	defer as.mu.Unlock()
	if as.by[a.fence.JobID] == a {
		delete(as.by, a.fence.JobID)
	}
}

func (as *attempts) stopAll(grace time.Duration) {
	as.mu.Lock()
	defer as.mu.Unlock()
	for _, a := range as.by {
		a.stop(grace)
	}
}

// concerns reports whether a change of the job is news for an attempt: of the job itself, or of a child of it.
func (as *attempts) concerns(job retailq.ID) bool {
	as.mu.Lock()
	defer as.mu.Unlock()
	if _, mine := as.by[job]; mine {
		return true
	}
	for _, a := range as.by {
		if a.fence.ParentID == job {
			return true
		}
	}
	return false
}

// reconcile compares what the ledger said at the moment asked with what this process does: it passes wishes on, ends
// attempts whose job was taken away, and returns jobs that we hold without knowing.
func (as *attempts) reconcile(asked time.Time, held []store.Held) (strays []retailq.Fence) {
	as.mu.Lock()
	defer as.mu.Unlock()
	known := make(map[retailq.ID]int64, len(held))
	unknown := map[retailq.Fence]time.Time{}
	for _, h := range held {
		known[h.JobID] = h.Epoch
		a, mine := as.by[h.JobID]
		since, seen := as.strays[h.Fence]
		switch {
		case !mine && !seen:
			unknown[h.Fence] = asked
		case !mine:
			unknown[h.Fence] = since
			if asked.Sub(since) >= strayAfter {
				strays = append(strays, h.Fence)
			}
		case h.Wish != retailq.NoWish:
			a.stop(stopGrace)
		}
	}
	as.strays = unknown
	for id, a := range as.by {
		if epoch, ours := known[id]; (!ours || epoch != a.fence.Epoch) && a.claimed.Before(asked) {
			a.cancel(retailq.ErrFenced)
		}
	}
	return strays
}
