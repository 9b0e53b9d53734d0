// Package jobs says what each kind of job does. [All] lists every kind on one screen; a new kind is one file beside it
// and one line in it. How jobs are delivered, retried and stopped is the business of package queue; which SQL they
// run is package store's.
package jobs
