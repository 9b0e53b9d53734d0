// Package devstacktest gives tests real servers: [Postgres] a fresh database with the schema of the platform, [Redis]
// a logical database, [Bucket] a bucket, each for one test; [Private] servers of its own to a test that breaks them.
//
// Under command servers, as in `make test`, all test processes share the servers of the run. Without it, each process
// starts those it asks for, at the first call. No TestMain is needed and nothing needs to be running.
package devstacktest
