package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"retailq"
	"retailq/cmd/internal/boot"
	"retailq/config"
	"retailq/storage"
	"retailq/store"
)

// What the platform needs at least.
const (
	oldestPostgres = 15 // the oldest that the tests run on
	maxSkew        = 2 * time.Second
)

func checkDatabase(ctx context.Context, env *environment) []finding {
	const reach = "database"
	settings, err := config.Load[databaseSettings](env.environ)
	if err != nil {
		return []finding{failed(reach, err)}
	}
	url := settings.Database.URL.Reveal()
	db, err := store.Open(ctx, url, store.Options{MaxConns: 2, Name: "retailq doctor"})
	if err != nil {
		f := failed(reach, err)
		if f.Hint == "" {
			f.Hint = "See that Postgres runs, and that RETAILQ_DATABASE_URL has its address, user and password."
		}
		return []finding{f}
	}
	defer db.Close()
	asked := time.Now()
	server, err := db.Server(ctx)
	if err != nil {
		return []finding{failed(reach, err)}
	}
	middle := asked.Add(time.Since(asked) / 2)
	return []finding{
		checkPostgresVersion(reach, server),
		checkTrigrams(server),
		checkSchema(ctx, url),
		checkClock(server.Now.Sub(middle)),
	}
}

func checkPostgresVersion(check string, server store.ServerInfo) finding {
	if server.Major < oldestPostgres {
		return finding{check, fail, "PostgreSQL " + server.Version + " is too old",
			fmt.Sprintf("Upgrade to PostgreSQL %d or later.", oldestPostgres)}
	}
	return finding{Check: check, Verdict: ok, Detail: "PostgreSQL " + server.Version}
}

func checkTrigrams(server store.ServerInfo) finding {
	if !server.Trigrams {
		return finding{"database extensions", fail, "pg_trgm is not installed on the server",
			"Install the package postgresql-contrib there."}
	}
	return finding{Check: "database extensions", Verdict: ok, Detail: "pg_trgm"}
}

func checkSchema(ctx context.Context, url string) finding {
	if err := store.CheckSchema(ctx, url); err != nil {
		return failed("database schema", err)
	}
	return finding{Check: "database schema", Verdict: ok, Detail: "up to date"}
}

func checkClock(skew time.Duration) finding {
	if skew.Abs() > maxSkew {
		detail := fmt.Sprintf("the database's clock is %s off this machine's", skew.Round(time.Millisecond))
		return finding{"clock", warn, detail,
			"Synchronize both with a time server: tokens and presigned addresses expire by the clock."}
	}
	return finding{Check: "clock", Verdict: ok, Detail: "agrees with the database's"}
}

func checkRedis(ctx context.Context, env *environment) []finding {
	const reach = "redis"
	settings, err := config.Load[struct{ Redis config.Redis }](env.environ)
	if err != nil {
		return []finding{failed(reach, err)}
	}
	info, err := boot.InspectRedis(ctx, settings.Redis)
	if err != nil {
		f := failed(reach, err)
		if f.Hint == "" {
			f.Hint = "See that Redis runs, and that RETAILQ_REDIS_URL has its address and password."
		}
		return []finding{f}
	}
	return []finding{checkRedisVersion(reach, info), checkEviction(info), checkAppendOnly(info)}
}

func checkRedisVersion(check string, info boot.RedisInfo) finding {
	var major, minor int
	_, err := fmt.Sscanf(info.Version, "%d.%d", &major, &minor)
	if err != nil || major < 6 || major == 6 && minor < 2 {
		return finding{check, fail, fmt.Sprintf("Redis %q is too old", info.Version), "Upgrade to Redis 6.2 or later."}
	}
	return finding{Check: check, Verdict: ok, Detail: "Redis " + info.Version}
}

func checkEviction(info boot.RedisInfo) finding {
	const check, policy = "redis eviction", "noeviction"
	if info.Policy == policy {
		return finding{Check: check, Verdict: ok, Detail: policy}
	}
	f := finding{check, warn, "maxmemory-policy is " + info.Policy, "Set maxmemory-policy to noeviction."}
	if info.MaxMemory > 0 {
		f.Verdict = fail
		f.Detail += fmt.Sprintf(": at %d bytes Redis drops deliveries and leases", info.MaxMemory)
	}
	return f
}

func checkAppendOnly(info boot.RedisInfo) finding {
	const check = "redis persistence"
	if info.AppendOnly {
		return finding{Check: check, Verdict: ok, Detail: "append-only file"}
	}
	return finding{check, warn, "no append-only file: after a restart, queued jobs wait until they are rung for again",
		"Set appendonly to yes."}
}

func checkStorage(ctx context.Context, env *environment) []finding {
	const reach, write = "storage", "storage write"
	settings, err := config.Load[struct{ S3 config.S3 }](env.environ)
	if err != nil {
		return []finding{failed(reach, err)}
	}
	bucket, err := boot.OpenBucket(ctx, settings.S3)
	if err != nil {
		return []finding{failed(reach, err)}
	}
	if err := bucket.Ping(ctx); err != nil {
		f := failed(reach, err)
		if f.Hint == "" {
			f.Hint = "Run: retailq migrate up"
		}
		return []finding{f}
	}
	reached := finding{Check: reach, Verdict: ok, Detail: "bucket " + bucket.Name()}
	if err := writeProbe(ctx, bucket); err != nil {
		return []finding{reached, failed(write, err)}
	}
	return []finding{reached, {Check: write, Verdict: ok, Detail: "an object can be written and removed"}}
}

// writeProbe writes an object of the platform's own and removes it again.
func writeProbe(ctx context.Context, bucket *storage.Bucket) error {
	const text = "retailq doctor"
	key := storage.Key(retailq.ID{}, "doctor", retailq.NewID().String())
	_, err := bucket.Put(ctx, key, bytes.NewReader([]byte(text)), int64(len(text)), "text/plain")
	return errors.Join(err, bucket.Delete(ctx, key))
}
