// Package api serves the platform over HTTP. It translates: requests into the verbs of package ops, results into JSON,
// errors into problem details (RFC 9457). It decides nothing else: who may do what is in ops, what a job does in jobs.
//
// routes.go lists everything that can be asked; each noun has a file. openapi.yaml is the contract, and every test
// holds the server to it. [New] returns the handler, [Serve] serves it until told to stop.
package api
