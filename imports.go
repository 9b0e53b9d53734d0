package retailq

import "time"

// Names of an import's counters. The scan counts what it read; chunks count what became of it.
const (
	CountRead      = "read"
	CountCreated   = "created"
	CountUpdated   = "updated"
	CountUnchanged = "unchanged"
	CountDuplicate = "duplicate"
	CountRejected  = "rejected"
)

// Object names one immutable version of an object in the bucket.
type Object struct {
	Key string `json:"key"`
	// Version is the S3 VersionId, "" where the bucket keeps no versions. ETag pins the content either way.
	Version string `json:"version,omitempty"`
	ETag    string `json:"etag"`
	Size    int64  `json:"size"` // bytes
}

// ImportOptions are the choices of whoever starts an import. The zero value is a safe default.
type ImportOptions struct {
	// CreateMasterData creates regions and areas that the file names and the tenant does not have yet. Without it
	// such a row is rejected.
	CreateMasterData bool `json:"create_master_data,omitempty"`
}

// Import is the loading of one file. It shares its id with the job that performs it.
type Import struct {
	ID       ID            `json:"id"`
	TenantID ID            `json:"tenant_id"`
	Dataset  string        `json:"dataset"`
	Filename string        `json:"filename"`
	Object   Object        `json:"object"`
	Options  ImportOptions `json:"options"`
	State    State         `json:"state"`
	Progress Progress      `json:"progress"`
	Rows     ImportRows    `json:"rows"`
	Failure  *Failure      `json:"error,omitempty"`
	// Report is the object that holds the rejected rows, once the import has finished with any.
	Report    *Object `json:"-"`
	HasReport bool    `json:"has_report"`
	// Ignored are columns of the file that mean nothing to the dataset, known once the file has been scanned.
	Ignored    []string   `json:"ignored_columns,omitempty"`
	CreatedBy  string     `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	Version    int64      `json:"version"`
}

// ImportRows are the counts of an import, in records of the file. Read is always the sum of the others.
type ImportRows struct {
	Read      int64 `json:"read"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	// Unprocessed records were read and have no fate yet: work still to do, or left undone by an import that stopped
	// early. It is 0 once an import has succeeded.
	Unprocessed int64 `json:"unprocessed"`
}

// ImportRowsOf picks an import's counts from its job's counters.
func ImportRowsOf(c Counters) ImportRows {
	r := ImportRows{
		Read: c[CountRead], Created: c[CountCreated], Updated: c[CountUpdated],
		Unchanged: c[CountUnchanged], Duplicate: c[CountDuplicate], Rejected: c[CountRejected],
	}
	r.Unprocessed = r.Read - (r.Created + r.Updated + r.Unchanged + r.Duplicate + r.Rejected)
	return r
}

// RowError is one reason why one record was rejected.
type RowError struct {
	// Line is the physical line of the file on which the record starts, from 1.
	Line int64 `json:"line"`
	// Column is the header in the file, or "" where the whole record is at fault.
	Column string `json:"column,omitempty"`
	// Code is stable: "phone_invalid".
	Code string `json:"code"`
	// Value is what the file says, shortened to 200 characters.
	Value   string `json:"value,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}
