// Command bench measures imports and latency of a whole platform on this machine, beside what plain SQL needs for the
// same work on the same server in the same run. It starts the platform by `retailq up`, durable as that makes it, in a
// directory of its own, and removes everything at the end.
//
// Figures of one run can be compared with one another, and with nothing else: docs/benchmarks.md, which -update
// writes, says how they come about and what they favour.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// options say what to measure.
type options struct {
	program string // retailq, as built
	dir     string // where the platform and the files go; empty for the system's place for temporary files
	docs    string // the document that is rewritten
	update  bool
	sizes   []int // rows of the files to import
	repeat  int
	workers int
	starts  int // imports of one row, for the time from enqueueing to start
	watched int // imports that are watched for their first progress
}

func main() {
	log.SetFlags(log.Ltime)
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2) // the flag set has said why
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		log.Fatalln("bench:", err)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{sizes: []int{100_000, 1_000_000}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.program, "retailq", "bin/retailq", "the `program` to measure")
	flags.StringVar(&o.dir, "dir", "", "make temporary files in `directory`: measure the disk that matters")
	flags.StringVar(&o.docs, "docs", "docs/benchmarks.md", "the `document` that -update rewrites")
	flags.BoolVar(&o.update, "update", false, "replace the figures in the document")
	flags.IntVar(&o.repeat, "repeat", 3, "runs of each contestant and size")
	flags.IntVar(&o.workers, "workers", 2, "worker processes")
	flags.IntVar(&o.starts, "starts", 200, "imports of one row, for the time from enqueueing to start")
	flags.IntVar(&o.watched, "watched", 20, "imports that are watched for their first progress")
	flags.Func("rows", "sizes of the files, in `rows` with commas between (default 100000,1000000)",
		func(text string) (err error) {
			o.sizes, err = parseSizes(text)
			return err
		})
	flags.BoolFunc("quick", "the same as -rows 100000", func(string) error {
		o.sizes = []int{100_000}
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.repeat < 1 || o.workers < 1 || o.starts < 1 || o.watched < 1 || flags.NArg() > 0 {
		err := errors.New("bench takes flags only, and their numbers must be positive")
		fmt.Fprintln(stderr, err)
		return o, err
	}
	return o, nil
}

func parseSizes(text string) ([]int, error) {
	var sizes []int
	for field := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a number of rows", field)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// run starts a platform, measures it and prints the report.
func run(ctx context.Context, o options, stdout io.Writer) (err error) {
	scratch, err := makeScratch(o.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	p, err := startPlatform(ctx, o, scratch)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	c, err := openCourse(ctx, p.databaseURL)
	if err != nil {
		return err
	}
	defer c.close()
	b := &bench{options: o, scratch: scratch, course: c, api: newClient(p.url, p.token, courseTenant)}
	found, err := b.measure(ctx)
	if err != nil {
		return err
	}
	text := report(found)
	if _, err := io.WriteString(stdout, text); err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	if o.update {
		return updateDocs(o.docs, text)
	}
	return nil
}

// bench is one run of all measurements.
type bench struct {
	options
	scratch string
	course  *course
	api     *client
}

func (b *bench) measure(ctx context.Context) (findings, error) {
	f := findings{when: time.Now().UTC(), options: b.options}
	var err error
	if f.machine, err = inspectMachine(ctx, b.course.platform); err != nil {
		return f, err
	}
	if err := b.prepare(ctx); err != nil {
		return f, err
	}
	if f.starts, err = b.measureStarts(ctx); err != nil {
		return f, err
	}
	if f.progress, f.rows, err = b.measureFirstProgress(ctx); err != nil {
		return f, err
	}
	for _, rows := range b.sizes {
		race, err := b.race(ctx, rows)
		if err != nil {
			return f, err
		}
		f.races = append(f.races, race)
	}
	return f, nil
}
