package alerting

import (
	"context"
	"errors"
	"log/slog"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// Notification is one message to one receiver.
type Notification struct {
	Key    string  // of this message: the same at every try, also from another process
	Alerts []Alert // as they were when the message was due; Alert.ID is the alert's own
}

// Notifier is a receiver. Notify delivers n before it returns, or says in its
// error why it could not. It is called again with the same Key until it
// returns nil or an error marked by [Permanent]; ctx ends after 10 s. Calls
// for one Route never overlap. An error must not hold a secret.
type Notifier interface {
	Notify(ctx context.Context, n Notification) error
}

// permanent marks an error that no retry will cure.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks err as one that trying again will not cure: the receiver
// has refused the message itself. The message is given up and counted. Of nil
// it is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent reports whether err, or one that it wraps, was marked by
// [Permanent].
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// LogNotifier writes one record for each alert: P0 and P1 as errors, P2 as a
// warning, P3 and what is resolved as information.
type LogNotifier struct {
	Logger *slog.Logger // nil: slog.Default()
}

// Notify never fails.
func (l LogNotifier) Notify(ctx context.Context, n Notification) error {
	log := l.Logger
	if log == nil {
		log = slog.Default()
	}
	ctx = reqctx.NoEvent(ctx) // an alert is no error of the service
	for _, a := range n.Alerts {
		attrs := []slog.Attr{
			slog.String("alert_id", a.ID),
			slog.String("severity", a.Severity.String()),
			slog.String("state", string(a.State)),
		}
		ctx := ctx
		if a.CorrelationID != "" {
			attrs = append(attrs, slog.String("correlation_id", a.CorrelationID))
			ctx = reqctx.WithCorrelationID(ctx, a.CorrelationID) // so that it is found with the request's records
		}
		if a.Message != "" {
			attrs = append(attrs, slog.String("detail", a.Message))
		}
		if a.Rule != "" {
			attrs = append(attrs, slog.String("rule", a.Rule), slog.Float64("value", a.Value), slog.Float64("threshold", a.Threshold))
		}
		for k, v := range a.Labels {
			attrs = append(attrs, slog.String("label."+k, v))
		}
		if a.State == Resolved {
			attrs = append(attrs, slog.String("resolution", a.Resolution), slog.Duration("lasted", a.ResolvedAt.Sub(a.StartedAt)))
			log.LogAttrs(ctx, slog.LevelInfo, "alert resolved: "+a.Title, attrs...)
			continue
		}
		log.LogAttrs(ctx, logLevel(a.Severity), "alert: "+a.Title, attrs...)
	}
	return nil
}

func logLevel(s Severity) slog.Level {
	switch s {
	case P0, P1:
		return slog.LevelError
	case P2:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}
