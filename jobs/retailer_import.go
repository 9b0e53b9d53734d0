package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"retailq"
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
	"retailq/tabular"
)

// RetailerImport loads one file of retailers. Its job and the import share an id, which says everything: the file and
// the choices are in the import.
var RetailerImport = queue.Kind[ImportArgs]{
	Name: "retailer.import", Queue: queue.Default, MaxAttempts: 5,
	Backoff: queue.Backoff{First: time.Second, Max: time.Minute},
}

// ImportArgs are empty: an import's id is its job's.
type ImportArgs struct{}

// RetailerImportChunk loads one chunk of the file: the one whose number is the job's place among its siblings.
var RetailerImportChunk = queue.Kind[ChunkArgs]{
	Name: "retailer.import.chunk", Queue: queue.Bulk, MaxAttempts: 8,
	Backoff: queue.Backoff{First: 500 * time.Millisecond, Max: time.Minute},
}

// ChunkArgs are empty: the parent's id and the job's place among its siblings say everything.
type ChunkArgs struct{}

// The phases of an import, in order.
const (
	phaseScanning  = "scanning"
	phaseImporting = "importing"
)

// importer performs imports: a scan reads the whole file once and cuts it into chunks, chunks are loaded in parallel,
// each in one transaction, and a finish puts the report together.
type importer struct {
	Deps
}

// layout is how a file is read, decided once so that every worker reads it alike.
type layout struct {
	Dialect tabular.Dialect `json:"dialect"`
	Mapping tabular.Mapping `json:"mapping"`
	Env     tabular.Env     `json:"env"`
}

// Preflight reads the first records of a file and returns what makes its import impossible, as an ErrInvalid or
// ErrTooLarge that says how to fix the file.
func Preflight(ctx context.Context, b *storage.Bucket, o retailq.Object, dataset string, maxColumns int) error {
	if dataset != Retailers.Dataset {
		return retailq.Invalid("dataset_unknown", "there is no dataset %q", dataset).WithHint("Use %q.", Retailers.Dataset)
	}
	limits := tabular.DefaultLimits
	limits.Columns = maxColumns
	_, err := layOut(ctx, b, o, limits, "")
	return err
}

// layOut decides how the file is written and which of its columns is what.
func layOut(
	ctx context.Context, b *storage.Bucket, o retailq.Object, limits tabular.Limits, country string,
) (layout, error) {
	sample := make([]byte, min(o.Size, tabular.SampleBytes))
	if len(sample) > 0 {
		src, err := b.GetRange(ctx, o, 0, int64(len(sample)))
		if err != nil {
			return layout{}, err
		}
		defer src.Close()
		if _, err := io.ReadFull(src, sample); err != nil {
			return layout{}, fmt.Errorf("read sample of %s: %w", o.Key, err)
		}
	}
	dialect, err := tabular.Sniff(sample, int64(len(sample)) == o.Size, limits)
	if err != nil {
		return layout{}, err
	}
	mapping, err := Retailers.Map(dialect.Header, nil)
	return layout{Dialect: dialect, Mapping: mapping, Env: tabular.Env{Country: country}}, err
}

// finish runs when no chunk is left to load: it puts the report together and checks that every record has a fate.
func (im importer) finish(ctx context.Context, r *queue.Run, _ ImportArgs) error {
	job := r.Job
	tenant := im.DB.Tenant(job.TenantID)
	rows := retailq.ImportRowsOf(job.Counters)
	complete := job.Outcome == ""
	if rows.Unprocessed < 0 || complete && rows.Unprocessed != 0 {
		return retailq.Conflict("totals_mismatch", "of %d records read, %d are unaccounted for", rows.Read, rows.Unprocessed).
			WithHint("This is a fault of retailq; please report it with the import's id.")
	}
	raw, err := tenant.ImportLayout(ctx, job.ID)
	if err != nil {
		return err
	}
	var how layout
	if err := json.Unmarshal(raw, &how); err != nil {
		return fmt.Errorf("decode layout of import %s: %w", job.ID, err)
	}
	parts, err := tenant.ReportParts(ctx, job.ID)
	if err != nil {
		return err
	}
	report, err := im.assembleReport(ctx, job, how.Dialect, parts)
	if err != nil {
		return err
	}
	return r.Complete(ctx, func(tx *store.Tx) (queue.Done, error) {
		return queue.Done{Result: rows}, tx.Tenant(job.TenantID).SetImportReport(ctx, job.ID, report)
	})
}
