// Package ops holds the verbs of the platform: what an administrator, an operator or a program may ask for, whether
// through the API, the CLI or the console. Each verb checks that the caller may, does its work in the ledger, and
// rings. It owns who may do what ([Allowed]) and the tokens that prove it ([Tokens]); HTTP and terminals are the
// business of its callers.
package ops
