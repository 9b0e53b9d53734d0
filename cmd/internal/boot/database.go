package boot

import (
	"context"

	"retailq/config"
	"retailq/store"
)

// openDatabase opens the pool, to be closed with the service, once the schema is known to be that of this program: what
// serves never migrates.
func (s *Service) openDatabase(ctx context.Context, cfg config.Database) (*store.DB, error) {
	if err := store.CheckSchema(ctx, cfg.URL.Reveal()); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, cfg.URL.Reveal(), store.Options{MaxConns: cfg.MaxConns, Name: "retailq " + s.Name})
	if err != nil {
		return nil, err
	}
	s.closer.add(db.Close)
	return db, nil
}
