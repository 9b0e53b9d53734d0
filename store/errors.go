package store

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"retailq"
)

// translate gives an error of Postgres its kind. It is the only place that knows SQLSTATEs
// (https://www.postgresql.org/docs/current/errcodes-appendix.html).
func translate(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if passing(pg.Code) {
			return retailq.Unavailable("database", err)
		}
		return err
	}
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err) || connectionLost(err) {
		return retailq.Unavailable("database", err)
	}
	return err
}

// passing reports whether a SQLSTATE describes a condition that the same statement may not meet again: a lost
// connection, a deadlock or serialization failure, a server that starts, stops or is out of resources.
func passing(code string) bool {
	switch code {
	case "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25006", "25P03":
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "58")
}

// connectionLost recognises the errors that the driver returns for a connection that closed under a statement.
func connectionLost(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") // pgconn's own error has no exported type
}

func isNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// violates reports whether err says that a row would break the named unique constraint or index.
func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == constraint
}
