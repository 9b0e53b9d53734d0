package main

import (
	"context"
	"errors"
	"time"

	"retailq"
	"retailq/cmd/internal/sample"
	"retailq/ops"
	"retailq/store"
)

// The accounts of a platform started by `up`. The addresses are in a domain that never exists: RFC 2606, section 2.
const (
	demoTenant = "demo"
	adminEmail = "admin@retailq.example"
	demoEmail  = "demo@retailq.example"
)

// tokenTTL is long because the token is for the machine on which the platform runs, and is made anew by each `up`.
const tokenTTL = 30 * 24 * time.Hour

// createAccounts makes the tenant and the users that are missing, and a token of the administrator.
func (p *platform) createAccounts(ctx context.Context) error {
	db, err := store.Open(ctx, p.stack.DatabaseURL, store.Options{MaxConns: 2, Name: "retailq up"})
	if err != nil {
		return err
	}
	defer db.Close()
	verbs := ops.New(db, nil, nil, ops.Limits{})
	_, err = verbs.CreateTenant(ctx, operator, retailq.Tenant{
		Slug: demoTenant, Name: "Demo Traders", Country: "BD", TimeZone: "Asia/Dhaka",
	})
	if err != nil && !errors.Is(err, retailq.ErrConflict) {
		return err
	}
	if err := createPlaces(ctx, db); err != nil {
		return err
	}
	admin, err := findOrCreateUser(ctx, db, verbs, ops.NewUser{
		Email: adminEmail, Name: "Administrator", Password: p.keys.AdminPassword, Role: retailq.PlatformAdmin,
	})
	if err != nil {
		return err
	}
	_, err = findOrCreateUser(ctx, db, verbs, ops.NewUser{
		Email: demoEmail, Name: "Demo", Password: p.keys.DemoPassword, Tenant: demoTenant, Role: retailq.TenantAdmin,
	})
	if err != nil {
		return err
	}
	p.token, _, err = ops.NewTokens([]byte(p.keys.TokenSecret), tokenTTL).Issue(retailq.Principal{
		UserID: admin.ID, Email: admin.Email, Role: admin.Role,
	})
	return err
}

func findOrCreateUser(ctx context.Context, db *store.DB, verbs *ops.Ops, n ops.NewUser) (retailq.User, error) {
	user, err := db.FindUser(ctx, n.Email)
	if !errors.Is(err, retailq.ErrNotFound) {
		return user, err
	}
	return verbs.CreateUser(ctx, operator, n)
}

// createPlaces gives the demo tenant the regions and areas that samples name, so that they can be imported as they are.
func createPlaces(ctx context.Context, db *store.DB) error {
	tenant, err := db.FindTenant(ctx, demoTenant)
	if err != nil {
		return err
	}
	var places []store.Place
	for _, p := range sample.Places() {
		places = append(places, store.Place(p))
	}
	return db.InTx(ctx, func(tx *store.Tx) error { return tx.Tenant(tenant.ID).CreatePlaces(ctx, places) })
}
