package queue

import (
	"context"
	"log/slog"
	"time"

	"retailq"
	"retailq/store"
)

const (
	// beatPause is the least time between two heartbeats, however often they are asked for ahead of time.
	beatPause = 100 * time.Millisecond
	// beatTimeout bounds a heartbeat and what follows from it: one that hangs must not keep the next one waiting.
	beatTimeout = 2 * time.Second
)

// heartbeats shows the ledger that the process lives, and obeys what it learns in return.
func (w *Worker) heartbeats(ctx context.Context) {
	ticker := time.NewTicker(w.opts.Heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-w.beat:
		}
		if err := w.heartbeat(ctx); err != nil {
			slog.WarnContext(ctx, "heartbeat failed", "worker_id", w.self.ID, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(beatPause):
		}
	}
}

func (w *Worker) heartbeat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beatTimeout)
	defer cancel()
	self := w.self
	select {
	case <-w.quit:
		self.Draining = true
	default:
	}
	asked := time.Now()
	held, err := w.ledger.Beat(ctx, self)
	if err != nil {
		return err
	}
	for _, stray := range w.attempts.reconcile(asked, held) {
		w.handBack(ctx, stray)
	}
	return nil
}

// handBack returns a job that is ours in the ledger only: the answer to its claim was lost.
func (w *Worker) handBack(ctx context.Context, f retailq.Fence) {
	deliveries, err := w.ledger.End(ctx, f, func(*store.Tx) (store.Ending, error) {
		return store.HandedBack("handed back"), nil
	})
	if err != nil {
		slog.WarnContext(ctx, "stray job cannot be handed back", "job_id", f.JobID, "err", err)
		return
	}
	w.bell.Ring(ctx, deliveries...)
}

// listen brings the next heartbeat forward when a job at hand has changed, so that wishes arrive at once.
func (w *Worker) listen(ctx context.Context) {
	for id := range w.bell.Changes(ctx) {
		if !w.attempts.concerns(id) {
			continue
		}
		select {
		case w.beat <- struct{}{}:
		default: // one is asked for already
		}
	}
}

// asynqLogger passes asynq's messages on; what it says is for operators.
type asynqLogger struct{}

// Debug passes on what asynq finds of interest to those who develop it.
func (asynqLogger) Debug(args ...any) { slog.Debug("asynq", "says", args) }

// Info passes on what asynq tells at its start and end, which the worker tells itself.
func (asynqLogger) Info(args ...any) { slog.Debug("asynq", "says", args) }

// Warn passes on a warning.
func (asynqLogger) Warn(args ...any) { slog.Warn("asynq", "says", args) }

// Error passes on an error; asynq repeats what failed.
func (asynqLogger) Error(args ...any) { slog.Warn("asynq", "says", args) }

// Fatal passes on an error that asynq does not survive.
func (asynqLogger) Fatal(args ...any) { slog.Error("asynq", "says", args) }
