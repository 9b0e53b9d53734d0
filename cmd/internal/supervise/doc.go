// Package supervise runs programs as children of this process: it restarts one that dies, and sees to it that none
// outlives this process, however that ends. It knows nothing of what the programs do. Servers that must not be
// restarted behind anybody's back, such as databases, are the business of internal/devstack.
package supervise
