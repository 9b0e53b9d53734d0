// Package obs is how a process tells what it does: log lines that carry the ids of the request, job, tenant and trace
// they belong to, and metrics on a listener of their own. It measures and prints; what is worth saying is up to the
// packages that call it.
package obs
