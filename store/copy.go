package store

import (
	"bytes"
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Rows collects rows in the text format of COPY
// (https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2), which costs no conversion of values that
// are text already. The zero value is empty and ready to use.
type Rows struct {
	buf []byte
	n   int
}

// Append adds a row; a nil value is NULL. The values are copied.
func (r *Rows) Append(values ...[]byte) {
	for i, v := range values {
		if i > 0 {
			r.buf = append(r.buf, '\t')
		}
		if v == nil {
			r.buf = append(r.buf, `\N`...)
			continue
		}
		r.buf = appendEscaped(r.buf, v)
	}
	r.buf = append(r.buf, '\n')
	r.n++
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.n }

// Reset empties r and keeps its memory.
func (r *Rows) Reset() { r.buf, r.n = r.buf[:0], 0 }

func appendEscaped(dst, v []byte) []byte {
	for {
		i := bytes.IndexAny(v, "\\\t\n\r")
		if i < 0 {
			return append(dst, v...)
		}
		dst = append(append(dst, v[:i]...), '\\')
		switch v[i] {
		case '\t':
			dst = append(dst, 't')
		case '\n':
			dst = append(dst, 'n')
		case '\r':
			dst = append(dst, 'r')
		default:
			dst = append(dst, v[i])
		}
		v = v[i+1:]
	}
}

// copyInto loads rows into the columns of table. Both must be names from this package's own code.
func copyInto(ctx context.Context, tx pgx.Tx, table string, columns []string, rows *Rows) error {
	_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(rows.buf),
		`COPY `+table+` (`+strings.Join(columns, ", ")+`) FROM STDIN`)
	return wrapf(err, "copy %d rows into %s", rows.n, table)
}
