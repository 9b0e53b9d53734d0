// Package devstack starts a private Postgres, Redis and S3 server on this machine, for `retailq up` and for tests.
//
// [Start] runs the installed programs on free loopback ports and keeps everything they write under one directory.
// Ports and secrets are kept there too, so that the next start on that directory has the same addresses and data.
// The servers end with [Stack.Stop]. On Linux the kernel ends them if this process is killed; elsewhere, and as a
// second line, a start first ends whatever an earlier one left running on its directory.
//
// Nothing here is part of the platform: programs that serve take addresses from their configuration and never import
// this package. As a tool beside the platform it talks to the servers with pgx and the AWS SDK directly, to create
// the database and the bucket. Tests get their databases, keyspaces and buckets from package devstacktest.
package devstack
