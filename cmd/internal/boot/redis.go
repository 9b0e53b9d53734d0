package boot

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"retailq"
	"retailq/config"
)

// openRedis prepares a client that is closed with the service.
func (s *Service) openRedis(cfg config.Redis) (*redis.Client, error) {
	client, err := newRedis(cfg, "retailq-"+s.Name)
	if err != nil {
		return nil, err
	}
	s.closer.add(func() { client.Close() })
	return client, nil
}

// newRedis prepares a client, which connects when it is first used: Redis may be away, now and later.
func newRedis(cfg config.Redis, name string) (*redis.Client, error) {
	opts, err := redis.ParseURL(cfg.URL.Reveal())
	if err != nil {
		return nil, retailq.Invalid("redis_url_invalid", "the Redis URL cannot be read").
			WithHint("Write it as redis://:password@host:6379/0.").Because(err)
	}
	opts.ClientName = name
	opts.ContextTimeoutEnabled = true // else go-redis waits for its own timeouts, whatever deadline the caller has
	sayLess()
	return redis.NewClient(opts), nil
}

// sayLess has go-redis speak through our logs and not print what it does about connections.
var sayLess = sync.OnceFunc(func() { redis.SetLogger(redisLogger{}) })

type redisLogger struct{}

// Printf implements the interface of go-redis.
func (redisLogger) Printf(ctx context.Context, format string, args ...any) {
	slog.DebugContext(ctx, "go-redis", "says", fmt.Sprintf(format, args...))
}

// RedisInfo is what a Redis server says of itself, for diagnosis.
type RedisInfo struct {
	// Version is such as "7.0.15".
	Version string
	// MaxMemory is the limit in bytes, 0 for none. Policy is what Redis does at the limit, such as "noeviction".
	MaxMemory int64
	Policy    string
	// AppendOnly reports whether Redis keeps a log on disk of what it was told.
	AppendOnly bool
}

const redisTimeout = 3 * time.Second

// InspectRedis asks a Redis server about itself. It returns ErrUnavailable if nothing answers.
func InspectRedis(ctx context.Context, cfg config.Redis) (RedisInfo, error) {
	client, err := newRedis(cfg, "retailq-doctor")
	if err != nil {
		return RedisInfo{}, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	// INFO tells all of it, and is allowed where CONFIG is not, as on managed servers.
	text, err := client.Info(ctx, "server", "memory", "persistence").Result()
	if err != nil {
		return RedisInfo{}, retailq.Unavailable("redis", err)
	}
	fields := infoFields(text)
	limit, _ := strconv.ParseInt(fields["maxmemory"], 10, 64)
	return RedisInfo{
		Version: fields["redis_version"], MaxMemory: limit, Policy: fields["maxmemory_policy"],
		AppendOnly: fields["aof_enabled"] == "1",
	}, nil
}

// infoFields reads the lines "name:value" of an answer to INFO.
func infoFields(text string) map[string]string {
	fields := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), ":"); found {
			fields[name] = value
		}
	}
	return fields
}
