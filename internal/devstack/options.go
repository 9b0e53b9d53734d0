package devstack

import "slices"

// Part names one server of a stack.
type Part string

// The parts of a stack.
const (
	PartPostgres Part = "postgres"
	PartRedis    Part = "redis"
	PartS3       Part = "s3"
)

// Options say what to start, and where.
type Options struct {
	// Dir keeps data, logs, ports and secrets; it is made if missing. Only one process at a time can use it. Empty
	// means a temporary directory that Stop removes.
	Dir string
	// Durable makes Postgres and Redis wait for the disk as they would in production. Without it a crash of the
	// machine (not of a server) can lose or corrupt the data, and tests are several times faster.
	Durable bool
	// Parts lists what to start. Empty means all three.
	Parts []Part
	// S3Program is the path of a program that imports package s3server; see [s3server.Program]. It is required with
	// PartS3: the server is linked only into programs that ask for it, as it brings sixty modules along.
	S3Program string
	// BinDirs are searched for the programs of Postgres and Redis instead of the usual places and PATH.
	BinDirs []string
}

func (o Options) has(p Part) bool {
	return len(o.Parts) == 0 || slices.Contains(o.Parts, p)
}

// Addresses is where the servers of a stack are reached. What was not started is empty.
type Addresses struct {
	// DatabaseURL names an empty database, "retailq", and a superuser of the server.
	DatabaseURL string `json:"database_url,omitempty"`
	RedisURL    string `json:"redis_url,omitempty"`
	S3          S3     `json:"s3,omitzero"`
}

// S3 is a bucket and the credentials that own it.
type S3 struct {
	// Endpoint is the address of the server, such as http://127.0.0.1:14500. Buckets are addressed by path.
	Endpoint  string `json:"endpoint"`
	Region    string `json:"region"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	Bucket    string `json:"bucket"`
}
