package main

import (
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// Widths of what is drawn, in columns. A terminal of 80 holds all of it, and a narrower one cuts the end off.
const (
	nameWidth = 11
	barWidth  = 24
)

// redrawEvery is how often bars are drawn anew: the eye does not see more.
const redrawEvery = 100 * time.Millisecond

// bars draws one bar for each phase, below one another.
type bars struct {
	drawing *mpb.Progress

	mu    sync.Mutex
	phase *phaseBar
}

func newBars(w io.Writer) *bars {
	return &bars{drawing: mpb.New(mpb.WithOutput(w), mpb.WithWidth(barWidth), mpb.WithRefreshRate(redrawEvery))}
}

func (b *bars) show(s stand) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.phase != nil && b.phase.name != s.phase {
		b.phase.show(b.phase.stand().ended())
		b.finish()
	}
	if b.phase == nil {
		b.phase = b.begin(s.phase)
	}
	b.phase.show(s)
}

func (b *bars) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finish()
	b.drawing.Wait()
}

// begin adds the bar of a phase.
func (b *bars) begin(name string) *phaseBar {
	p := &phaseBar{name: name}
	style := mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]")
	p.bar = b.drawing.New(0, style,
		mpb.PrependDecorators(decor.Name(name, decor.WC{W: nameWidth, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + p.text() })),
	)
	return p
}

// finish leaves the bar of the last phase as it is, or removes it where there was nothing to count, such as a wait.
func (b *bars) finish() {
	if b.phase == nil {
		return
	}
	if last := b.phase.stand(); last.total > 0 && last.done >= last.total {
		b.phase.bar.SetTotal(last.total, true)
	} else {
		b.phase.bar.Abort(last.total == 0)
	}
	b.phase = nil
}

// phaseBar is the bar of one phase. The goroutine that draws asks it for its text.
type phaseBar struct {
	name string
	bar  *mpb.Bar

	mu    sync.Mutex
	last  stand
	meter meter
}

func (p *phaseBar) show(s stand) {
	p.mu.Lock()
	p.last = s
	p.meter.add(time.Now(), s.done)
	p.mu.Unlock()
	p.bar.SetTotal(s.total, false)
	p.bar.SetCurrent(s.done)
}

func (p *phaseBar) stand() stand {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

func (p *phaseBar) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.describe(p.meter.speed())
}
