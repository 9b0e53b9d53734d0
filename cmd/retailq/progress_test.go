package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"retailq"
)

// plainly returns a progress that writes to b, and a function that lets time pass.
func plainly(b *bytes.Buffer) (*plainProgress, func(time.Duration)) {
	now := time.Date(2025, time.March, 31, 12, 0, 0, 0, time.UTC)
	return &plainProgress{w: b, now: func() time.Time { return now }}, func(d time.Duration) { now = now.Add(d) }
}

func TestPlainProgress(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p, pass := plainly(&b)
	job := func(state retailq.State, phase string, done, total int64) {
		p.show(standOf(&retailq.Job{
			State: state, Progress: retailq.Progress{Phase: phase, Done: done, Total: total},
		}))
		pass(time.Second)
	}
	p.show(stand{phase: "uploading", done: 32 << 10, total: 12 << 20, bytes: true})
	pass(2 * time.Second)
	p.show(stand{phase: "uploading", done: 12 << 20, total: 12 << 20, bytes: true})
	job(retailq.Queued, "", 0, 0)
	job(retailq.Running, "", 0, 0)
	job(retailq.Running, "scanning", 0, 12<<20)
	job(retailq.Running, "scanning", 6<<20, 12<<20)
	for done := range int64(8) {
		job(retailq.Running, "importing", done*12_500, 100_000)
	}
	job(retailq.Pausing, "importing", 100_000-1, 100_000)
	job(retailq.Paused, "importing", 100_000-1, 100_000)
	job(retailq.Running, "importing", 100_000, 100_000)
	p.close()
	p.close()
	require.Equal(t, strings.TrimPrefix(`
uploading  32.0 KiB of 12.0 MiB  0%
uploading  12.0 MiB of 12.0 MiB  100%  6.0 MiB/s
queued
starting
scanning   0 B of 12.0 MiB  0%
scanning   12.0 MiB of 12.0 MiB  100%  6.0 MiB/s
importing  0 of 100,000 rows  0%
importing  37,500 of 100,000 rows  37%  12,500 rows/s  5.0 s left
importing  75,000 of 100,000 rows  75%  12,500 rows/s  2.0 s left
importing  99,999 of 100,000 rows  99%  12,499 rows/s  0.0 s left  pausing
importing  99,999 of 100,000 rows  99%  11,111 rows/s  0.0 s left  paused
importing  100,000 of 100,000 rows  100%  10,000 rows/s
`, "\n"), b.String())
}

func TestNothingToShow(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p, _ := plainly(&b)
	p.close()
	require.Empty(t, b.String())
}

// TestMeterForgets: a speed is that of the last seconds, not of the whole.
func TestMeterForgets(t *testing.T) {
	t.Parallel()
	var m meter
	at := time.Date(2025, time.March, 31, 12, 0, 0, 0, time.UTC)
	require.Zero(t, m.speed())
	for second := range int64(60) {
		m.add(at.Add(time.Duration(second)*time.Second), second*1000)
	}
	require.InDelta(t, 1000, m.speed(), 1)
	for second := range int64(20) {
		m.add(at.Add(time.Duration(60+second)*time.Second), 59_000)
	}
	require.Zero(t, m.speed(), "nothing has happened for a while")
	m.add(at.Add(81*time.Second), 10)
	require.Zero(t, m.speed(), "it has begun anew")
}

// TestMeterIsSmall: an upload tells of every piece it sends.
func TestMeterIsSmall(t *testing.T) {
	t.Parallel()
	var m meter
	at := time.Date(2025, time.March, 31, 12, 0, 0, 0, time.UTC)
	for ms := range int64(60_000) {
		m.add(at.Add(time.Duration(ms)*time.Millisecond), ms)
	}
	require.LessOrEqual(t, len(m.samples), int(meterWindow/meterStep)+3)
	require.InDelta(t, 1000, m.speed(), 1)
}

func TestBars(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := newBars(&b)
	p.show(stand{phase: "queued"})
	p.show(stand{phase: "importing", done: 50, total: 100})
	p.show(stand{phase: "importing", done: 100, total: 100})
	p.show(stand{phase: "finishing", done: 1, total: 2, note: "paused"})
	p.close()
	require.False(t, isTerminal(&b))
}

func TestHumaneNumbers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		require.Equal(t, want, grouped(n))
	}
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 3 << 40: "3.0 TiB", 1<<63 - 1: "8.0 EiB",
	} {
		require.Equal(t, want, byteCount(n))
	}
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 59 * time.Second: "59.0 s", 61 * time.Second: "1 min 01 s", 3*time.Hour + 5*time.Minute: "3 h 05 min",
	} {
		require.Equal(t, want, shortly(d))
	}
	require.Empty(t, moment(nil))
}

// TestPrintable: a customer's file must not be able to write on an operator's terminal.
func TestPrintable(t *testing.T) {
	t.Parallel()
	require.Equal(t, "\uFFFD[2Jrm⏎\uFFFD", printable("\x1b[2Jrm\n\u202E"))
	require.Equal(t, "রহিম স্টোর", printable("রহিম স্টোর"))
	require.Equal(t, strings.Repeat("x", clippedRunes-1)+"…", clipped(strings.Repeat("x", 100)))
}
