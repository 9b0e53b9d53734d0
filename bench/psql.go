package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// peerScript is what somebody who knows Postgres would write by hand: no checks, no report, no progress.
const peerScript = `
CREATE TEMPORARY TABLE stage (
  uid text COLLATE "C", name text, phone text, region text, area text, address text, credit_limit numeric(14, 2),
  active boolean, last_activity_at timestamptz);
\copy stage FROM '{file}' WITH (FORMAT csv, HEADER true)
INSERT INTO retailers AS r (tenant_id, uid, name, phone, region_id, area_id, address, credit_limit, active,
                            last_activity_at)
SELECT '{tenant}', s.uid, s.name, s.phone, g.id, a.id, s.address, s.credit_limit, s.active, s.last_activity_at
FROM stage s
LEFT JOIN regions g ON g.tenant_id = '{tenant}' AND lower(g.name) = lower(s.region)
LEFT JOIN areas a ON a.tenant_id = '{tenant}' AND a.region_id = g.id AND lower(a.name) = lower(s.area)
ON CONFLICT (tenant_id, uid) DO UPDATE
SET (name, phone, region_id, area_id, address, credit_limit, active, last_activity_at, version, updated_at) =
    ROW (EXCLUDED.name, EXCLUDED.phone, EXCLUDED.region_id, EXCLUDED.area_id, EXCLUDED.address, EXCLUDED.credit_limit,
         EXCLUDED.active, EXCLUDED.last_activity_at, r.version + 1, now());
`

// runPsql loads a file in one session of psql and returns how long that took, from its start to its end.
func (c *course) runPsql(ctx context.Context, file string) (time.Duration, error) {
	script := strings.NewReplacer("{file}", file, "{tenant}", c.tenant.String()).Replace(peerScript)
	cmd := exec.CommandContext(ctx, c.psqlProgram(ctx), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", c.peerURL)
	cmd.Stdin = strings.NewReader(script)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("psql: %w\n%s", err, out)
	}
	return took, nil
}

// psqlProgram is the psql that came with the server. What is found by name may be a script that looks for it first.
func (c *course) psqlProgram(ctx context.Context) string {
	var dir string
	if err := c.platform.QueryRow(ctx, "SELECT setting FROM pg_config WHERE name = 'BINDIR'").Scan(&dir); err != nil {
		return "psql"
	}
	path := filepath.Join(dir, "psql")
	if _, err := os.Stat(path); err != nil {
		return "psql"
	}
	return path
}
