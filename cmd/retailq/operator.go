package main

import (
	"context"

	"retailq"
	"retailq/config"
	"retailq/ops"
	"retailq/store"
)

// operator is whoever may run commands on the machine: they have the database's password, so there is nothing to keep
// from them.
var operator = retailq.Principal{Role: retailq.PlatformAdmin, Email: "cli"}

// databaseSettings are all that verbs on the database itself need.
type databaseSettings struct{ Database config.Database }

// withDatabase opens the database of the environment, whose schema must be that of this program, and runs do.
func (env *environment) withDatabase(ctx context.Context, do func(db *store.DB, verbs *ops.Ops) error) error {
	settings, err := config.Load[databaseSettings](env.environ)
	if err != nil {
		return err
	}
	url := settings.Database.URL.Reveal()
	if err := store.CheckSchema(ctx, url); err != nil {
		return err
	}
	db, err := store.Open(ctx, url, store.Options{MaxConns: 2, Name: "retailq cli"})
	if err != nil {
		return err
	}
	defer db.Close()
	// Tenants and users are rows, and nothing else: there is nobody to ring for, and no file to look at.
	return do(db, ops.New(db, nil, nil, ops.Limits{}))
}
