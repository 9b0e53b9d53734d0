package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"retailq"
	"retailq/config"
)

// newDoctorCommand: retailq doctor.
func newDoctorCommand(env *environment) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check everything the platform depends on, and say how to fix it",
		Long: `Check everything the platform depends on, as the environment names it: the database, its schema and its clock,
Redis and its settings, the bucket and the right to write to it, the API and the token. For each thing that is wrong it
says how to fix it. It changes nothing but an object in the bucket, which it removes again.

EXIT STATUS
  0 if nothing has failed, though there may be warnings; 1 if something has.`,
		Example: "  . .retailq/env && retailq doctor",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), env, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// verdict is how a check came out.
type verdict string

const (
	ok   verdict = "ok"
	warn verdict = "warn" // it works, but not as it should
	fail verdict = "fail"
)

// finding is what one check has found.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	// Hint says how to put it right.
	Hint string `json:"hint,omitempty"`
}

// checkPatience is how long the checks of one server may take.
const checkPatience = 10 * time.Second

func runDoctor(ctx context.Context, env *environment, asJSON bool) error {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	findings := examine(ctx, env)
	if asJSON {
		if err := printJSON(env.stdout, findings); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			fmt.Fprintf(env.stdout, "%-4s  %-20s  %s\n", f.Verdict, f.Check, f.Detail)
			if f.Hint != "" {
				fmt.Fprintf(env.stdout, "%-4s  %-20s  → %s\n", "", "", f.Hint)
			}
		}
	}
	for _, f := range findings {
		if f.Verdict == fail {
			return &exitError{status: exitFailed}
		}
	}
	return nil
}

// examine runs all checks, those of different servers at once.
func examine(ctx context.Context, env *environment) []finding {
	servers := []func(context.Context, *environment) []finding{
		checkVariables, checkDatabase, checkRedis, checkStorage, checkAPI,
	}
	found := make([][]finding, len(servers))
	var group sync.WaitGroup
	for i, check := range servers {
		group.Go(func() { found[i] = check(ctx, env) })
	}
	group.Wait()
	var all []finding
	for _, list := range found {
		all = append(all, list...)
	}
	return all
}

// checkVariables looks for variables that nobody reads.
func checkVariables(_ context.Context, env *environment) []finding {
	var findings []finding
	for _, warning := range config.Warnings(env.environ) {
		findings = append(findings, finding{"environment", warn, warning, "Correct its name, or remove it."})
	}
	return findings
}

// failed makes a finding of an error, with the hint that the error carries.
func failed(check string, err error) finding {
	f := finding{Check: check, Verdict: fail, Detail: err.Error()}
	var settings *config.Error
	var e *retailq.Error
	switch {
	case errors.As(err, &settings):
		p := settings.Problems[0]
		f.Detail = p.Variable + " " + p.What
		f.Hint = fmt.Sprintf("Set it, for example: %s=%s", p.Variable, p.Example)
	case errors.As(err, &e):
		f.Hint = e.Hint
	}
	f.Detail = strings.Join(strings.Fields(f.Detail), " ") // drivers spread theirs over lines
	return f
}
