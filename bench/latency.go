package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"time"

	"retailq"
)

// measureStarts imports a single row again and again on an otherwise idle platform, and returns by the database's clock
// how long each job waited between being written and being claimed by a worker: `created` to `started` in its history.
func (b *bench) measureStarts(ctx context.Context) ([]time.Duration, error) {
	key, err := b.uploadSample(ctx, 1)
	if err != nil {
		return nil, err
	}
	var waits []time.Duration
	for range b.starts {
		// Workers ask for work at fixed intervals, which the end of the last job has set off.
		if err := pause(ctx, rand.N(50*time.Millisecond)); err != nil { //nolint:gosec // no secret
			return nil, err
		}
		job, err := b.importFile(ctx, key, func(*retailq.Job) {})
		if err != nil {
			return nil, err
		}
		var wait time.Duration
		err = b.course.platform.QueryRow(ctx, `
			SELECT min(at) FILTER (WHERE type = 'started') - min(at) FILTER (WHERE type = 'created')
			FROM job_events WHERE job_id = $1`, job.ID.String()).Scan(&wait)
		if err != nil {
			return nil, fmt.Errorf("history of job %s: %w", job.ID, err)
		}
		waits = append(waits, wait)
	}
	log.Printf("enqueue to start, %d jobs: %v", len(waits), summary(waits))
	return waits, nil
}

// watchedRows make a file whose import lasts long enough to be watched.
const watchedRows = 20_000

// measureFirstProgress returns how long after POST was sent the event stream first showed what a job is doing, and
// first showed rows that are done.
func (b *bench) measureFirstProgress(ctx context.Context) (progress, rows []time.Duration, err error) {
	key, err := b.uploadSample(ctx, watchedRows)
	if err != nil {
		return nil, nil, err
	}
	for range b.watched {
		if err := b.course.clear(ctx); err != nil {
			return nil, nil, err
		}
		var seenProgress, seenRows time.Duration
		began := time.Now()
		_, err := b.importFile(ctx, key, func(j *retailq.Job) {
			if seenProgress == 0 && j.State == retailq.Running && j.Progress.Phase != "" {
				seenProgress = time.Since(began)
			}
			if seenRows == 0 && j.Counters[retailq.CountCreated] > 0 {
				seenRows = time.Since(began)
			}
		})
		if err != nil {
			return nil, nil, err
		}
		if seenProgress == 0 || seenRows == 0 {
			return nil, nil, errors.New("an import never showed its phase, or did not count its rows")
		}
		progress, rows = append(progress, seenProgress), append(rows, seenRows)
	}
	log.Printf("after POST, %d imports: first progress %v; first rows %v", len(rows), summary(progress), summary(rows))
	return progress, rows, nil
}

func (b *bench) uploadSample(ctx context.Context, rows int) (string, error) {
	path, err := b.sample(ctx, rows, 0)
	if err != nil {
		return "", err
	}
	return b.api.upload(ctx, path)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
