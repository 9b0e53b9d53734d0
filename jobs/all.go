package jobs

import (
	"retailq/queue"
	"retailq/storage"
	"retailq/store"
	"retailq/tabular"
)

// Deps is what jobs work on.
type Deps struct {
	DB     *store.DB
	Bucket *storage.Bucket
	Import ImportOptions
}

// ImportOptions size imports. All must be positive.
type ImportOptions struct {
	// ChunkRows is how many records one transaction covers: more cost memory and make pausing slower, fewer cost
	// round trips.
	ChunkRows int
	// Window is how many chunks of one import may be under way at once. A few keep every core busy; more would let one
	// import crowd out the others.
	Window int
	// MaxRows refuses files with more records.
	MaxRows int64
	// Limits bound single records.
	Limits tabular.Limits
}

// All binds every kind of job to what it does.
func All(d Deps) []queue.Binding {
	imports := importer{d}
	return []queue.Binding{
		queue.BindParent(RetailerImport, imports.scan, imports.finish),
		queue.Bind(RetailerImportChunk, imports.loadChunk),
	}
}
