package ops

import (
	"context"

	"retailq"
	"retailq/store"
)

// Job returns a job that the principal may see.
func (o *Ops) Job(ctx context.Context, p retailq.Principal, id retailq.ID) (*retailq.Job, error) {
	if err := mayIn(p, ReadJobs); err != nil {
		return nil, err
	}
	if p.TenantID.IsZero() {
		return o.ledger.Job(ctx, id)
	}
	return o.db.Tenant(p.TenantID).Job(ctx, id)
}

// Jobs lists jobs that the principal may see, newest first. The filter's tenant is the principal's.
func (o *Ops) Jobs(
	ctx context.Context, p retailq.Principal, f store.JobFilter, page store.Page,
) ([]*retailq.Job, error) {
	if err := mayIn(p, ReadJobs); err != nil {
		return nil, err
	}
	f.TenantID = p.TenantID
	return o.ledger.Jobs(ctx, f, page)
}

// JobEvents returns the history of a job that the principal may see, oldest first, from behind the event after.
func (o *Ops) JobEvents(
	ctx context.Context, p retailq.Principal, id retailq.ID, after int64, limit int,
) ([]retailq.JobEvent, error) {
	if _, err := o.Job(ctx, p, id); err != nil {
		return nil, err
	}
	return o.ledger.Events(ctx, id, after, limit)
}

// Pause asks for a job to stop at its next border of work until it is resumed.
func (o *Ops) Pause(ctx context.Context, p retailq.Principal, id retailq.ID, reason string) (*retailq.Job, error) {
	return o.steer(ctx, p, id, reason, o.ledger.Pause)
}

// Resume takes back a pause.
func (o *Ops) Resume(ctx context.Context, p retailq.Principal, id retailq.ID, reason string) (*retailq.Job, error) {
	return o.steer(ctx, p, id, reason, o.ledger.Resume)
}

// Cancel asks for a job to end at its next border of work. What it has done by then stays.
func (o *Ops) Cancel(ctx context.Context, p retailq.Principal, id retailq.ID, reason string) (*retailq.Job, error) {
	return o.steer(ctx, p, id, reason, o.ledger.Cancel)
}

// Requeue runs a finished job again: only what is not done.
func (o *Ops) Requeue(ctx context.Context, p retailq.Principal, id retailq.ID, reason string) (*retailq.Job, error) {
	return o.steer(ctx, p, id, reason, o.ledger.Requeue)
}

// steer applies a verb of the ledger, rings for what it made ready, and returns the job as it is then.
func (o *Ops) steer(
	ctx context.Context, p retailq.Principal, id retailq.ID, reason string,
	verb func(context.Context, store.Order) ([]retailq.Delivery, error),
) (*retailq.Job, error) {
	if err := mayIn(p, SteerJobs); err != nil {
		return nil, err
	}
	deliveries, err := verb(ctx, store.Order{JobID: id, TenantID: p.TenantID, Actor: p.Actor(), Reason: reason})
	if err != nil {
		return nil, err
	}
	o.bell.Ring(ctx, deliveries...)
	o.bell.Announce(ctx, id)
	return o.Job(ctx, p, id)
}
