package store

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// AddRowErrors stores why records of an import were rejected. The errors of one line must be consecutive.
func (t *TenantTx) AddRowErrors(ctx context.Context, id retailq.ID, errors []retailq.RowError) error {
	if len(errors) == 0 {
		return nil
	}
	var rows Rows
	importID := []byte(id.String())
	n := 0
	for i, e := range errors {
		if n++; i == 0 || errors[i-1].Line != e.Line {
			n = 0
		}
		rows.Append(importID, strconv.AppendInt(nil, e.Line, 10), strconv.AppendInt(nil, int64(n), 10),
			[]byte(e.Column), []byte(e.Code), []byte(e.Value), []byte(e.Message), []byte(e.Hint))
	}
	return copyInto(ctx, t.tx, "import_errors",
		[]string{"import_id", "line", "n", "column_name", "code", "value", "message", "hint"}, &rows)
}

// ErrorPage bounds a listing of row errors, in file order.
type ErrorPage struct {
	// AfterLine and AfterN name the error that the page begins behind; a zero line is the first page.
	AfterLine int64
	AfterN    int
	// Code, if set, picks one code.
	Code  string
	Limit int
}

// ListedError is a row error with its place among those of its line.
type ListedError struct {
	retailq.RowError
	N int `json:"-"`
}

// RowErrors lists why records of an import were rejected, in file order.
func (t *Tenant) RowErrors(ctx context.Context, id retailq.ID, p ErrorPage) ([]ListedError, error) {
	rows, err := t.q.Query(ctx, `
		SELECT e.line, e.n, e.column_name, e.code, e.value, e.message, e.hint
		FROM import_errors e JOIN imports i ON i.id = e.import_id
		WHERE e.import_id = $1 AND i.tenant_id = $2 AND (e.line, e.n) > ($3, $4) AND ($5 = '' OR e.code = $5)
		ORDER BY e.line, e.n LIMIT $6`, id, t.id, p.AfterLine, p.AfterN, p.Code, p.Limit)
	if err != nil {
		return nil, wrapf(err, "list errors of import %s", id)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e ListedError, err error) {
		return e, row.Scan(&e.Line, &e.N, &e.Column, &e.Code, &e.Value, &e.Message, &e.Hint)
	})
	return list, wrapf(err, "list errors of import %s", id)
}

// CodeCount says how often a code occurs among the rejected records, and on which line first.
type CodeCount struct {
	Code      string `json:"code"`
	Count     int64  `json:"count"`
	FirstLine int64  `json:"first_line"`
}

// CountErrors counts the errors of an import by code, the most frequent first.
func (t *Tenant) CountErrors(ctx context.Context, id retailq.ID) ([]CodeCount, error) {
	rows, err := t.q.Query(ctx, `
		SELECT e.code, count(*), min(e.line) FROM import_errors e JOIN imports i ON i.id = e.import_id
		WHERE e.import_id = $1 AND i.tenant_id = $2 GROUP BY e.code ORDER BY count(*) DESC, e.code`, id, t.id)
	if err != nil {
		return nil, wrapf(err, "count errors of import %s", id)
	}
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CodeCount])
	return counts, wrapf(err, "count errors of import %s", id)
}
