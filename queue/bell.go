package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"retailq"
)

const (
	taskType = "retailq:job"
	// changes is the channel on which the ids of changed jobs are announced.
	changes = "retailq:changes"
	// markerKey exists as long as Redis remembers what it was told.
	markerKey = "retailq:marker"
	// taskTimeout bounds a delivery, not a job: asynq would otherwise end it after 30 minutes.
	taskTimeout = 7 * 24 * time.Hour
	// ringTimeout bounds how long somebody who has just committed waits for Redis.
	ringTimeout = 2 * time.Second
)

// Bell rings workers through Redis and announces changes. Neither is needed for anything but speed: what is not heard
// is found in the ledger.
type Bell struct {
	redis     redis.UniversalClient
	client    *asynq.Client
	inspector *asynq.Inspector
}

// NewBell returns a bell on a Redis client, which stays the caller's to close.
func NewBell(client redis.UniversalClient) *Bell {
	return &Bell{
		redis: client, client: asynq.NewClientFromRedisClient(client), inspector: asynq.NewInspectorFromRedisClient(client),
	}
}

// Ring delivers to whichever worker is free first. A failure is logged and otherwise harmless: the dispatcher rings
// again for jobs that nobody came for.
func (b *Bell) Ring(ctx context.Context, deliveries ...retailq.Delivery) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ringTimeout)
	defer cancel()
	for _, d := range deliveries {
		err := b.enqueue(ctx, d, taskID(d))
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			slog.WarnContext(ctx, "ring failed; the dispatcher will ring again", "job_id", d.JobID, "err", err)
			return
		}
	}
}

// RingAgain delivers jobs that were rung for before and not claimed. A delivery that still waits in Redis is left
// alone; one that somebody took and did not claim is replaced.
func (b *Bell) RingAgain(ctx context.Context, deliveries ...retailq.Delivery) error {
	for _, d := range deliveries {
		err := b.enqueue(ctx, d, taskID(d))
		if errors.Is(err, asynq.ErrTaskIDConflict) && b.taken(d) {
			err = b.enqueue(ctx, d, taskID(d)+":"+strconv.FormatInt(time.Now().Unix(), 36))
		}
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			return retailq.Unavailable("redis", err)
		}
	}
	return nil
}

func (b *Bell) enqueue(ctx context.Context, d retailq.Delivery, id string) error {
	payload, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode delivery: %w", err)
	}
	// asynq counts no attempts of ours (see Worker), so the number of retries only has to be out of reach: a task that
	// ran out of them would be kept as dead and block its id.
	_, err = b.client.EnqueueContext(ctx, asynq.NewTask(taskType, payload), asynq.TaskID(id), asynq.Queue(d.Queue),
		asynq.MaxRetry(1<<20), asynq.Timeout(taskTimeout))
	return err
}

// taken reports whether the delivery is in the hands of a worker, or dead.
func (b *Bell) taken(d retailq.Delivery) bool {
	info, err := b.inspector.GetTaskInfo(d.Queue, taskID(d))
	if err != nil {
		return false
	}
	return info.State == asynq.TaskStateActive || info.State == asynq.TaskStateArchived ||
		info.State == asynq.TaskStateCompleted
}

func taskID(d retailq.Delivery) string {
	return d.JobID.String() + ":" + strconv.FormatInt(d.Epoch, 10)
}

// Announce tells workers and watchers that jobs have changed.
func (b *Bell) Announce(ctx context.Context, jobs ...retailq.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ringTimeout)
	defer cancel()
	for _, id := range jobs {
		if id.IsZero() {
			continue
		}
		if err := b.redis.Publish(ctx, changes, id.String()).Err(); err != nil {
			slog.WarnContext(ctx, "announcement failed; watchers will poll", "job_id", id, "err", err)
			return
		}
	}
}

// ringAll rings for what a change of job made ready, and announces it.
func (b *Bell) ringAll(ctx context.Context, job *retailq.Job, deliveries []retailq.Delivery) {
	b.Ring(ctx, deliveries...)
	b.Announce(ctx, job.ID, job.ParentID)
}

// Changes returns the ids of changed jobs, as they are announced, until ctx ends. After a lost connection it resumes by
// itself; what was announced meanwhile is lost.
func (b *Bell) Changes(ctx context.Context) <-chan retailq.ID {
	out := make(chan retailq.ID, 64)
	sub := b.redis.Subscribe(ctx, changes)
	go func() {
		defer close(out)
		defer sub.Close()
		messages := sub.Channel()
		for {
			select {
			case <-ctx.Done():
				return
			case m, ok := <-messages:
				if !ok {
					return
				}
				id, err := retailq.ParseID(m.Payload)
				if err != nil {
					continue
				}
				select {
				case out <- id:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out
}

// Remembers reports whether Redis still knows what it was told before: it was not emptied since Mark.
func (b *Bell) Remembers(ctx context.Context) (bool, error) {
	n, err := b.redis.Exists(ctx, markerKey).Result()
	if err != nil {
		return true, retailq.Unavailable("redis", err)
	}
	return n > 0, nil
}

// Mark makes Redis remember from now on.
func (b *Bell) Mark(ctx context.Context) error {
	if err := b.redis.Set(ctx, markerKey, time.Now().UTC().Format(time.RFC3339), 0).Err(); err != nil {
		return retailq.Unavailable("redis", err)
	}
	return nil
}

// Ping checks that Redis answers.
func (b *Bell) Ping(ctx context.Context) error {
	if err := b.redis.Ping(ctx).Err(); err != nil {
		return retailq.Unavailable("redis", err)
	}
	return nil
}
