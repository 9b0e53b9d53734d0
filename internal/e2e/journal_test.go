package e2e

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"retailq"
)

// line is one log line of a process, as far as tests look at it.
type line struct {
	Msg     string     `json:"msg"`
	Addr    string     `json:"addr"`
	JobID   retailq.ID `json:"job_id"`
	Epoch   int64      `json:"epoch"`
	Outcome string     `json:"outcome"`
}

// journal collects what a process logs.
type journal struct {
	mu    sync.Mutex
	part  []byte // a line that has not ended yet
	raw   []string
	lines []line
	more  chan struct{} // closed, and replaced, when there are new lines
}

func newJournal() *journal { return &journal{more: make(chan struct{})} }

// Write takes output of the process, in pieces of any size.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.part = append(j.part, p...)
	for {
		text, rest, ended := bytes.Cut(j.part, []byte("\n"))
		if !ended {
			break
		}
		var l line
		_ = json.Unmarshal(text, &l) // a line that is not JSON has no fields to look for
		j.raw, j.lines = append(j.raw, string(text)), append(j.lines, l)
		j.part = append([]byte(nil), rest...)
	}
	close(j.more)
	j.more = make(chan struct{})
	return len(p), nil
}

// find returns the first line that matches, or nil and a channel that is closed when there is more to look at.
func (j *journal) find(match func(line) bool) (*line, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, l := range j.lines {
		if match(l) {
			return &l, nil
		}
	}
	return nil, j.more
}

// tail returns the last lines.
func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.raw[max(0, len(j.raw)-60):], "\n")
}
