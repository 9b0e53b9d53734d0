package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"retailq"
)

// stand is how far a piece of work has come.
type stand struct {
	// phase is a word for what is being done. Each phase counts anew.
	phase string
	// note is added where the work does not simply go on: "paused".
	note string
	// done and total are rows, or bytes. A total of 0 is not known.
	done, total int64
	bytes       bool
}

// standOf is how far a job has come. Only its scan counts bytes.
func standOf(j *retailq.Job) stand {
	s := stand{
		phase: j.Progress.Phase, done: j.Progress.Done, total: j.Progress.Total, bytes: j.Progress.Phase == "scanning",
	}
	switch {
	case s.phase == "" && j.State == retailq.Running:
		s.phase = "starting"
	case s.phase == "":
		s.phase = string(j.State)
	case j.State != retailq.Running:
		s.note = string(j.State)
	}
	return s
}

// howFar tells in one line how far a job has come, where its state is told elsewhere.
func howFar(j *retailq.Job) string {
	s := standOf(j)
	s.note = ""
	return s.describe(0)
}

// describe tells in one line how far it is, how fast it goes and how long it will take.
func (s stand) describe(speed float64) string {
	number, unit := grouped, " rows"
	if s.bytes {
		number, unit = byteCount, ""
	}
	var parts []string
	switch {
	case s.total > 0:
		parts = append(parts, number(s.done)+" of "+number(s.total)+unit, fmt.Sprintf("%d%%", s.percent()))
	case s.done > 0:
		parts = append(parts, number(s.done)+unit)
	}
	if speed >= 1 {
		parts = append(parts, number(int64(speed))+unit+"/s")
		if left := s.total - s.done; left > 0 {
			parts = append(parts, shortly(time.Duration(float64(left)/speed*float64(time.Second)))+" left")
		}
	}
	if s.note != "" {
		parts = append(parts, s.note)
	}
	return strings.Join(parts, "  ")
}

// ended is the stand of a phase that another one followed, whether or not anybody was told of its last piece.
func (s stand) ended() stand {
	if s.total > 0 {
		s.done = s.total
	}
	s.note = ""
	return s
}

func (s stand) percent() int64 { return min(100, 100*s.done/max(1, s.total)) }

// progress shows how far a piece of work has come. It may be used from several goroutines.
type progress interface {
	show(stand)
	// close leaves on the screen what was shown last.
	close()
}

// newProgress draws bars on a terminal, and writes plain lines anywhere else.
func newProgress(w io.Writer) progress {
	if isTerminal(w) {
		return newBars(w)
	}
	return &plainProgress{w: w, now: time.Now}
}

// noProgress is for output that only programs read.
type noProgress struct{}

func (noProgress) show(stand) {}
func (noProgress) close()     {}

// lineEvery is how often a plain line is written while a phase goes on.
const lineEvery = 3 * time.Second

// plainProgress writes a line for each phase, each note, and now and then in between.
type plainProgress struct {
	w   io.Writer
	now func() time.Time

	mu      sync.Mutex
	last    stand
	meter   meter
	written time.Time
	pending bool
}

func (p *plainProgress) show(s stand) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if s.phase != p.last.phase {
		p.endPhase(now)
	}
	news := s.phase != p.last.phase || s.note != p.last.note
	p.meter.add(now, s.done)
	p.pending = p.pending || s != p.last
	p.last = s
	if news || now.Sub(p.written) >= lineEvery {
		p.flush()
	}
}

// endPhase writes how the last phase came out, unless that is what was written last.
func (p *plainProgress) endPhase(now time.Time) {
	if end := p.last.ended(); end.done != p.last.done {
		p.meter.add(now, end.done)
		p.last, p.pending = end, true
	}
	p.flush()
	p.meter = meter{}
}

func (p *plainProgress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
}

// flush writes the last stand if it is not written yet.
func (p *plainProgress) flush() {
	if !p.pending {
		return
	}
	p.pending, p.written = false, p.now()
	line := fmt.Sprintf("%-10s %s", p.last.phase, p.last.describe(p.meter.speed()))
	fmt.Fprintln(p.w, strings.TrimRight(line, " "))
}
