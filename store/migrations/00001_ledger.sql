-- +goose Up

-- A UUIDv7 (RFC 9562): ids made by the database sort by creation, as those made by the programs do.
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
$$;

CREATE TABLE tenants (
  id         uuid PRIMARY KEY DEFAULT uuid_v7(),
  slug       text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name       text NOT NULL,
  country    text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  time_zone  text NOT NULL DEFAULT 'UTC',
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
  id            uuid PRIMARY KEY DEFAULT uuid_v7(),
  tenant_id     uuid REFERENCES tenants (id),
  email         text NOT NULL,
  name          text NOT NULL DEFAULT '',
  role          text NOT NULL CHECK (role IN ('platform_admin', 'operator', 'tenant_admin', 'viewer')),
  password_hash text NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  -- Users of the platform belong to no tenant; all others to exactly one.
  CHECK ((role IN ('platform_admin', 'operator')) = (tenant_id IS NULL))
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

-- One row per worker process. Its heartbeat vouches for every job the process holds.
CREATE TABLE workers (
  id           uuid PRIMARY KEY,
  host         text NOT NULL,
  pid          integer NOT NULL,
  version      text NOT NULL,
  concurrency  integer NOT NULL,
  started_at   timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now(),
  draining     boolean NOT NULL DEFAULT false
);

CREATE TABLE jobs (
  id           uuid PRIMARY KEY,
  tenant_id    uuid REFERENCES tenants (id),
  parent_id    uuid REFERENCES jobs (id) ON DELETE CASCADE,
  seq          integer NOT NULL DEFAULT 0,
  kind         text NOT NULL,
  queue        text NOT NULL,
  -- What the ledger acts on. 'queued' means: needs a delivery, and any worker may claim it.
  state        text NOT NULL CHECK (state IN
                 ('scheduled', 'queued', 'running', 'retrying', 'paused', 'succeeded', 'failed', 'cancelled')),
  stage        text NOT NULL DEFAULT 'perform' CHECK (stage IN ('perform', 'children', 'finish')),
  wish         text CHECK (wish IN ('pause', 'cancel')),
  -- How a job whose children have all ended will end, if not well.
  outcome      text CHECK (outcome IN ('failed', 'cancelled')),
  -- What people see: a wish that is not yet reality, and a parent that waits to be finished as still running.
  status       text NOT NULL GENERATED ALWAYS AS (
                 CASE WHEN state = 'running' AND wish = 'pause'  THEN 'pausing'
                      WHEN state = 'running' AND wish = 'cancel' THEN 'cancelling'
                      WHEN state IN ('running', 'queued') AND outcome = 'cancelled' THEN 'cancelling'
                      WHEN state = 'queued' AND stage = 'finish' THEN 'running'
                      ELSE state END) STORED,
  epoch        bigint NOT NULL DEFAULT 0,
  version      bigint NOT NULL DEFAULT 1,
  args         jsonb NOT NULL DEFAULT '{}',
  cursor       jsonb,
  result       jsonb,
  failure      jsonb,
  phase        text NOT NULL DEFAULT '',
  done         bigint NOT NULL DEFAULT 0,
  total        bigint NOT NULL DEFAULT 0,
  counters     jsonb NOT NULL DEFAULT '{}',
  failures     integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  -- How many children of this job may be under way at once.
  child_window integer NOT NULL DEFAULT 0,
  worker_id    uuid,
  unique_key   text,
  -- W3C traceparent of the request that asked for the job, so that its log lines can be found from there.
  trace        text NOT NULL DEFAULT '',
  created_by   text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- The earliest next attempt. A child that its parent has not released yet has 'infinity'.
  run_at       timestamptz NOT NULL DEFAULT now(),
  rung_at      timestamptz,
  started_at   timestamptz,
  finished_at  timestamptz,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  CHECK (state <> 'running' OR worker_id IS NOT NULL OR stage = 'children')
) WITH (fillfactor = 70);

CREATE INDEX jobs_due       ON jobs (run_at) WHERE state IN ('scheduled', 'retrying');
CREATE INDEX jobs_unheard   ON jobs (rung_at NULLS FIRST) WHERE state = 'queued';
CREATE INDEX jobs_held      ON jobs (worker_id) WHERE state = 'running';
CREATE INDEX jobs_siblings  ON jobs (parent_id, seq) WHERE parent_id IS NOT NULL;
CREATE INDEX jobs_open      ON jobs (parent_id, state, seq)
  WHERE parent_id IS NOT NULL AND state NOT IN ('succeeded', 'failed', 'cancelled');
CREATE INDEX jobs_of_tenant ON jobs (tenant_id, id DESC) WHERE parent_id IS NULL;
CREATE INDEX jobs_roots      ON jobs (id DESC) WHERE parent_id IS NULL;
CREATE UNIQUE INDEX jobs_unique_key ON jobs (kind, tenant_id, unique_key) NULLS NOT DISTINCT
  WHERE unique_key IS NOT NULL AND state NOT IN ('succeeded', 'failed', 'cancelled');

CREATE TABLE job_events (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  type   text NOT NULL,
  actor  text NOT NULL,
  data   jsonb
);
CREATE INDEX job_events_of_job ON job_events (job_id, id);

-- A request that created something, kept so that its repetition finds the same thing.
CREATE TABLE idempotency_keys (
  scope        text NOT NULL,
  key          text NOT NULL,
  request_hash bytea NOT NULL,
  job_id       uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);

-- Sums two objects of counters, name by name.
CREATE FUNCTION add_counters(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN b = '{}' THEN a ELSE (
    SELECT coalesce(jsonb_object_agg(name, n), '{}')
    FROM (SELECT key AS name, sum(value::bigint) AS n
          FROM (SELECT * FROM jsonb_each_text(a) UNION ALL SELECT * FROM jsonb_each_text(b)) AS both_sides
          GROUP BY key) AS sums) END
$$;

-- +goose Down
DROP TABLE idempotency_keys, job_events, jobs, workers, users, tenants;
DROP FUNCTION add_counters, uuid_v7;
