package ops

import (
	"time"

	"retailq"
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
)

// Limits refuse work before it begins. All must be positive.
type Limits struct {
	// UploadBytes is the size of the largest file.
	UploadBytes int64
	// Columns of a file. Its rows are counted by the scan, as nothing else knows them.
	Columns int
	// UploadURL is how long a presigned address can be used.
	UploadURL time.Duration
}

// Ops performs the verbs. It is safe for concurrent use.
type Ops struct {
	db     *store.DB
	ledger *store.Ledger
	bell   *queue.Bell
	bucket *storage.Bucket
	limits Limits
	// queuedLogins bounds the sign-ins under way, and logins those of them that check a password.
	queuedLogins chan struct{}
	logins       chan struct{}
}

// New returns the verbs over the given stores.
func New(db *store.DB, bell *queue.Bell, bucket *storage.Bucket, limits Limits) *Ops {
	return &Ops{
		db: db, ledger: db.Ledger(), bell: bell, bucket: bucket, limits: limits,
		queuedLogins: make(chan struct{}, parallelLogins+waitingLogins), logins: make(chan struct{}, parallelLogins),
	}
}

// tenantOf is the tenant on whose behalf p acts, for verbs that need one.
func tenantOf(p retailq.Principal) (retailq.ID, error) {
	if p.TenantID.IsZero() {
		return p.TenantID, retailq.Invalid("tenant_missing", "this needs a tenant").
			WithHint("Name one with the header X-Retailq-Tenant, or --tenant on the command line.")
	}
	return p.TenantID, nil
}
