package client

import (
	"bufio"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// maxEventLine is the length of the longest line of a stream, in bytes.
const maxEventLine = 4 << 20

// event is one server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). Of the id only what
// the data says again is used here, so it is left out.
type event struct {
	name string
	data string
	// retry, if not 0, is how long to wait before connecting again. It may come without name and data.
	retry time.Duration
}

// readEvents yields the events of a stream until it ends or breaks, which is the same to a reader that connects again.
// An event without its closing blank line was cut off and is dropped, as the specification demands.
func readEvents(r io.Reader) iter.Seq[event] {
	return func(yield func(event) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxEventLine)
		var e event
		for lines.Scan() {
			line := strings.TrimSuffix(lines.Text(), "\r")
			if line != "" {
				e.add(line)
				continue
			}
			if e != (event{}) && !yield(e) {
				return
			}
			e = event{}
		}
	}
}

// add takes one field of the event.
func (e *event) add(line string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "event":
		e.name = value
	case "data":
		if e.data != "" {
			value = e.data + "\n" + value
		}
		e.data = value
	case "retry":
		if ms, err := strconv.Atoi(value); err == nil && ms > 0 {
			e.retry = time.Duration(ms) * time.Millisecond
		}
	}
}
