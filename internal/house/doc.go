// Package house keeps the rules of the code base that the compiler does not know: which package may import which,
// where each third-party client lives, who may read the environment. It has no code to import, only tests; the rules
// themselves are the tables of table_test.go, one line each.
package house
