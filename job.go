package retailq

import (
	"encoding/json"
	"maps"
	"time"
)

// State is where a job stands, as users see it.
type State string

// The states. A wish that is not yet reality shows as Pausing or Cancelling.
const (
	Scheduled  State = "scheduled"
	Queued     State = "queued"
	Running    State = "running"
	Retrying   State = "retrying"
	Pausing    State = "pausing"
	Paused     State = "paused"
	Cancelling State = "cancelling"
	Cancelled  State = "cancelled"
	Succeeded  State = "succeeded"
	Failed     State = "failed"
)

// States lists every state, in the order of a job's life.
func States() []State {
	return []State{Scheduled, Queued, Running, Retrying, Pausing, Paused, Cancelling, Cancelled, Succeeded, Failed}
}

// Finished reports whether the state is final: only a requeue leaves it.
func (s State) Finished() bool { return s == Succeeded || s == Failed || s == Cancelled }

// Wish is what somebody wants of a running job. It is durable and is obeyed at the next border of work.
type Wish string

// The wishes.
const (
	NoWish     Wish = ""
	WishPause  Wish = "pause"
	WishCancel Wish = "cancel"
)

// Stage says which part of a job an attempt performs.
type Stage string

// The stages. Most jobs only ever perform. A job with children waits for them while no worker holds it, then
// finishes in an attempt of its own.
const (
	StagePerform  Stage = "perform"
	StageChildren Stage = "children"
	StageFinish   Stage = "finish"
)

// Counters count what a job did, by name: "created", "rejected". Counters add up, from attempt to attempt and from
// children to parent.
type Counters map[string]int64

// Clone returns an independent copy, never nil.
func (c Counters) Clone() Counters {
	if c == nil {
		return Counters{}
	}
	return maps.Clone(c)
}

// Progress is how far a job has come. Total is 0 while it is not known.
type Progress struct {
	// Phase is a word for people: "scanning", "importing", "reporting".
	Phase string `json:"phase"`
	// Done and Total are in the unit of the phase: bytes while scanning, rows while importing.
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// Failure is why an attempt failed.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// Job is one durable unit of work: a row of table jobs, which users poll, cancel and re-queue.
type Job struct {
	ID ID `json:"id"`
	// TenantID is zero for a job of the platform itself.
	TenantID ID     `json:"tenant_id,omitzero"`
	ParentID ID     `json:"parent_id,omitzero"`
	Seq      int    `json:"seq"` // place among its siblings, from 0
	Kind     string `json:"kind"`
	Queue    string `json:"queue"`
	State    State  `json:"state"`
	Stage    Stage  `json:"stage"`
	Wish     Wish   `json:"-"`
	// Outcome is how a job whose children did not all succeed will end: Failed or Cancelled; else empty.
	Outcome State `json:"-"`
	// Epoch is the fencing number: raised at every claim, and whenever the job or its delivery is taken away.
	Epoch int64 `json:"epoch"`
	// Version is raised at every change of the row; clients use it to tell old news from new.
	Version  int64           `json:"version"`
	Args     json.RawMessage `json:"args"`
	Cursor   json.RawMessage `json:"-"`
	Result   json.RawMessage `json:"result,omitempty"`
	Failure  *Failure        `json:"error,omitempty"`
	Progress Progress        `json:"progress"`
	Counters Counters        `json:"counters"`
	// Failures counts attempts that failed, of the MaxAttempts allowed. An attempt interrupted by a deploy, a crash
	// or an operator is not among them.
	Failures    int `json:"failures"`
	MaxAttempts int `json:"max_attempts"`
	WorkerID    ID  `json:"worker_id,omitzero"`
	// Trace is the W3C traceparent of the request that asked for the job.
	Trace     string    `json:"-"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	// RunAt is the earliest time of the next attempt, for a scheduled or retrying job.
	RunAt      time.Time  `json:"run_at"`
	StartedAt  *time.Time `json:"started_at,omitempty"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

// Fence is the right to commit work on behalf of a job: it holds as long as the job's epoch is unchanged.
type Fence struct {
	JobID    ID
	ParentID ID
	Epoch    int64
}

// Fence returns the fence of the job as claimed.
func (j *Job) Fence() Fence { return Fence{JobID: j.ID, ParentID: j.ParentID, Epoch: j.Epoch} }

// Delivery is what travels through Redis: which job to claim, and at which epoch. A delivery whose epoch has passed
// is a no-op.
type Delivery struct {
	JobID ID    `json:"job_id"`
	Epoch int64 `json:"epoch"`
	// Queue routes the delivery and is not part of its payload.
	Queue string `json:"-"`
}

// JobEvent is one line of a job's history. The history is append-only.
type JobEvent struct {
	ID    int64           `json:"id"`
	JobID ID              `json:"job_id"`
	At    time.Time       `json:"at"`
	Type  string          `json:"type"`
	Actor string          `json:"actor"`
	Data  json.RawMessage `json:"data,omitempty"`
}
