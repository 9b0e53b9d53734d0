package devstacktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis returns the URL of a logical database for this test alone, empty at its start and emptied at its end. The
// server is shared: do not FLUSHALL or restart it; [Private] is for that. Pub/sub channels are shared between logical
// databases: a test that publishes must use names of its own, such as the id of a job.
func Redis(t testing.TB) string {
	t.Helper()
	addresses, err := sharedRedis()
	if err != nil {
		t.Fatalf("test redis: %v", err)
	}
	number, err := takeNumber(t.Context(), addresses.RedisURL)
	if err != nil {
		t.Fatalf("test redis: %v", err)
	}
	own := strings.TrimSuffix(addresses.RedisURL, "/0") + fmt.Sprintf("/%d", number)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := giveBack(ctx, addresses.RedisURL, own, number); err != nil {
			t.Errorf("empty test redis: %v", err)
		}
	})
	return own
}

// The numbers of logical databases are handed out in database 0, so that test processes do not choose the same.
const (
	lastNumber  = "devstacktest:last"
	freeNumbers = "devstacktest:free"
)

func takeNumber(ctx context.Context, server string) (number int64, err error) {
	err = withRedis(server, func(client *redis.Client) error {
		number, err = client.SPop(ctx, freeNumbers).Int64()
		if errors.Is(err, redis.Nil) {
			number, err = client.Incr(ctx, lastNumber).Result()
		}
		return err
	})
	return number, err
}

func giveBack(ctx context.Context, server, own string, number int64) error {
	if err := withRedis(own, func(client *redis.Client) error { return client.FlushDB(ctx).Err() }); err != nil {
		return err
	}
	return withRedis(server, func(client *redis.Client) error { return client.SAdd(ctx, freeNumbers, number).Err() })
}

func withRedis(url string, do func(*redis.Client) error) (err error) {
	opts, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	client := redis.NewClient(opts)
	defer func() { err = errors.Join(err, client.Close()) }()
	return do(client)
}
