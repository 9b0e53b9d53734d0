package ops

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"

	"retailq"
	"retailq/jobs"
	"retailq/storage"
	"retailq/store"
)

// ImportRequest asks for a file to be imported.
type ImportRequest struct {
	// Dataset is "retailers", which is also what empty means.
	Dataset string `json:"dataset,omitempty"`
	// ObjectKey names the file in the bucket.
	ObjectKey string `json:"object_key"`
	// Filename is shown to people, up to 255 characters; empty means the last part of the key.
	Filename string `json:"filename,omitempty"`
	retailq.ImportOptions
	// ContentSHA256 stands for the key in the comparison of repeated requests, where the same file was stored anew.
	ContentSHA256 []byte `json:"-"`
	// IdempotencyKey, if set, makes a repetition of the request return the import that the first one started.
	IdempotencyKey string `json:"-"`
}

// StartImport checks that the file is there, is the tenant's and looks like what it should, and starts its import.
// started is false if the request repeats an earlier one, whose import it returns, whatever became of the file since.
func (o *Ops) StartImport(
	ctx context.Context, p retailq.Principal, r ImportRequest,
) (imported *retailq.Import, started bool, err error) {
	tenant, err := o.importer(p)
	if err != nil {
		return nil, false, err
	}
	r.Dataset = orElse(r.Dataset, jobs.Retailers.Dataset)
	r.Filename = orElse(r.Filename, path.Base(r.ObjectKey))
	if err := r.checkNames(); err != nil {
		return nil, false, err
	}
	idempotency, err := r.idempotency(p)
	if err != nil {
		return nil, false, err
	}
	id, err := o.repeated(ctx, idempotency)
	if err != nil {
		return nil, false, err
	}
	if id.IsZero() {
		object, err := o.preflight(ctx, tenant, r)
		if err != nil {
			return nil, false, err
		}
		if id, started, err = o.createImport(ctx, p, r, object, idempotency); err != nil {
			return nil, false, err
		}
	}
	imported, err = o.db.Tenant(tenant).Import(ctx, id)
	return imported, started, err
}

func (r ImportRequest) checkNames() error {
	if err := checkObjectKey(r.ObjectKey); err != nil {
		return err
	}
	return checkFilename(r.Filename)
}

// repeated returns the import of an earlier request with the same key, or a zero ID. It commits at once, as no lock
// may be held while the file is looked at.
func (o *Ops) repeated(ctx context.Context, i store.Idempotency) (id retailq.ID, err error) {
	if i.Key == "" {
		return id, nil
	}
	err = o.db.InTx(ctx, func(tx *store.Tx) error {
		id, err = tx.Repeated(ctx, i)
		return err
	})
	return id, err
}

// createImport writes an import with its job and rings for it, unless a request with the same key has come first.
func (o *Ops) createImport(
	ctx context.Context, p retailq.Principal, r ImportRequest, object retailq.Object, i store.Idempotency,
) (id retailq.ID, started bool, err error) {
	var delivery retailq.Delivery
	err = o.db.InTx(ctx, func(tx *store.Tx) error {
		id, err = tx.Repeated(ctx, i)
		if err != nil || !id.IsZero() {
			return err
		}
		job, _, err := tx.CreateJob(ctx, jobs.RetailerImport.New(ctx, p.TenantID, jobs.ImportArgs{}, p.Actor()))
		if err != nil {
			return err
		}
		id, started = job.ID, true
		delivery = retailq.Delivery{JobID: job.ID, Epoch: job.Epoch, Queue: job.Queue}
		err = tx.Tenant(p.TenantID).CreateImport(ctx, retailq.Import{
			ID: id, Dataset: r.Dataset, Filename: r.Filename, Object: object, Options: r.ImportOptions,
		})
		if err != nil {
			return err
		}
		return tx.Remember(ctx, i, id)
	})
	if err != nil {
		return retailq.ID{}, false, err
	}
	if started {
		o.bell.Ring(ctx, delivery)
	}
	return id, started, nil
}

// preflight refuses, before there is a job, what cannot succeed.
func (o *Ops) preflight(ctx context.Context, tenant retailq.ID, r ImportRequest) (retailq.Object, error) {
	if r.ObjectKey == "" {
		return retailq.Object{}, retailq.Invalid("object_key_missing", "object_key is missing").
			WithHint("Upload the file first, with POST /v1/uploads, and name the object_key that it returned.")
	}
	if !storage.Owns(tenant, r.ObjectKey) {
		return retailq.Object{}, retailq.NotFound("object", r.ObjectKey)
	}
	object, err := o.bucket.Head(ctx, r.ObjectKey)
	if err != nil {
		return object, err
	}
	if err := o.checkSize(object.Size); err != nil {
		return object, err
	}
	return object, jobs.Preflight(ctx, o.bucket, object, r.Dataset, o.limits.Columns)
}

// idempotency hashes everything that decides what the request creates.
func (r ImportRequest) idempotency(p retailq.Principal) (store.Idempotency, error) {
	what := r
	if len(r.ContentSHA256) > 0 {
		what.ObjectKey = fmt.Sprintf("sha256:%x", r.ContentSHA256)
	}
	body, err := json.Marshal(what)
	if err != nil {
		return store.Idempotency{}, fmt.Errorf("encode import request: %w", err)
	}
	hash := sha256.Sum256(body)
	scope := fmt.Sprintf("imports:%s:%s", p.TenantID, p.Actor())
	return store.Idempotency{Scope: scope, Key: r.IdempotencyKey, Hash: hash[:]}, nil
}

// Import returns one import of the principal's tenant.
func (o *Ops) Import(ctx context.Context, p retailq.Principal, id retailq.ID) (*retailq.Import, error) {
	t, err := o.reader(p)
	if err != nil {
		return nil, err
	}
	return t.Import(ctx, id)
}

// Imports lists the imports of the principal's tenant, newest first.
func (o *Ops) Imports(ctx context.Context, p retailq.Principal, page store.Page) ([]*retailq.Import, error) {
	t, err := o.reader(p)
	if err != nil {
		return nil, err
	}
	return t.Imports(ctx, page)
}

// ImportErrors lists why records of an import were rejected, in file order.
func (o *Ops) ImportErrors(
	ctx context.Context, p retailq.Principal, id retailq.ID, page store.ErrorPage,
) ([]store.ListedError, error) {
	t, err := o.reader(p)
	if err != nil {
		return nil, err
	}
	if _, err := t.Import(ctx, id); err != nil {
		return nil, err
	}
	return t.RowErrors(ctx, id, page)
}

// CountErrors counts an import's errors by code, the most frequent first.
func (o *Ops) CountErrors(ctx context.Context, p retailq.Principal, id retailq.ID) ([]store.CodeCount, error) {
	t, err := o.reader(p)
	if err != nil {
		return nil, err
	}
	if _, err := t.Import(ctx, id); err != nil {
		return nil, err
	}
	return t.CountErrors(ctx, id)
}

// ReportURL returns an address from which the rejected rows of an import can be downloaded for a while. It is
// ErrNotFound if none was rejected, and ErrConflict while the import has not finished.
func (o *Ops) ReportURL(ctx context.Context, p retailq.Principal, id retailq.ID) (string, error) {
	i, err := o.Import(ctx, p, id)
	if err != nil {
		return "", err
	}
	switch {
	case !i.State.Finished():
		return "", retailq.Conflict("import_unfinished", "import %s is still %s", id, i.State).
			WithHint("Its report is complete once it has finished.")
	case i.Report == nil && i.Rows.Rejected > 0:
		return "", retailq.Conflict("report_missing", "the report of import %s could not be put together", id).
			WithHint("Requeue the import to have it done again; its errors are listed without the report.")
	case i.Report == nil:
		return "", retailq.Errorf(retailq.ErrNotFound, "report_empty", "import %s rejected no rows", id)
	}
	return o.bucket.PresignGet(ctx, *i.Report, o.limits.UploadURL, reportName(i.Filename))
}

func reportName(filename string) string {
	ext := path.Ext(filename)
	return filename[:len(filename)-len(ext)] + ".rejected.csv"
}

// importer is the tenant for which p may import.
func (o *Ops) importer(p retailq.Principal) (retailq.ID, error) {
	if err := Allowed(p.Role, StartImports); err != nil {
		return retailq.ID{}, err
	}
	return tenantOf(p)
}

// reader is the handle through which p may read imports.
func (o *Ops) reader(p retailq.Principal) (*store.Tenant, error) {
	if err := Allowed(p.Role, ReadImports); err != nil {
		return nil, err
	}
	tenant, err := tenantOf(p)
	if err != nil {
		return nil, err
	}
	return o.db.Tenant(tenant), nil
}

func orElse(s, fallback string) string {
	if s == "" || s == "." || s == "/" {
		return fallback
	}
	return s
}
