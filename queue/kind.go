package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"retailq"
	"retailq/internal/obs"
	"retailq/store"
)

// The queues, by how soon their jobs should start. A worker with several to choose from takes them in the ratio of
// these weights, so that none starves.
const (
	Interactive = "interactive" // somebody is waiting for it
	Default     = "default"
	Bulk        = "bulk" // the bulk of long work, such as an import's chunks
	Maintenance = "maintenance"
)

var weights = map[string]int{Interactive: 8, Default: 6, Bulk: 3, Maintenance: 1}

// Kind is the contract of a type of job: its name, its arguments' type and how it is delivered. The zero A must be a
// safe default.
type Kind[A any] struct {
	// Name is stored with every job: "retailer.import".
	Name string
	// Queue is one of the constants above.
	Queue string
	// MaxAttempts is how many attempts may fail before the job has, at least 1. Interrupted attempts do not count.
	MaxAttempts int
	// Backoff is the delay behind a failed attempt.
	Backoff Backoff
}

// New describes a job of the kind, for [store.Tx.CreateJob]. Its attempts belong to the trace of ctx.
func (k Kind[A]) New(ctx context.Context, tenant retailq.ID, args A, createdBy string) store.NewJob {
	return store.NewJob{
		Trace:    obs.TraceOf(ctx).String(),
		TenantID: tenant, Kind: k.Name, Queue: k.Queue, Args: args, MaxAttempts: k.MaxAttempts, CreatedBy: createdBy,
	}
}

// Backoff grows exponentially from First to Max. A First of 0 is 2 s, a Max of 0 is 5 min or First if that is longer.
type Backoff struct{ First, Max time.Duration }

// Delay is how long to wait behind the n-th failed attempt, counted from 1: half of it fixed and half of it random, so
// that jobs that failed together do not come back together.
func (b Backoff) Delay(n int) time.Duration {
	first, longest := b.First, b.Max
	if first <= 0 {
		first = 2 * time.Second
	}
	if longest <= 0 {
		longest = max(first, 5*time.Minute)
	}
	delay := longest
	if n = max(n, 1); n < 32 && first < longest>>(n-1) {
		delay = first << (n - 1)
	}
	return delay/2 + rand.N(delay/2+1) //nolint:gosec // to spread, not to keep secret
}

// Binding is a kind together with what it does.
type Binding struct {
	Name    string
	Queue   string
	backoff Backoff
	perform func(context.Context, *Run) error
	finish  func(context.Context, *Run) error
}

// Bind ties a kind to the function that performs it. A nil error is success, unless the function ended the job
// itself; see [Run].
func Bind[A any](k Kind[A], perform func(context.Context, *Run, A) error) Binding {
	return Binding{Name: k.Name, Queue: k.Queue, backoff: k.Backoff, perform: withArgs(k, perform)}
}

// BindParent ties a kind whose perform hands the rest of its work to children, with [Run.Spawn], to the function that
// finishes the job once the last child has ended, however they did.
func BindParent[A any](k Kind[A], perform, finish func(context.Context, *Run, A) error) Binding {
	b := Bind(k, perform)
	b.finish = withArgs(k, finish)
	return b
}

func withArgs[A any](k Kind[A], do func(context.Context, *Run, A) error) func(context.Context, *Run) error {
	return func(ctx context.Context, r *Run) error {
		var args A
		if err := json.Unmarshal(r.Job.Args, &args); err != nil {
			return retailq.Invalid("args_invalid", "the arguments of %s job %s cannot be read", k.Name, r.Job.ID).Because(err)
		}
		return do(ctx, r, args)
	}
}

// bindingsByName indexes bindings, refusing two of one name: a job would go to either.
func bindingsByName(list []Binding) (map[string]Binding, error) {
	byName := make(map[string]Binding, len(list))
	for _, b := range list {
		if _, taken := byName[b.Name]; taken {
			return nil, fmt.Errorf("two bindings of kind %s", b.Name)
		}
		if _, known := weights[b.Queue]; !known {
			return nil, fmt.Errorf("kind %s: no queue %q", b.Name, b.Queue)
		}
		byName[b.Name] = b
	}
	return byName, nil
}
