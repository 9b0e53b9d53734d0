package obs

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/lmittmann/tint"
)

// LogOptions say how log lines look.
type LogOptions struct {
	// Level is the least that is logged. Nil means slog.LevelInfo.
	Level slog.Leveler
	// Format is "json", "text", or "auto" (also ""): text where the output is a terminal, else JSON.
	Format string
	// Service names the process in every line, such as "worker"; it may be empty.
	Service string
}

// NewLogger returns a logger that writes to w and adds to every line what [With] put into its context: use the
// methods that take one, such as InfoContext. Times are UTC in JSON, and local in text.
func NewLogger(w io.Writer, opts LogOptions) *slog.Logger {
	var lines slog.Handler
	terminal := isTerminal(w)
	if opts.Format == "json" || opts.Format != "text" && !terminal {
		lines = slog.NewJSONHandler(w, &slog.HandlerOptions{Level: opts.Level, ReplaceAttr: inUTC})
	} else {
		lines = tint.NewTextHandler(w, &tint.Options{Level: opts.Level, NoColor: !terminal, TimeFormat: time.TimeOnly})
	}
	logger := slog.New(contextual{lines})
	if opts.Service != "" {
		logger = logger.With("service", opts.Service)
	}
	return logger
}

// isTerminal takes any character device for a terminal, which is right for all that standard error can be but
// /dev/null, where it does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func inUTC(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		a.Value = slog.TimeValue(a.Value.Time().UTC())
	}
	return a
}

// contextual adds the attributes of the context to each line that does not have them itself.
type contextual struct{ slog.Handler }

// Handle implements slog.Handler.
func (h contextual) Handle(ctx context.Context, record slog.Record) error {
	attrs, ok := ctx.Value(attrsKey{}).([]slog.Attr)
	if !ok {
		return h.Handler.Handle(ctx, record)
	}
	var own []string
	record.Attrs(func(a slog.Attr) bool {
		own = append(own, a.Key)
		return true
	})
	record = record.Clone()
	for _, a := range attrs {
		if !slices.Contains(own, a.Key) {
			record.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextual{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler. What the context adds goes into the group as well.
func (h contextual) WithGroup(name string) slog.Handler { return contextual{h.Handler.WithGroup(name)} }
