package config

import (
	"reflect"
	"strings"
)

// API is what cmd/api is told.
type API struct {
	Server   Server
	Shutdown Shutdown
	Database Database
	Redis    Redis
	S3       S3
	Auth     Auth
	Requests Requests
	Files    Files
	Logs     Logs
	Metrics  Metrics
}

func (c API) check(r *report) {
	// Port 0 stands for another free one each time.
	r.require(c.Metrics.Addr == "" || c.Metrics.Addr != c.Server.Addr || strings.HasSuffix(c.Server.Addr, ":0"),
		"RETAILQ_METRICS_ADDR", "is the address of the API itself: metrics have a listener of their own")
	r.require(c.Requests.MaxBody <= c.Files.MaxUpload,
		"RETAILQ_MAX_BODY", "is more than RETAILQ_MAX_UPLOAD (%s)", c.Files.MaxUpload)
}

// Worker is what cmd/worker is told.
type Worker struct {
	Pool     Pool
	Liveness Liveness
	Shutdown Shutdown
	Imports  Imports
	Files    Files
	Database Database
	Redis    Redis
	S3       S3
	Logs     Logs
	Metrics  Metrics
}

func (c Worker) check(r *report) {
	r.require(c.Database.MaxConns > c.Pool.Concurrency,
		"RETAILQ_DATABASE_MAX_CONNS", "must be more than RETAILQ_WORKER_CONCURRENCY (%d): "+
			"each job holds a connection, and heartbeats need one besides", c.Pool.Concurrency)
}

// Scheduler is what cmd/scheduler is told.
type Scheduler struct {
	Dispatch Dispatch
	Liveness Liveness
	Database Database
	Redis    Redis
	Logs     Logs
	Metrics  Metrics
}

// Migrate is what `retailq migrate` is told.
type Migrate struct {
	Database Database
	S3       S3
	Logs     Logs
}

// Admin is what the CLI's verbs are told that work on the database itself and not through the API: `tenants create`,
// `users create`, `token`.
type Admin struct {
	Database Database
	Auth     Auth
	Logs     Logs
}

// Client is what the CLI's other verbs are told.
type Client struct {
	API  Endpoint
	Logs Logs
}

// Variable is one variable of the environment.
type Variable struct {
	Name string
	// Default is "" for none.
	Default  string
	Required bool
	// Commands lists who reads it, in the order of the structs of this package.
	Commands []string
}

// Variables lists every variable that any command reads, in the order of the commands.
func Variables() []Variable {
	var all []Variable
	index := map[string]int{}
	for _, command := range []struct {
		name     string
		settings reflect.Type
	}{
		{"api", reflect.TypeFor[API]()},
		{"worker", reflect.TypeFor[Worker]()},
		{"scheduler", reflect.TypeFor[Scheduler]()},
		{"migrate", reflect.TypeFor[Migrate]()},
		{"admin", reflect.TypeFor[Admin]()},
		{"client", reflect.TypeFor[Client]()},
	} {
		for _, f := range fieldsOf(command.settings) {
			i, seen := index[f.variable]
			if !seen {
				i = len(all)
				index[f.variable] = i
				all = append(all, Variable{Name: f.variable, Default: f.fallback, Required: f.required})
			}
			all[i].Commands = append(all[i].Commands, command.name)
		}
	}
	return all
}
