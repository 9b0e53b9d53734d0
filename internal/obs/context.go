package obs

import (
	"context"
	"log/slog"
	"slices"
)

// Keys of attributes that mean the same in every line.
const (
	RequestID = "request_id"
	TenantID  = "tenant_id"
	JobID     = "job_id"
	TraceID   = "trace_id"
)

type attrsKey struct{}

// With returns a context whose log lines carry more attributes, given as to slog.Info: keys and values, or
// slog.Attrs. A key that is there already gets its new value. A value that calls itself zero, such as the ID of no
// tenant, is left out.
func With(ctx context.Context, args ...any) context.Context {
	old, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	attrs := slices.Clone(old) // contexts branch
	var parsed slog.Record
	parsed.Add(args...)
	parsed.Attrs(func(a slog.Attr) bool {
		attrs = slices.DeleteFunc(attrs, func(b slog.Attr) bool { return b.Key == a.Key })
		if z, ok := a.Value.Any().(interface{ IsZero() bool }); !ok || !z.IsZero() {
			attrs = append(attrs, a)
		}
		return true
	})
	return context.WithValue(ctx, attrsKey{}, attrs)
}

// Attrs returns what With has put into the context, for those who pass it on by other means.
func Attrs(ctx context.Context) []slog.Attr {
	attrs, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return slices.Clone(attrs)
}
