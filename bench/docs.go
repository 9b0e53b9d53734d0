package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// The lines between which the document holds figures.
const (
	figuresBegin = "<!-- figures: written by bench -update -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

// updateDocs replaces the figures in the document.
func updateDocs(path, figures string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("update figures: %w", err)
	}
	updated, err := replaceFigures(old, figures)
	if err != nil {
		return fmt.Errorf("update figures in %s: %w", path, err)
	}
	if err := os.WriteFile(path, updated, 0o644); err != nil { //nolint:gosec // a document
		return fmt.Errorf("update figures: %w", err)
	}
	return nil
}

func replaceFigures(document []byte, figures string) ([]byte, error) {
	before, rest, found := bytes.Cut(document, []byte(figuresBegin))
	_, after, foundEnd := bytes.Cut(rest, []byte(figuresEnd))
	if !found || !foundEnd {
		return nil, fmt.Errorf("no lines %q and %q", strings.TrimSpace(figuresBegin), strings.TrimSpace(figuresEnd))
	}
	return []byte(string(before) + figuresBegin + "\n" + figures + "\n" + figuresEnd + string(after)), nil
}
