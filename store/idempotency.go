package store

import (
	"bytes"
	"context"

	"retailq"
)

// Idempotency identifies one request that creates a job, so that its repetition finds that job.
type Idempotency struct {
	// Scope keeps the keys of different callers apart.
	Scope string
	// Key is the caller's; empty means that the request is not idempotent.
	Key string
	// Hash is of everything that decides what is created.
	Hash []byte
}

// Repeated returns the job that an earlier request with the same key created, or a zero ID for a new key. The same key
// with another hash is ErrConflict. A request with the same key that is still under way is waited for.
func (tx *Tx) Repeated(ctx context.Context, i Idempotency) (retailq.ID, error) {
	if i.Key == "" {
		return retailq.ID{}, nil
	}
	if _, err := tx.tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, i.Scope+"\n"+i.Key); err != nil {
		return retailq.ID{}, wrapf(err, "lock idempotency key")
	}
	var job retailq.ID
	var hash []byte
	err := tx.tx.QueryRow(ctx, `SELECT job_id, request_hash FROM idempotency_keys WHERE scope = $1 AND key = $2`,
		i.Scope, i.Key).Scan(&job, &hash)
	if isNoRows(err) {
		return retailq.ID{}, nil
	}
	if err != nil {
		return retailq.ID{}, wrapf(err, "find idempotency key")
	}
	if !bytes.Equal(hash, i.Hash) {
		return retailq.ID{}, retailq.Conflict("idempotency_key_reused",
			"the Idempotency-Key %q was used before with another request", i.Key).
			WithHint("Use a fresh key for each new request; repeat a request only with its own key.")
	}
	return job, nil
}

// Remember keeps what a request with this key created.
func (tx *Tx) Remember(ctx context.Context, i Idempotency, job retailq.ID) error {
	if i.Key == "" {
		return nil
	}
	_, err := tx.tx.Exec(ctx, `
		INSERT INTO idempotency_keys (scope, key, request_hash, job_id) VALUES ($1, $2, $3, $4)`, i.Scope, i.Key, i.Hash, job)
	return wrapf(err, "remember idempotency key")
}
