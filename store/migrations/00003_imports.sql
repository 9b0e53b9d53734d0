-- +goose Up

-- What an import is. How far it has come is in its job, which has the same id.
CREATE TABLE imports (
  id             uuid PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
  tenant_id      uuid NOT NULL REFERENCES tenants (id),
  dataset        text NOT NULL,
  filename       text NOT NULL,
  object_key     text NOT NULL,
  object_version text NOT NULL DEFAULT '',
  object_etag    text NOT NULL,
  object_size    bigint NOT NULL,
  options        jsonb NOT NULL DEFAULT '{}',
  -- Frozen by the scan: how the file is written, and which of its columns is what.
  layout         jsonb,
  report         jsonb,
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX imports_of_tenant ON imports (tenant_id, id DESC);

-- One run of consecutive records, cut by the scan; its job's seq is the same.
CREATE TABLE import_chunks (
  import_id    uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  seq          integer NOT NULL,
  start_offset bigint NOT NULL,
  end_offset   bigint NOT NULL,
  start_line   bigint NOT NULL,
  records      integer NOT NULL,
  -- Records, by their place in the chunk, whose key another record of the file wins: differences as uvarints.
  losers       bytea,
  -- The object that holds the rejected records of the chunk, once it is done with any.
  report       jsonb,
  PRIMARY KEY (import_id, seq)
);

CREATE TABLE import_errors (
  import_id   uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  line        bigint NOT NULL,
  n           smallint NOT NULL,
  column_name text NOT NULL,
  code        text NOT NULL,
  value       text NOT NULL,
  message     text NOT NULL,
  hint        text NOT NULL,
  PRIMARY KEY (import_id, line, n)
);
CREATE INDEX import_errors_by_code ON import_errors (import_id, code, line);

-- +goose Down
DROP TABLE import_errors, import_chunks, imports;
