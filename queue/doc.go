// Package queue delivers jobs and runs them. The ledger (package store) is the truth; Redis is the doorbell: asynq
// carries {job_id, epoch} to a worker, which claims the job in the ledger before it does anything. What Redis loses,
// repeats or delays costs time, never a job.
//
// A [Kind] names a type of job and ties it to its arguments; a [Binding] says what the kind does. [Worker] claims and
// performs, [Dispatcher] does everything that happens because time passed, [Hub] tells watchers what changed. What
// the kinds are is the business of package jobs.
package queue
