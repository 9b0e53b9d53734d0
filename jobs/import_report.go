package jobs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"retailq"
	"retailq/storage"
	"retailq/tabular"
)

// assembleReport joins the rejected records of all chunks, in file order, into one file that can be corrected and
// uploaded again. It returns nil if there are none. What the parts hold never depends on who loaded them, so neither
// does the report.
func (im importer) assembleReport(
	ctx context.Context, job *retailq.Job, d tabular.Dialect, parts []retailq.Object,
) (*retailq.Object, error) {
	if len(parts) == 0 {
		return nil, nil //nolint:nilnil // no report is a result
	}
	var header bytes.Buffer
	if err := tabular.NewReportWriter(&header, d).WriteHeader(); err != nil {
		return nil, fmt.Errorf("write report header: %w", err)
	}
	readers := []io.Reader{&header}
	for _, part := range parts {
		readers = append(readers, &lazyPart{open: func() (io.ReadCloser, error) { return im.Bucket.Get(ctx, part) }})
	}
	// The epoch keeps an attempt that has lost the job from replacing what a later one wrote.
	name := "rejected-" + strconv.FormatInt(job.Epoch, 10) + ".csv"
	key := storage.Key(job.TenantID, "imports", job.ID.String(), name)
	report, err := im.Bucket.Put(ctx, key, io.MultiReader(readers...), -1, "text/csv; charset=utf-8")
	if err != nil {
		return nil, fmt.Errorf("assemble report of import %s: %w", job.ID, err)
	}
	return &report, nil
}

// lazyPart opens an object when its first byte is asked for and closes it behind the last one, so that of any number
// of parts one is open at a time.
type lazyPart struct {
	open func() (io.ReadCloser, error)
	body io.ReadCloser
}

func (p *lazyPart) Read(b []byte) (int, error) {
	if p.body == nil {
		body, err := p.open()
		if err != nil {
			return 0, err
		}
		p.body = body
	}
	n, err := p.body.Read(b)
	if err != nil {
		_ = p.body.Close()
	}
	return n, err
}
