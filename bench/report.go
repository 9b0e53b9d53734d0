package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Targets of the design, on two cores with everything on one machine.
const (
	targetImport   = 1.0
	targetAgain    = 0.3
	targetMemory   = 150 << 20
	targetStartP50 = 15 * time.Millisecond
	targetStartP99 = 60 * time.Millisecond
	targetProgress = 300 * time.Millisecond
)

// report renders the findings as Markdown.
func report(f findings) string {
	var b strings.Builder
	m := f.machine
	fmt.Fprintf(&b, "Measured on %s: %d cores%s, %s of memory, %s, %s, Redis %s.\n",
		f.when.Format("2006-01-02 15:04 MST"), m.cores, inBrackets(m.cpu), mebibytes(m.memory), m.system, m.golang, m.redis)
	fmt.Fprintf(&b, "Postgres %s with %s.\n", m.postgres, m.settings)
	fmt.Fprintf(&b, "%d worker processes; %d runs of each contestant and size; load average %s at the start.\n\n",
		f.options.workers, f.options.repeat, m.load)

	t := newTable(&b, "what", "retailq", "peer", "ratio", "target", "reached")
	for _, r := range f.races {
		t.imports(r)
	}
	t.latencies(f)
	t.flush()

	fmt.Fprintf(&b, "\nEvery run, in seconds:\n\n")
	t = newTable(&b, "rows", "contestant", "runs")
	for _, r := range f.races {
		t.row(thousands(int64(r.rows)), "retailq", each(r.first))
		t.row("", "retailq, again", each(r.again))
		t.row("", "psql", each(r.psql))
	}
	t.flush()
	return b.String()
}

func (t *table) imports(r race) {
	size := thousands(int64(r.rows)) + " rows"
	versus := ratio(r.first, r.psql)
	t.row("import of "+size+" ("+thousands(r.loaded)+" stored)", seconds(median(r.first)),
		"psql "+seconds(median(r.psql)), times(versus), "≤ "+times(targetImport), yesNo(versus <= targetImport))
	again := ratio(r.again, r.first)
	t.row("the same file again, "+size, seconds(median(r.again)), "first import "+seconds(median(r.first)),
		times(again), "≤ "+times(targetAgain), yesNo(again <= targetAgain))
	t.row("peak memory of a worker, "+size, mebibytes(r.memory), "", "", "≤ "+mebibytes(targetMemory),
		yesNo(r.memory <= targetMemory))
}

func (t *table) latencies(f findings) {
	p50, p99 := percentile(f.starts, 50), percentile(f.starts, 99)
	n := strconv.Itoa(len(f.starts))
	t.row("enqueue → start, p50 of "+n, millis(p50), "", "", "≤ "+millis(targetStartP50), yesNo(p50 <= targetStartP50))
	t.row("enqueue → start, p95", millis(percentile(f.starts, 95)), "", "", "", "")
	t.row("enqueue → start, p99", millis(p99), "", "", "≤ "+millis(targetStartP99), yesNo(p99 <= targetStartP99))
	n, p99 = strconv.Itoa(len(f.progress)), percentile(f.progress, 99)
	t.row("POST → first progress seen, p50 of "+n, millis(median(f.progress)), "", "", "", "")
	t.row("POST → first progress seen, p99", millis(p99), "", "", "≤ "+millis(targetProgress),
		yesNo(p99 <= targetProgress))
	t.row("POST → first rows seen done, p50 of "+n, millis(median(f.rows)), "", "", "", "")
}

// table writes a Markdown table whose source is as readable as what it renders to.
type table struct{ w *tabwriter.Writer }

func newTable(b *strings.Builder, header ...string) *table {
	t := &table{w: tabwriter.NewWriter(b, 0, 0, 1, ' ', 0)}
	t.row(header...)
	rule := make([]string, len(header))
	for i, name := range header {
		rule[i] = strings.Repeat("-", max(len(name), 3))
	}
	t.row(rule...)
	return t
}

func (t *table) row(cells ...string) { fmt.Fprintf(t.w, "| %s\t|\n", strings.Join(cells, "\t| ")) }

func (t *table) flush() { _ = t.w.Flush() } // into memory

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func times(ratio float64) string { return fmt.Sprintf("%.2f ×", ratio) }

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func mebibytes(n int64) string {
	if n == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
}

// thousands writes a number with commas, as people read it.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func each(values []time.Duration) string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprintf("%.2f", v.Seconds()))
	}
	return strings.Join(list, ", ")
}
