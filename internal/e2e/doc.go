// Package e2e tests the whole platform as it is deployed: api, scheduler and workers are processes built from cmd/,
// the servers are real, and everything goes through the HTTP API. The tests then do to it what happens to platforms:
// they kill workers in the middle of a chunk, freeze them, empty Redis, deliver everything several times, and steer
// running jobs. Whatever happened, the table, the counters and the report must be those of an undisturbed run.
//
// A test takes a [platform] with newPlatform, imports a [sample] that knows its own outcome, and compares. Nothing
// here sleeps: tests wait for the event stream, for the ledger, for locks in Postgres, or for lines of a log.
package e2e
