package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"retailq"
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
	"retailq/tabular"
)

// loadChunk loads one chunk: it reads the chunk's bytes, turns records into rows, and writes the rows, the errors, the
// counters and the end of the job in one transaction.
func (im importer) loadChunk(ctx context.Context, r *queue.Run, _ ChunkArgs) error {
	c, err := im.openChunk(ctx, r.Job)
	if err != nil {
		return err
	}
	if err := c.read(ctx); err != nil {
		return err
	}
	report, err := c.storeReport(ctx)
	if err != nil {
		return err
	}
	return r.Complete(ctx, func(tx *store.Tx) (queue.Done, error) {
		t := tx.Tenant(r.Job.TenantID)
		upserted, err := t.UpsertRetailers(ctx, c.stage.columns, &c.stage.rows)
		if err != nil {
			return queue.Done{}, err
		}
		if err := t.AddRowErrors(ctx, r.Job.ParentID, c.errors); err != nil {
			return queue.Done{}, err
		}
		if err := t.SetChunkReport(ctx, r.Job.ParentID, r.Job.Seq, report); err != nil {
			return queue.Done{}, err
		}
		return queue.Done{
			Units: int64(c.Records),
			Counters: retailq.Counters{
				retailq.CountCreated: upserted.Created, retailq.CountUpdated: upserted.Updated,
				retailq.CountUnchanged: upserted.Unchanged, retailq.CountDuplicate: c.duplicates,
				retailq.CountRejected: c.rejected,
			},
		}, nil
	})
}

// chunk is one chunk on its way into the database.
type chunk struct {
	store.Chunk
	importer
	job      *retailq.Job
	imported *retailq.Import
	how      layout
	losers   bitmap
	stage    *stage

	errors     []retailq.RowError
	rejected   int64
	duplicates int64
	report     bytes.Buffer
	reporter   *tabular.ReportWriter
}

func (im importer) openChunk(ctx context.Context, job *retailq.Job) (*chunk, error) {
	tenant := im.DB.Tenant(job.TenantID)
	imported, err := tenant.Import(ctx, job.ParentID)
	if err != nil {
		return nil, err
	}
	frozen, err := tenant.ImportLayout(ctx, job.ParentID)
	if err != nil {
		return nil, err
	}
	c := &chunk{importer: im, job: job, imported: imported}
	if err := json.Unmarshal(frozen, &c.how); err != nil {
		return nil, fmt.Errorf("decode layout of import %s: %w", job.ParentID, err)
	}
	if c.Chunk, err = tenant.Chunk(ctx, job.ParentID, job.Seq); err != nil {
		return nil, err
	}
	if c.losers, err = decodeLosers(c.Losers, c.Records); err != nil {
		return nil, err
	}
	places, err := tenant.Places(ctx)
	if err != nil {
		return nil, err
	}
	c.stage = newStage(c.how.Mapping, places)
	c.reporter = tabular.NewReportWriter(&c.report, c.how.Dialect)
	return c, nil
}

// read gives every record of the chunk a fate: staged, duplicate or rejected.
func (c *chunk) read(ctx context.Context) error {
	src, err := c.Bucket.GetRange(ctx, c.imported.Object, c.Start, c.End-c.Start)
	if err != nil {
		return err
	}
	defer src.Close()
	at := tabular.Position{Offset: c.Start, Line: c.StartLine}
	reader := tabular.NewReader(src, c.how.Dialect, at, c.Import.Limits)
	parser := tabular.NewParser(Retailers, c.how.Mapping, c.how.Env)
	var row tabular.Row
	for i := range int64(c.Records) {
		rec, err := reader.Read()
		if err != nil {
			return fmt.Errorf("read record %d of chunk %d: %w", i, c.Seq, err)
		}
		if c.losers.has(i) {
			c.duplicates++
			continue
		}
		errs := parser.Parse(rec, &row)
		if len(errs) == 0 {
			errs = c.stage.add(rec.Start.Line, row.Values)
		}
		if len(errs) == 0 {
			continue
		}
		c.rejected++
		c.errors = append(c.errors, errs...)
		if err := c.reporter.Write(rec, errs); err != nil {
			return fmt.Errorf("report record on line %d: %w", rec.Start.Line, err)
		}
	}
	return nil
}

// storeReport puts the chunk's rejected records into the bucket, before the transaction that refers to them. The
// epoch in the key keeps an attempt that has lost the job from replacing what a later one wrote.
func (c *chunk) storeReport(ctx context.Context) (*retailq.Object, error) {
	if c.rejected == 0 {
		return nil, nil //nolint:nilnil // no report is a result
	}
	key := storage.Key(c.job.TenantID, "imports", c.job.ParentID.String(), "parts",
		strconv.Itoa(c.Seq)+"-"+strconv.FormatInt(c.job.Epoch, 10)+".csv")
	object, err := c.Bucket.Put(ctx, key, bytes.NewReader(c.report.Bytes()), int64(c.report.Len()), "text/csv")
	if err != nil {
		return nil, err
	}
	return &object, nil
}
