package obs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// Trace says which chain of work something belongs to, across processes, as in W3C Trace Context
// (https://www.w3.org/TR/trace-context/). The zero Trace belongs to none.
type Trace struct {
	// ID names the whole chain: 32 hexadecimal digits.
	ID string
	// Parent names the step that this one follows: 16 hexadecimal digits.
	Parent string
	// Sampled says that the caller keeps a record of the chain.
	Sampled bool
}

// NewTrace begins a chain.
func NewTrace() Trace { return Trace{ID: randomHex(16), Parent: randomHex(8)} }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// ParseTrace reads a traceparent header. Anything that is not one, by section 3.2 of the standard, is false.
func ParseTrace(header string) (Trace, bool) {
	// version "-" trace-id "-" parent-id "-" flags; versions after 00 may go on after another "-".
	if len(header) < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return Trace{}, false
	}
	version, id, parent, flags := header[:2], header[3:35], header[36:52], header[53:55]
	if version == "ff" || version == "00" && len(header) != 55 || len(header) > 55 && header[55] != '-' {
		return Trace{}, false
	}
	for _, part := range []string{version, id, parent, flags} {
		if strings.Trim(part, "0123456789abcdef") != "" {
			return Trace{}, false
		}
	}
	if strings.Trim(id, "0") == "" || strings.Trim(parent, "0") == "" {
		return Trace{}, false
	}
	sampled := strings.ContainsRune("13579bdf", rune(flags[1]))
	return Trace{ID: id, Parent: parent, Sampled: sampled}, true
}

// String returns the traceparent header, or "" for the zero Trace.
func (t Trace) String() string {
	if t.ID == "" {
		return ""
	}
	flags := "00"
	if t.Sampled {
		flags = "01"
	}
	return "00-" + t.ID + "-" + t.Parent + "-" + flags
}

// Next is the trace to send along with what this step calls: the same chain, with this step as the parent.
func (t Trace) Next() Trace {
	t.Parent = randomHex(8)
	return t
}

type traceKey struct{}

// Continue returns a context that belongs to the trace of a traceparent header, or to a new one where the header is
// missing or malformed. Its log lines carry the trace's id.
func Continue(ctx context.Context, traceparent string) context.Context {
	t, ok := ParseTrace(traceparent)
	if !ok {
		t = NewTrace()
	}
	return With(context.WithValue(ctx, traceKey{}, t), TraceID, t.ID)
}

// TraceOf returns the trace to which the context belongs, the zero Trace for none.
func TraceOf(ctx context.Context) Trace {
	t, _ := ctx.Value(traceKey{}).(Trace)
	return t
}
