package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"retailq"
)

// importReport is one line of `retailq import --watch --json`.
type importReport struct {
	ID    retailq.ID    `json:"id"`
	State retailq.State `json:"state"`
	// Progress is left out of the last line.
	Progress *retailq.Progress  `json:"progress,omitempty"`
	Rows     retailq.ImportRows `json:"rows"`
	// Seconds have passed since the import was started.
	Seconds float64 `json:"seconds"`
	// The rest is on the last line only.
	Filename  string           `json:"filename,omitempty"`
	HasReport *bool            `json:"has_report,omitempty"`
	Ignored   []string         `json:"ignored_columns,omitempty"`
	Failure   *retailq.Failure `json:"error,omitempty"`
}

// progressReport tells how far an import has come, by its job.
func progressReport(j *retailq.Job) importReport {
	return importReport{
		ID: j.ID, State: j.State, Progress: &j.Progress, Rows: retailq.ImportRowsOf(j.Counters),
		Seconds: secondsBetween(j.CreatedAt, &j.UpdatedAt), Failure: j.Failure,
	}
}

// outcomeReport tells what became of an import.
func outcomeReport(i *retailq.Import) importReport {
	return importReport{
		ID: i.ID, State: i.State, Rows: i.Rows, Seconds: secondsBetween(i.CreatedAt, i.FinishedAt),
		Filename: i.Filename, HasReport: &i.HasReport, Ignored: i.Ignored,
		Failure: i.Failure,
	}
}

// secondsBetween is exact to the millisecond, and 0 while there is no end.
func secondsBetween(start time.Time, end *time.Time) float64 {
	if end == nil {
		return 0
	}
	return math.Round(end.Sub(start).Seconds()*1000) / 1000
}

// printOutcome tells a person what became of an import, or how it stands, and what to do about rejected rows.
func printOutcome(w io.Writer, i *retailq.Import, tenant string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", printable(i.Filename), i.State)
	if i.FinishedAt != nil {
		took := i.FinishedAt.Sub(i.CreatedAt)
		fmt.Fprintf(&b, " in %s", shortly(took))
		if i.State == retailq.Succeeded && took > 0 {
			fmt.Fprintf(&b, ", %s rows/s", grouped(int64(float64(i.Rows.Read)/took.Seconds())))
		}
	}
	b.WriteByte('\n')
	for _, line := range outcomeLines(i.Rows) {
		fmt.Fprintf(&b, "  %12s %s\n", grouped(line.n), line.what)
	}
	if i.Failure != nil {
		fmt.Fprintf(&b, "It failed: %s\n", printable(i.Failure.Message))
		if i.Failure.Hint != "" {
			fmt.Fprintf(&b, "hint: %s\n", printable(i.Failure.Hint))
		}
	}
	if len(i.Ignored) > 0 {
		fmt.Fprintf(&b, "Columns that mean nothing here were ignored: %s\n", printable(strings.Join(i.Ignored, ", ")))
	}
	if i.Rows.Rejected > 0 {
		fmt.Fprintf(&b, "%s rows were REJECTED and are not in the database.\n", grouped(i.Rows.Rejected))
		fmt.Fprintf(&b, "  why:             retailq imports errors %s%s\n", i.ID, inTenant(tenant))
		if i.HasReport {
			fmt.Fprintf(&b, "  to correct them: retailq imports report %s -o rejected.csv%s\n", i.ID, inTenant(tenant))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// outcomeLine is one count of an import in words.
type outcomeLine struct {
	n    int64
	what string
}

// outcomeLines leaves out what is rare and did not happen.
func outcomeLines(r retailq.ImportRows) []outcomeLine {
	lines := []outcomeLine{
		{r.Read, "rows read"}, {r.Created, "created"}, {r.Updated, "updated"}, {r.Unchanged, "unchanged"},
	}
	if r.Duplicate > 0 {
		lines = append(lines, outcomeLine{r.Duplicate, "duplicate: a later row has the same uid and counts instead"})
	}
	lines = append(lines, outcomeLine{r.Rejected, "rejected"})
	if r.Unprocessed > 0 {
		lines = append(lines, outcomeLine{r.Unprocessed, "not processed"})
	}
	return lines
}
