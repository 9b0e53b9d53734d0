// Package retailq is the vocabulary of the platform: its nouns, their states and the kinds of
// error that every other package speaks of. It holds no behaviour beyond what those words mean
// and imports nothing but the standard library, so that any package may import it.
//
// Start with [Job], the durable unit of work, and [Error], what callers are told when something
// is wrong. docs/architecture.md draws how the packages fit together.
package retailq
