// Package boot turns settings into running programs: it opens what they need (logs, pools, Redis, the bucket), wires it
// together, serves until told to stop, and closes everything in the reverse order. What the programs do is the business
// of packages api, queue and jobs.
//
// [API], [Worker] and [Scheduler] return a [Service], which tests start too, with port 0. [Main] is all that a main
// function has to call.
package boot
