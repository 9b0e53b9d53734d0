package main

import "time"

const (
	// meterWindow is how far back a speed is measured: long enough not to jump with every chunk, short enough to notice
	// that work has come to a halt.
	meterWindow = 10 * time.Second
	// meterStep is the least time between two samples.
	meterStep = 100 * time.Millisecond
)

// meter measures how fast something goes. The zero value is ready for use.
type meter struct{ samples []sampleOf }

// sampleOf is how much was done at some time.
type sampleOf struct {
	at   time.Time
	done int64
}

// add notes how much is done by now.
func (m *meter) add(now time.Time, done int64) {
	n := len(m.samples)
	if n > 0 && done < m.samples[n-1].done {
		m.samples, n = nil, 0 // begun anew
	}
	s := sampleOf{now, done}
	if n > 1 && now.Sub(m.samples[n-2].at) < meterStep {
		m.samples[n-1] = s
		return
	}
	m.samples = append(m.samples, s)
	for len(m.samples) > 2 && now.Sub(m.samples[1].at) >= meterWindow {
		m.samples = m.samples[1:]
	}
}

// speed is how much is done in a second; 0 while that cannot be told.
func (m *meter) speed() float64 {
	if len(m.samples) < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	took := last.at.Sub(first.at)
	if took < meterStep {
		return 0
	}
	return float64(last.done-first.done) / took.Seconds()
}
