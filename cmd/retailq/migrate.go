package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"retailq/cmd/internal/boot"
	"retailq/config"
	"retailq/store"
)

// newMigrateCommand groups retailq migrate up|status.
func newMigrateCommand(env *environment) *cobra.Command {
	return newNounCommand("migrate", "Prepare the database and the bucket for this version",
		newMigrateUpCommand(env), newMigrateStatusCommand(env))
}

func newMigrateUpCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "up", Short: "Bring the schema up to date, and create the bucket",
		Long: `Bring the schema of the database up to this program's version. Several of these may run at once: they wait for
one another. A database that a newer program has migrated is left alone.

Where RETAILQ_S3_BUCKET is set, the bucket is created too, if it is missing.

EXIT STATUS
  0 if everything is up to date now, 2 if the configuration is wrong, 4 if the database is newer than this program,
  6 if a server cannot be reached.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMigrateUp(cmd.Context(), env) },
	}
}

func runMigrateUp(ctx context.Context, env *environment) error {
	settings, err := loadMigrate(env)
	if err != nil {
		return err
	}
	url := settings.Database.URL.Reveal()
	before, err := pending(ctx, url)
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, url); err != nil {
		return err
	}
	for _, m := range before {
		fmt.Fprintf(env.stdout, "applied %s\n", m.Name)
	}
	if len(before) == 0 {
		fmt.Fprintln(env.stdout, "the schema is up to date")
	}
	return ensureBucket(ctx, env, settings.S3)
}

// loadMigrate reads everything that the verb needs before it changes anything. The bucket is optional.
func loadMigrate(env *environment) (config.Migrate, error) {
	if env.variable("RETAILQ_S3_BUCKET") != "" {
		return config.Load[config.Migrate](env.environ)
	}
	settings, err := config.Load[databaseSettings](env.environ)
	return config.Migrate{Database: settings.Database}, err
}

// pending lists the migrations still to be done.
func pending(ctx context.Context, url string) ([]store.Migration, error) {
	all, err := store.Migrations(ctx, url)
	var due []store.Migration
	for _, m := range all {
		if m.AppliedAt == nil {
			due = append(due, m)
		}
	}
	return due, err
}

func ensureBucket(ctx context.Context, env *environment, s3 config.S3) error {
	if s3.Bucket == "" {
		return nil
	}
	bucket, err := boot.OpenBucket(ctx, s3)
	if err != nil {
		return err
	}
	if err := bucket.EnsureBucket(ctx); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "bucket %s is ready\n", bucket.Name())
	return nil
}

func newMigrateStatusCommand(env *environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "List the steps of the schema, and when each was applied",
		Long: `List the steps of the schema, and when each was applied. Nothing is changed.

EXIT STATUS
  0 if every step was applied, 1 if some are still to be done, 4 if the database is newer than this program,
  6 if it cannot be reached.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMigrateStatus(cmd.Context(), env, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runMigrateStatus(ctx context.Context, env *environment, asJSON bool) error {
	settings, err := config.Load[databaseSettings](env.environ)
	if err != nil {
		return err
	}
	list, err := store.Migrations(ctx, settings.Database.URL.Reveal())
	if err != nil {
		return err
	}
	if err := printMigrations(env, list, asJSON); err != nil {
		return err
	}
	for _, m := range list {
		if m.AppliedAt == nil {
			return &exitError{status: exitFailed}
		}
	}
	return nil
}

func printMigrations(env *environment, list []store.Migration, asJSON bool) error {
	if asJSON {
		return printJSON(env.stdout, list)
	}
	rows := make([][]any, len(list))
	for i, m := range list {
		applied := "pending"
		if m.AppliedAt != nil {
			applied = m.AppliedAt.UTC().Format(time.DateTime)
		}
		rows[i] = []any{m.Version, m.Name, applied}
	}
	return printTable(env.stdout, []string{"version", "name", "applied"}, rows)
}
