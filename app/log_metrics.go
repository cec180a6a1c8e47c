package app

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// countedLog counts the warnings and errors of a log.
func countedLog(log *slog.Logger, r prometheus.Registerer) *slog.Logger {
	lines := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "blockcast_log_lines_total", Help: "Warnings and errors in the log, by level.",
	}, []string{"level"})
	r.MustRegister(lines)
	return slog.New(&countingHandler{log.Handler(), lines.WithLabelValues("warn"), lines.WithLabelValues("error")})
}

// countingHandler counts before it hands on.
type countingHandler struct {
	slog.Handler
	warnings, errors prometheus.Counter
}

// Handle implements slog.Handler.
func (h *countingHandler) Handle(ctx context.Context, r slog.Record) error {
	switch {
	case r.Level >= slog.LevelError:
		h.errors.Inc()
	case r.Level >= slog.LevelWarn:
		h.warnings.Inc()
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *countingHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return &countingHandler{h.Handler.WithAttrs(a), h.warnings, h.errors}
}

// WithGroup implements slog.Handler.
func (h *countingHandler) WithGroup(name string) slog.Handler {
	return &countingHandler{h.Handler.WithGroup(name), h.warnings, h.errors}
}
