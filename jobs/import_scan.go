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
	tenant, err := im.DB.TenantByID(ctx, r.Job.TenantID)
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
	scanned := &scan{importer: im, run: r, object: imported.Object, how: how}
	if imported.Options.CreateMasterData {
		scanned.places = newPlaceNames(how.Mapping)
	}
	if err := scanned.read(ctx); err != nil {
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
		if err := t.CreatePlaces(ctx, scanned.places.list()); err != nil {
			return store.Children{}, err
		}
		if err := t.CreateChunks(ctx, r.Job.ID, scanned.chunks); err != nil {
			return store.Children{}, err
		}
		return scanned.children(), nil
	})
}

// chunkBytes ends a chunk early, so that what a worker holds of it does not grow with the length of records.
const chunkBytes = 8 << 20

// scan is one pass over a file.
type scan struct {
	importer
	run    *queue.Run
	object retailq.Object
	how    layout

	chunks  []store.Chunk
	records int64
	places  *placeNames // nil unless places are to be created
}

// children are the chunks' jobs. They need no arguments; see RetailerImportChunk.
func (s *scan) children() store.Children {
	args := make([]any, len(s.chunks))
	for i := range args {
		args[i] = ChunkArgs{}
	}
	return store.Children{
		Kind: RetailerImportChunk.Name, Queue: RetailerImportChunk.Queue, MaxAttempts: RetailerImportChunk.MaxAttempts,
		Window: s.Import.Window, Args: args,
		Progress: retailq.Progress{Phase: phaseImporting, Total: s.records},
		Counters: retailq.Counters{retailq.CountRead: s.records},
	}
}

// read cuts the file into chunks, complete with the records in them that lose to others.
func (s *scan) read(ctx context.Context) error {
	start := s.how.Dialect.Start
	src, err := s.Bucket.GetRange(ctx, s.object, start.Offset, s.object.Size-start.Offset)
	if err != nil {
		return err
	}
	defer src.Close()
	keys := newKeyIndex(keysInMemory)
	defer keys.close()
	reader := tabular.NewReader(src, s.how.Dialect, start, s.Import.Limits)
	parser := tabular.NewParser(Retailers, s.how.Mapping, s.how.Env)
	for {
		rec, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("scan %s: %w", s.object.Key, err)
		}
		if err := s.account(ctx, rec, reader.Position()); err != nil {
			return err
		}
		if key, ok := parser.Key(rec); ok {
			if err := keys.add(key, s.records); err != nil {
				return err
			}
		}
		if err := s.places.add(parser, rec); err != nil {
			return err
		}
		s.records++
	}
	if s.records == 0 {
		return retailq.Invalid("no_records", "the file has a header and no records")
	}
	losers, err := keys.losers(s.records)
	if err != nil {
		return err
	}
	first := int64(0)
	for i := range s.chunks {
		c := &s.chunks[i]
		c.Losers = losers.encode(first, c.Records)
		first += int64(c.Records)
	}
	return nil
}

// account adds a record to the last chunk, or to a new one if that is full.
func (s *scan) account(ctx context.Context, rec *tabular.Record, behind tabular.Position) error {
	if s.records >= s.Import.MaxRows {
		return retailq.Errorf(retailq.ErrTooLarge, "too_many_rows", "the file has more than %d records", s.Import.MaxRows).
			WithHint("Split it into several files, each with the header line.")
	}
	if n := len(s.chunks); n == 0 || s.chunks[n-1].Records == s.Import.ChunkRows ||
		s.chunks[n-1].End-s.chunks[n-1].Start >= chunkBytes {
		if err := s.border(ctx, rec.Start); err != nil {
			return err
		}
		s.chunks = append(s.chunks, store.Chunk{Seq: n, Start: rec.Start.Offset, StartLine: rec.Start.Line})
	}
	last := &s.chunks[len(s.chunks)-1]
	last.Records++
	last.End = behind.Offset
	return nil
}

// border is between two chunks: it shows progress, and looks whether to go on.
func (s *scan) border(ctx context.Context, at tabular.Position) error {
	select {
	case <-s.run.Stopping():
		return context.Canceled
	default:
	}
	return s.run.Progress(ctx, retailq.Progress{Phase: phaseScanning, Done: at.Offset, Total: s.object.Size})
}
