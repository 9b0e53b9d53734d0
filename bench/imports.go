package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"time"

	"retailq"
)

// badPercent is the share of rows with something wrong in the platform's files. Only the platform has to find them.
const badPercent = 1

// race is what imports of one size took.
type race struct {
	rows   int
	loaded int64           // rows that both contestants have stored
	first  []time.Duration // retailq, into an empty table
	again  []time.Duration // retailq, the same file once more
	psql   []time.Duration
	memory int64 // highest peak of any worker process, in bytes
}

// race has both contestants import files of the given size in turn, and who begins alternates.
func (b *bench) race(ctx context.Context, rows int) (race, error) {
	r := race{rows: rows}
	ours, err := b.sample(ctx, rows, badPercent)
	if err != nil {
		return r, err
	}
	key, err := b.api.upload(ctx, ours)
	if err != nil {
		return r, err
	}
	theirs := filepath.Join(b.scratch, "peer.csv")
	if err := b.warmUp(ctx, key, theirs); err != nil {
		return r, err
	}
	workers, err := b.course.workers(ctx)
	if err != nil {
		return r, err
	}
	if err := resetPeaks(workers); err != nil {
		return r, err
	}
	turns := []turn{
		func(ctx context.Context) (string, error) { return b.runOurs(ctx, key, &r) },
		func(ctx context.Context) (string, error) { return b.runTheirs(ctx, theirs, &r) },
	}
	for i := range b.repeat {
		if err := b.takeTurns(ctx, turns); err != nil {
			return r, err
		}
		slices.Reverse(turns)
		log.Printf("%d rows, run %d of %d: retailq %v, again %v, psql %v", rows, i+1, b.repeat,
			r.first[i].Round(time.Millisecond), r.again[i].Round(time.Millisecond), r.psql[i].Round(time.Millisecond))
	}
	r.memory, err = highestPeak(workers)
	return r, err
}

// turn is one contestant's run into an empty table. It returns what the table holds then.
type turn func(context.Context) (string, error)

// takeTurns fails if the contestants have not done the same.
func (b *bench) takeTurns(ctx context.Context, turns []turn) error {
	var left []string
	for _, take := range turns {
		if err := b.course.clear(ctx); err != nil {
			return err
		}
		sum, err := take(ctx)
		if err != nil {
			return err
		}
		left = append(left, sum)
	}
	if left[0] != left[1] {
		return fmt.Errorf("the contestants have not done the same: one left %s, the other %s", left[0], left[1])
	}
	return nil
}

// warmUp has both contestants run once off the record, and makes the peer's file of what the platform has stored.
func (b *bench) warmUp(ctx context.Context, key, theirs string) error {
	if err := b.course.clear(ctx); err != nil {
		return err
	}
	if _, err := b.importFile(ctx, key, func(*retailq.Job) {}); err != nil {
		return err
	}
	f, err := os.Create(theirs)
	if err != nil {
		return fmt.Errorf("file of the peer: %w", err)
	}
	if err := errors.Join(b.course.exportRetailers(ctx, f), f.Close()); err != nil {
		return err
	}
	_, err = b.course.runPsql(ctx, theirs)
	return err
}

// runOurs imports the file twice.
func (b *bench) runOurs(ctx context.Context, key string, r *race) (string, error) {
	r.loaded = 0
	for _, took := range []*[]time.Duration{&r.first, &r.again} {
		if err := b.course.checkpoint(ctx); err != nil {
			return "", err
		}
		began := time.Now()
		job, err := b.importFile(ctx, key, func(*retailq.Job) {})
		if err != nil {
			return "", err
		}
		*took = append(*took, time.Since(began))
		r.loaded += job.Counters[retailq.CountCreated]
	}
	return content(ctx, b.course.platform)
}

func (b *bench) runTheirs(ctx context.Context, file string, r *race) (string, error) {
	took, err := b.course.runPsql(ctx, file)
	if err != nil {
		return "", err
	}
	r.psql = append(r.psql, took)
	return content(ctx, b.course.peer)
}

// importFile imports a file that is in the bucket, and returns the job once it has succeeded.
func (b *bench) importFile(ctx context.Context, key string, see func(*retailq.Job)) (*retailq.Job, error) {
	id, err := b.api.startImport(ctx, key)
	if err != nil {
		return nil, err
	}
	job, err := b.api.watch(ctx, id, see)
	if err != nil {
		return nil, err
	}
	if job.State != retailq.Succeeded {
		return nil, fmt.Errorf("import %s ended as %s: %+v", id, job.State, job.Failure)
	}
	return job, nil
}
