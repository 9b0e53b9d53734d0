package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/jackc/pgx/v5"

	"retailq"
	"retailq/store"
)

const (
	courseTenant = "bench"
	peerDatabase = "bench_peer"
)

// course is what both contestants run on: two databases of one server, with the same schema, and in each the same
// tenant with the same regions and areas under the same ids. So rows land in the same partition, and what the
// contestants leave behind can be compared.
type course struct {
	platform *pgx.Conn // the database of the platform
	peer     *pgx.Conn // that of psql
	peerURL  string
	tenant   retailq.ID
	db       *store.DB
}

func openCourse(ctx context.Context, databaseURL string) (_ *course, err error) {
	c := &course{}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	if c.db, err = store.Open(ctx, databaseURL, store.Options{MaxConns: 2, Name: "bench"}); err != nil {
		return nil, err
	}
	tenant, err := c.db.CreateTenant(ctx, retailq.Tenant{
		Slug: courseTenant, Name: "Benchmark", Country: "BD", TimeZone: "UTC",
	})
	if err != nil {
		return nil, err
	}
	c.tenant = tenant.ID
	if c.platform, err = pgx.Connect(ctx, databaseURL); err != nil {
		return nil, fmt.Errorf("connect to the platform's database: %w", err)
	}
	if _, err := c.platform.Exec(ctx, "CREATE DATABASE "+peerDatabase); err != nil {
		return nil, fmt.Errorf("create database of the peer: %w", err)
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("read address of the database: %w", err)
	}
	u.Path = peerDatabase
	c.peerURL = u.String()
	if err := store.Migrate(ctx, c.peerURL); err != nil {
		return nil, err
	}
	if c.peer, err = pgx.Connect(ctx, c.peerURL); err != nil {
		return nil, fmt.Errorf("connect to the peer's database: %w", err)
	}
	return c, nil
}

func (c *course) close() {
	if c.db != nil {
		c.db.Close()
	}
	for _, conn := range []*pgx.Conn{c.platform, c.peer} {
		if conn != nil {
			_ = conn.Close(context.Background()) //nolint:contextcheck // also if the run was cut short
		}
	}
}

// settle creates the regions and areas that the files name, and copies the tenant with them to the peer's database.
func (c *course) settle(ctx context.Context, places []store.Place) error {
	err := c.db.InTx(ctx, func(tx *store.Tx) error { return tx.Tenant(c.tenant).CreatePlaces(ctx, places) })
	if err != nil {
		return err
	}
	for _, table := range []string{"tenants", "regions", "areas"} {
		if err := c.copyTable(ctx, table); err != nil {
			return fmt.Errorf("copy %s to the peer: %w", table, err)
		}
	}
	return nil
}

func (c *course) copyTable(ctx context.Context, table string) error {
	r, w := io.Pipe()
	go func() {
		_, err := c.platform.PgConn().CopyTo(ctx, w, "COPY "+table+" TO STDOUT")
		w.CloseWithError(err)
	}()
	_, err := c.peer.PgConn().CopyFrom(ctx, r, "COPY "+table+" FROM STDIN")
	return errors.Join(err, r.Close())
}

// clear empties the table in both databases. Emptied at once, it is as if it had just been created.
func (c *course) clear(ctx context.Context) error {
	for _, conn := range []*pgx.Conn{c.platform, c.peer} {
		if _, err := conn.Exec(ctx, "TRUNCATE retailers"); err != nil {
			return fmt.Errorf("empty retailers: %w", err)
		}
	}
	return c.checkpoint(ctx)
}

// checkpoint writes what earlier work has left in memory, so that later work does not pay for it.
func (c *course) checkpoint(ctx context.Context) error {
	if _, err := c.platform.Exec(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// exportRetailers writes what the platform has stored as the file that the peer is given: clean rows in the order of
// their keys, which is that of the original file, with phone numbers in their final form.
func (c *course) exportRetailers(ctx context.Context, w io.Writer) error {
	_, err := c.platform.PgConn().CopyTo(ctx, w, `
		COPY (SELECT r.uid, r.name, r.phone, g.name AS region, a.name AS area, r.address, r.credit_limit, r.active,
		             r.last_activity_at
		      FROM retailers r
		      LEFT JOIN regions g ON g.tenant_id = r.tenant_id AND g.id = r.region_id
		      LEFT JOIN areas a ON a.tenant_id = r.tenant_id AND a.id = r.area_id
		      ORDER BY r.uid)
		TO STDOUT WITH (FORMAT csv, HEADER true)`)
	if err != nil {
		return fmt.Errorf("export retailers: %w", err)
	}
	return nil
}

// content sums up the retailers of a database: it is the same text for the same rows, whatever ids and times were
// made up for them.
func content(ctx context.Context, conn *pgx.Conn) (string, error) {
	var sum string
	err := conn.QueryRow(ctx, `
		SELECT count(*) || ' rows, sum ' || coalesce(sum(hashtextextended(ROW (tenant_id, uid, name, phone, region_id,
		       area_id, address, credit_limit, outstanding, active, last_activity_at, version)::text, 0)), 0)
		FROM retailers`).Scan(&sum)
	if err != nil {
		return "", fmt.Errorf("sum up retailers: %w", err)
	}
	return sum, nil
}
