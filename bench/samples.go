package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"retailq/store"
)

// sample writes a file of made-up retailers and returns its path.
func (b *bench) sample(ctx context.Context, rows, bad int) (string, error) {
	path := filepath.Join(b.scratch, "sample.csv")
	f, err := os.Create(path)
	if err != nil {
		return "", fmt.Errorf("write sample: %w", err)
	}
	cmd := exec.CommandContext(ctx, b.program, "sample",
		"--rows", strconv.Itoa(rows), "--bad", strconv.Itoa(bad), "--seed", "7")
	cmd.Stdout, cmd.Stderr = f, os.Stderr
	if err := errors.Join(cmd.Run(), f.Close()); err != nil {
		return "", fmt.Errorf("write sample of %d rows: %w", rows, err)
	}
	return path, nil
}

// prepare makes the regions and areas of the samples known: they are the same in a sample of any size.
func (b *bench) prepare(ctx context.Context) error {
	path, err := b.sample(ctx, 10_000, 0)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read sample: %w", err)
	}
	defer f.Close()
	places, err := placesIn(f)
	if err != nil {
		return err
	}
	return b.course.settle(ctx, places)
}

// placesIn lists the regions and areas that a file of retailers names.
func placesIn(r io.Reader) ([]store.Place, error) {
	in := csv.NewReader(bufio.NewReader(r))
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	region, area := slices.Index(header, "region"), slices.Index(header, "area")
	if region < 0 || area < 0 {
		return nil, fmt.Errorf("header %q has no region or no area", header)
	}
	seen := map[store.Place]bool{}
	var places []store.Place
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return places, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read places: %w", err)
		}
		if p := (store.Place{Region: record[region], Area: record[area]}); !seen[p] {
			seen[p] = true
			places = append(places, p)
		}
	}
}
