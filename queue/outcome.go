package queue

import (
	"errors"

	"retailq"
	"retailq/store"
)

// hopeless lists the kinds of error that the same attempt would only meet again. Everything else is retried.
var hopeless = []error{
	retailq.ErrInvalid, retailq.ErrNotFound, retailq.ErrForbidden, retailq.ErrTooLarge, retailq.ErrConflict,
}

// failed is how an attempt ends that returned err: again after a delay while attempts are left, if there is any hope.
func failed(job *retailq.Job, b Backoff, err error) store.Ending {
	e := store.Ending{State: retailq.Failed, Event: "failed", Burn: true, Failure: failureOf(err)}
	burned := job.Failures + 1
	if burned >= job.MaxAttempts || isHopeless(err) {
		return e
	}
	e.State, e.Event, e.Delay = retailq.Retrying, "retrying", b.Delay(burned)
	return e
}

func isHopeless(err error) bool {
	for _, kind := range hopeless {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// failureOf is what users are told. An error that was not written for them stays in the logs.
func failureOf(err error) *retailq.Failure {
	var e *retailq.Error
	if errors.As(err, &e) {
		return &retailq.Failure{Code: e.Code, Message: e.Message, Hint: e.Hint}
	}
	return &retailq.Failure{
		Code: "internal", Message: "an internal error occurred",
		Hint: "The worker's log has the details under the job's id.",
	}
}
