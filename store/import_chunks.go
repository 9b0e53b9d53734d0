package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"retailq"
)

// Chunk is one run of consecutive records of an import's file.
type Chunk struct {
	Seq int
	// Start and End are byte offsets into the object; End is exclusive.
	Start, End int64
	// StartLine is the physical line at Start, from 1.
	StartLine int64
	Records   int
	// Losers are the records, by their place in the chunk, whose key another record of the file wins: differences as
	// uvarints.
	Losers []byte
	// Report holds the chunk's rejected records once it is done with any.
	Report *retailq.Object
}

// CreateChunks writes all chunks of an import.
func (t *TenantTx) CreateChunks(ctx context.Context, id retailq.ID, chunks []Chunk) error {
	_, err := t.tx.CopyFrom(ctx, pgx.Identifier{"import_chunks"},
		[]string{"import_id", "seq", "start_offset", "end_offset", "start_line", "records", "losers"},
		pgx.CopyFromSlice(len(chunks), func(i int) ([]any, error) {
			c := chunks[i]
			return []any{[16]byte(id), c.Seq, c.Start, c.End, c.StartLine, c.Records, c.Losers}, nil
		}))
	return wrapf(err, "create %d chunks of import %s", len(chunks), id)
}

const chunkColumns = `c.seq, c.start_offset, c.end_offset, c.start_line, c.records, c.losers, c.report`

// Chunk returns one chunk of an import.
func (t *Tenant) Chunk(ctx context.Context, id retailq.ID, seq int) (Chunk, error) {
	rows, err := t.q.Query(ctx, `
		SELECT `+chunkColumns+` FROM import_chunks c JOIN imports i ON i.id = c.import_id
		WHERE c.import_id = $1 AND c.seq = $2 AND i.tenant_id = $3`, id, seq, t.id)
	if err != nil {
		return Chunk{}, wrapf(err, "read chunk %d of import %s", seq, id)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Chunk])
	return c, wrapf(err, "read chunk %d of import %s", seq, id)
}

// ReportParts returns the objects that hold rejected records, in file order.
func (t *Tenant) ReportParts(ctx context.Context, id retailq.ID) ([]retailq.Object, error) {
	rows, err := t.q.Query(ctx, `
		SELECT c.report FROM import_chunks c JOIN imports i ON i.id = c.import_id
		WHERE c.import_id = $1 AND c.report IS NOT NULL AND i.tenant_id = $2 ORDER BY c.seq`, id, t.id)
	if err != nil {
		return nil, wrapf(err, "list report parts of import %s", id)
	}
	parts, err := pgx.CollectRows(rows, pgx.RowTo[retailq.Object])
	return parts, wrapf(err, "list report parts of import %s", id)
}

// SetChunkReport stores which object holds the chunk's rejected records.
func (t *TenantTx) SetChunkReport(ctx context.Context, id retailq.ID, seq int, report *retailq.Object) error {
	_, err := t.tx.Exec(ctx, `
		UPDATE import_chunks c SET report = $3 FROM imports i
		WHERE c.import_id = $1 AND c.seq = $2 AND i.id = c.import_id AND i.tenant_id = $4`, id, seq, report, t.id)
	return wrapf(err, "set report of chunk %d of import %s", seq, id)
}
