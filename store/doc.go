// Package store owns Postgres: the pool, the migrations and every SQL statement of the platform.
//
// It has two halves. The [Ledger] is the truth about work: jobs, their attempts and their history. [Tenant] handles
// reach business data; there is no way to ask for a retailer without naming whose it is. Both take part in one
// transaction through [Tx], which is how data and the checkpoint that covers it commit together.
//
// What the data means is decided elsewhere: package queue runs jobs, package jobs says what each kind does.
package store
