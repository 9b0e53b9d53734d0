package main

import (
	"context"
	"errors"
	"fmt"

	"retailq"
	"retailq/cmd/internal/client"
)

// followJob calls see with a job as it is and after each change, until it has finished.
func followJob(ctx context.Context, c *client.Client, id retailq.ID, see func(*retailq.Job) error) error {
	for job, err := range c.Watch(ctx, id) {
		if err == nil {
			err = see(job)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// detached ends a command that can watch no longer. What it watched does not care.
func detached(ctx context.Context, env *environment, noun string, id retailq.ID, tenant string, err error) error {
	if ctx.Err() == nil && !errors.Is(err, retailq.ErrUnavailable) {
		return err
	}
	fmt.Fprintf(env.stderr, "no longer watching; the %s goes on.\n", noun)
	fmt.Fprintf(env.stderr, "  to watch it again: retailq jobs watch %s%s\n", id, inTenant(tenant))
	fmt.Fprintf(env.stderr, "  to stop it:        retailq jobs cancel %s%s\n", id, inTenant(tenant))
	if ctx.Err() != nil {
		return &exitError{status: exitInterrupted}
	}
	return err
}

// statusOf ends a command with the outcome of what it watched. There is nothing more to say.
func statusOf(state retailq.State) error {
	if state == retailq.Succeeded {
		return nil
	}
	return &exitError{status: exitFailed}
}
