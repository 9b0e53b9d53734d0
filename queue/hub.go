package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"retailq"
	"retailq/store"
)

const (
	// hubPause is the least time between two looks into the ledger: however often a job changes and however many
	// watch it, it is read ten times a second at most.
	hubPause = 100 * time.Millisecond
	// hubPoll is how often every watched job is looked at in case an announcement was lost.
	hubPoll = time.Second
)

// Hub tells watchers how jobs change. Announcements say only which job to look at; what watchers see is read from the
// ledger, once for all of them. Without Redis they see the same, a second later.
type Hub struct {
	ledger *store.Ledger
	bell   *Bell

	mu      sync.Mutex
	watched map[retailq.ID]map[*Watch]bool
	changed map[retailq.ID]bool
	wake    chan struct{}
}

// NewHub returns a hub; Run makes it work.
func NewHub(db *store.DB, bell *Bell) *Hub {
	return &Hub{
		ledger: db.Ledger(), bell: bell, watched: map[retailq.ID]map[*Watch]bool{},
		changed: map[retailq.ID]bool{}, wake: make(chan struct{}, 1),
	}
}

// Watch is one watcher of one job.
type Watch struct {
	// Changes yields the job after each change. A watcher that is slow misses what came in between, never the last.
	Changes <-chan *retailq.Job

	changes chan *retailq.Job
	version int64
	hub     *Hub
	id      retailq.ID
}

// Watch starts watching a job for changes later than the given version. The caller must Close the watch.
func (h *Hub) Watch(id retailq.ID, version int64) *Watch {
	w := &Watch{changes: make(chan *retailq.Job, 1), version: version, hub: h, id: id}
	w.Changes = w.changes
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watched[id] == nil {
		h.watched[id] = map[*Watch]bool{}
	}
	h.watched[id][w] = true
	h.touch(id)
	return w
}

// Close ends the watch.
func (w *Watch) Close() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	delete(w.hub.watched[w.id], w)
	if len(w.hub.watched[w.id]) == 0 {
		delete(w.hub.watched, w.id)
	}
}

// Run serves watchers until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	go func() {
		for id := range h.bell.Changes(ctx) {
			h.mu.Lock()
			if h.watched[id] != nil {
				h.touch(id)
			}
			h.mu.Unlock()
		}
	}()
	poll := time.NewTicker(hubPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
			h.touchAll()
		case <-h.wake:
		}
		if err := h.look(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "watched jobs cannot be read", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(hubPause):
		}
	}
}

// touch notes, under the lock, that a job is worth a look.
func (h *Hub) touch(id retailq.ID) {
	h.changed[id] = true
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *Hub) touchAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.watched {
		h.changed[id] = true
	}
}

// look reads the jobs that may have changed and passes them on.
func (h *Hub) look(ctx context.Context) error {
	h.mu.Lock()
	ids := make([]retailq.ID, 0, len(h.changed))
	for id := range h.changed {
		if h.watched[id] != nil {
			ids = append(ids, id)
		}
	}
	clear(h.changed)
	h.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	jobs, err := h.ledger.JobsByID(ctx, ids)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, job := range jobs {
		for w := range h.watched[job.ID] {
			w.offer(job)
		}
	}
	return nil
}

// offer replaces what the watcher has not taken yet.
func (w *Watch) offer(job *retailq.Job) {
	if job.Version <= w.version {
		return
	}
	w.version = job.Version
	select {
	case <-w.changes:
	default:
	}
	w.changes <- job
}
