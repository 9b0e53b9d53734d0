// Command retailq is how people operate the platform: it runs all of it on one machine (up), prepares databases, makes
// tenants and users, imports files, watches and steers jobs, and checks that everything a deployment needs is there.
//
// Each verb is a file: its help, its options, and a function that does it and knows nothing of cobra. main.go lists the
// verbs. Verbs of operators on the machine (migrate, tenants, users, token) work on the database itself; all others are
// clients of the HTTP API, as anybody could write them.
package main
