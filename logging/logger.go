package logging

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/internal/redact"
	"github.com/distri-night/monitoring/metric"
)

// Logger is a *slog.Logger with correlation, recent records and a level above
// error. Safe for concurrent use. Loggers made by [FromContext] share what
// belongs to the one that they come of.
type Logger struct {
	*slog.Logger
	core *core
}

var _ metric.Producer = (*Logger)(nil)

// New makes a Logger and registers it. It starts no goroutine, and does not
// touch slog.Default or the standard logger.
func New(c Config) (*Logger, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	k := newCore(c)
	l := &Logger{Logger: slog.New(k.root), core: k}
	if c.Disabled {
		return l, nil
	}
	for _, h := range c.Handlers {
		k.extra = append(k.extra, notStandard(h))
	}
	registry := c.Registry
	if registry == nil {
		private, err := metric.NewRegistry(metric.Config{})
		if err != nil {
			return nil, fmt.Errorf("make a private registry: %w", err)
		}
		k.private, registry = private, private
	}
	unregister, err := registry.Register(l)
	if err != nil {
		if k.private != nil {
			err = errors.Join(err, k.private.Close(context.Background()))
		}
		return nil, fmt.Errorf("register the log's metrics: %w", err)
	}
	k.unregister = unregister
	return l, nil
}

func newCore(c Config) *core {
	k := &core{
		fields:   &fieldCache{},
		messages: &messageCache{seed: maphash.MakeSeed()},
		level:    leveler{base: c.Level},
		crumbs:   c.BreadcrumbLevel,
		redact:   redact.New(c.Allow),
		paths:    slices.ContainsFunc(c.Allow, func(name string) bool { return strings.Contains(name, ".") }),
		ring:     newRing(c.Recent),

		propagation: &propagation{TrustedCallers: c.TrustedCallers, targets: lowered(c.PropagateTo)},
	}
	k.out.w, k.out.harmless, k.out.guard = c.Output, harmless(c.Output), &k.guard
	k.level.ended = func(o LevelOverride) { k.say("log level override ended", o) }
	if k.disabled = c.Disabled; k.disabled {
		k.ring = nil
	}
	switch c.Format {
	case "console":
		k.encoder = newConsole(coloured(c.Output))
	case "logfmt":
		k.encoder = logfmt{}
	default:
		k.encoder = newJSON(c)
	}
	_, isJSON := k.encoder.(*jsonEncoder)
	k.root = &handler{core: k, direct: isJSON}
	if !c.Disabled {
		k.sampler = newSampler(c.Sampling, k.summarise)
		k.count()
	}
	return k
}

// core is what all handlers of one Logger share.
type core struct {
	root     *handler // without attributes and groups
	encoder  encoder
	out      output
	guard    guard
	level    leveler
	crumbs   slog.Leveler // nil: info
	sampler  *sampler
	foreign  bool // there is no output: extra[0] decides and writes
	redact   *redact.Redactor
	fields   *fieldCache   // nil: none
	messages *messageCache // nil: none
	paths    bool          // some allowed name is a path
	ring     *ring
	extra    []slog.Handler

	propagation *propagation

	set     metric.Set
	records [len(levelNames)]*metric.Counter
	lost    *metric.Counter

	unregister func()
	private    *metric.Registry
	closed     atomic.Bool
	disabled   bool
}

// taken has the IDs that an attribute of the service with this name stands for.
func (k *core) taken(key string) idSet {
	if e, ok := k.encoder.(*jsonEncoder); ok {
		return e.taken(key)
	}
	return named(key)
}

// Close unregisters the metrics. The Logger goes on writing, because a service
// logs to its very end. It may come twice.
func (l *Logger) Close(ctx context.Context) error {
	if l == nil || l.core == nil || l.core.closed.Swap(true) {
		return nil
	}
	l.core.level.close()
	l.core.sampler.close()
	l.core.guard.wait(ctx)
	if l.core.unregister != nil {
		l.core.unregister()
	}
	if l.core.private != nil {
		if err := l.core.private.Close(ctx); err != nil {
			return fmt.Errorf("close the log's registry: %w", err)
		}
	}
	return nil
}

// Critical logs at LevelCritical. A nil or zero Logger logs as FromContext does.
func (l *Logger) Critical(msg string, args ...any) {
	l.critical(context.Background(), msg, args)
}

// CriticalContext logs at LevelCritical with the IDs of ctx.
func (l *Logger) CriticalContext(ctx context.Context, msg string, args ...any) {
	l.critical(ctx, msg, args)
}

func (l *Logger) critical(ctx context.Context, msg string, args []any) {
	if ctx == nil {
		ctx = context.Background()
	}
	if l == nil || l.Logger == nil {
		l = FromContext(ctx)
	}
	if !l.Enabled(ctx, LevelCritical) {
		return
	}
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:]) // the caller of Critical, for handlers that show the source
	r := slog.NewRecord(time.Now(), LevelCritical, msg, pcs[0])
	r.Add(args...)
	_ = l.Handler().Handle(ctx, r)
}

// Recent gives the records kept of one correlation ID, "" for all, oldest
// first. They are redacted copies.
func (l *Logger) Recent(correlationID string) []Record {
	if l == nil || l.core == nil || l.core.ring == nil {
		return nil
	}
	return l.core.ring.find(correlationID)
}

// Err is the attribute "error"; for a nil error it is the empty one, which
// handlers leave out.
func Err(err error) slog.Attr {
	if err == nil {
		return slog.Attr{}
	}
	return slog.Any("error", err)
}
