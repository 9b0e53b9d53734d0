package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"retailq"
	"retailq/queue"
	"retailq/store"
	"retailq/tabular"
)

// scan reads the whole file once. It freezes how the file is read, finds where records begin, decides which record of
// each key wins, and cuts chunks. A scan that is interrupted starts again: it has written nothing.
func (im importer) scan(ctx context.Context, r *queue.Run, _ ImportArgs) error {
	tenant, err := im.DB.FindTenant(ctx, r.Job.TenantID.String())
	if err != nil {
		return err
	}
	imported, err := im.DB.Tenant(tenant.ID).Import(ctx, r.Job.ID)
	if err != nil {
		return err
	}
	how, err := layOut(ctx, im.Bucket, imported.Object, im.Import.Limits, tenant.Country)
	if err != nil {
		return err
	}
	chunks, records, err := im.cut(ctx, r, imported.Object, how)
	if err != nil {
		return err
	}
	frozen, err := json.Marshal(how)
	if err != nil {
		return fmt.Errorf("encode layout: %w", err)
	}
	return r.Spawn(ctx, func(tx *store.Tx) (store.Children, error) {
		t := tx.Tenant(tenant.ID)
		if err := t.FreezeLayout(ctx, r.Job.ID, frozen); err != nil {
			return store.Children{}, err
		}
		if err := t.CreateChunks(ctx, r.Job.ID, chunks); err != nil {
			return store.Children{}, err
		}
		args := make([]any, len(chunks))
		for i := range args {
			args[i] = ChunkArgs{}
		}
		return store.Children{
			Kind: RetailerImportChunk.Name, Queue: RetailerImportChunk.Queue, MaxAttempts: RetailerImportChunk.MaxAttempts,
			Window: im.Import.Window, Args: args,
			Progress: retailq.Progress{Phase: phaseImporting, Total: records},
			Counters: retailq.Counters{retailq.CountRead: records},
		}, nil
	})
}

// cut reads every record and returns the chunks, complete with the records in them that lose to others.
func (im importer) cut(
	ctx context.Context, r *queue.Run, object retailq.Object, how layout,
) (chunks []store.Chunk, records int64, err error) {
	src, err := im.Bucket.GetRange(ctx, object, how.Dialect.Start.Offset, object.Size-how.Dialect.Start.Offset)
	if err != nil {
		return nil, 0, err
	}
	defer src.Close() //nolint:errcheck // nothing was written
	keys, err := newKeyIndex(keysInMemory)
	if err != nil {
		return nil, 0, err
	}
	defer keys.close()
	reader := tabular.NewReader(src, how.Dialect, how.Dialect.Start, im.Import.Limits)
	parser := tabular.NewParser(Retailers, how.Mapping, how.Env)
	for {
		rec, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("scan %s: %w", object.Key, err)
		}
		if chunks, err = im.account(ctx, r, object, reader.Position(), chunks, rec); err != nil {
			return nil, 0, err
		}
		if key, ok := parser.Key(rec); ok {
			if err := keys.add(key, records); err != nil {
				return nil, 0, err
			}
		}
		records++
	}
	if records == 0 {
		return nil, 0, retailq.Invalid("no_records", "the file has a header and no records")
	}
	losers, err := keys.losers(records)
	if err != nil {
		return nil, 0, err
	}
	for i := range chunks {
		chunks[i].Losers = losers.encode(int64(i)*int64(im.Import.ChunkRows), chunks[i].Records)
	}
	return chunks, records, nil
}

// account adds a record to the last chunk, or to a new one if that is full; between chunks it shows progress and looks
// whether to go on.
func (im importer) account(
	ctx context.Context, r *queue.Run, object retailq.Object, behind tabular.Position, chunks []store.Chunk,
	rec *tabular.Record,
) ([]store.Chunk, error) {
	if n := len(chunks); n == 0 || chunks[n-1].Records == im.Import.ChunkRows {
		if int64(n)*int64(im.Import.ChunkRows) >= im.Import.MaxRows {
			return nil, retailq.Errorf(retailq.ErrTooLarge, "too_many_rows",
				"the file has more than %d records", im.Import.MaxRows).
				WithHint("Split it into several files, each with the header line.")
		}
		select {
		case <-r.Stopping():
			return nil, context.Canceled
		default:
		}
		err := r.Progress(ctx, retailq.Progress{Phase: phaseScanning, Done: rec.Start.Offset, Total: object.Size})
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, store.Chunk{Seq: n, Start: rec.Start.Offset, StartLine: rec.Start.Line})
	}
	last := &chunks[len(chunks)-1]
	last.Records++
	last.End = behind.Offset
	return chunks, nil
}
