-- +goose Up
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE regions (
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  id         bigint GENERATED ALWAYS AS IDENTITY,
  name       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX regions_name_key ON regions (tenant_id, lower(name));

CREATE TABLE areas (
  tenant_id  uuid NOT NULL,
  id         bigint GENERATED ALWAYS AS IDENTITY,
  region_id  bigint NOT NULL,
  name       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id)
);
CREATE UNIQUE INDEX areas_name_key ON areas (tenant_id, region_id, lower(name));

-- Every query names the tenant, so each one touches a single partition; the number of partitions bounds the size of
-- any one index and of any one vacuum.
CREATE TABLE retailers (
  tenant_id        uuid NOT NULL,
  id               uuid NOT NULL DEFAULT uuid_v7(),
  uid              text COLLATE "C" NOT NULL,
  name             text NOT NULL,
  phone            text COLLATE "C",
  region_id        bigint,
  area_id          bigint,
  address          text,
  credit_limit     numeric(14, 2),
  outstanding      numeric(14, 2) NOT NULL DEFAULT 0,
  active           boolean NOT NULL DEFAULT true,
  last_activity_at timestamptz,
  -- 1 when created, raised by every change.
  version          bigint NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, uid)
) PARTITION BY HASH (tenant_id);

-- +goose StatementBegin
DO $$
BEGIN
  FOR i IN 0..15 LOOP
    EXECUTE format('CREATE TABLE retailers_%s PARTITION OF retailers FOR VALUES WITH (MODULUS 16, REMAINDER %s)', i, i);
  END LOOP;
END $$;
-- +goose StatementEnd

CREATE INDEX retailers_name_trgm   ON retailers USING gin (name gin_trgm_ops);
CREATE INDEX retailers_phone       ON retailers (tenant_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX retailers_place       ON retailers (tenant_id, region_id, area_id);
CREATE INDEX retailers_activity    ON retailers (tenant_id, active, last_activity_at);
CREATE INDEX retailers_outstanding ON retailers (tenant_id, outstanding);

-- +goose Down
DROP TABLE retailers, areas, regions;
