package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
	"retailq/internal/devstack"
	"retailq/internal/devstack/devstacktest"
)

// recovery is how long the platform may take to go on after Redis has lost its memory: seconds, not minutes.
const recovery = 15 * time.Second

func TestRedisLosesItsMemory(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(t *testing.T, p *platform, servers *devstack.Stack){
		"FLUSHALL": func(t *testing.T, p *platform, _ *devstack.Stack) {
			t.Helper()
			require.NoError(t, p.redis.FlushAll(t.Context()).Err())
		},
		"killed and started empty": func(t *testing.T, _ *platform, servers *devstack.Stack) {
			t.Helper()
			require.NoError(t, servers.Redis.Kill())
			data := filepath.Join(servers.Dir, string(devstack.PartRedis))
			require.NoError(t, os.RemoveAll(data))
			require.NoError(t, os.Mkdir(data, 0o700))
			require.NoError(t, servers.Redis.Start(t.Context()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, s := undisturbed(t), usualSample()
			servers := devstacktest.Private(t, devstack.PartRedis)
			p := newPlatform(t, settings{redisURL: servers.RedisURL})
			c := p.admin(t)
			first := p.worker(t)
			c.load(t, s.before)
			first.kill(t)

			// Nobody has taken the delivery yet.
			id := c.start(t, s.content)
			lose(t, p, servers)
			p.worker(t)
			t.Logf("the delivery of the import was replaced in %s", p.untilAdvanced(t, id))

			// A worker holds half of the chunks under way, and Redis the deliveries of the other half.
			for _, share := range []int{4, 2} {
				p.untilDone(t, id, int(s.rows.Read)/share)
				lose(t, p, servers)
				t.Logf("the import went on in %s", p.untilAdvanced(t, id))
			}
			c.await(t, id)
			p.requireNothingBurned(t, id)
			requireSame(t, want, p.outcome(t, id))
		})
	}
}

// untilAdvanced waits until more chunks than are under way now have come to an end, and returns how long that took.
func (p *platform) untilAdvanced(t *testing.T, id retailq.ID) time.Duration {
	t.Helper()
	began := time.Now()
	goal := one[int64](t, p, `
		SELECT count(*) FROM jobs WHERE parent_id = $1 AND (state <> 'scheduled' OR run_at < 'infinity')`, id)
	p.until(t, "the import goes on", `
		SELECT count(*) > $2 OR (SELECT finished_at IS NOT NULL FROM jobs WHERE id = $1)
		FROM jobs WHERE parent_id = $1 AND state = 'succeeded'`, id, goal)
	took := time.Since(began)
	require.Less(t, took, recovery)
	return took
}
