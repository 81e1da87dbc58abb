// Package observe stands in for the library until its packages have landed.
package observe

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TrackQuery[T any](ctx context.Context, name string, fn func(ctx context.Context) (T, error)) (T, error) {
	return fn(ctx)
}
func NewPool(ctx context.Context, url string) (*pgxpool.Pool, error) { return pgxpool.New(ctx, url) }
func RecordCacheHit(string)                                          {}
func RecordCacheMiss(string)                                         {}

type User struct{ ID, Email, Role string }

func WithUser(ctx context.Context, u User) context.Context { return ctx }
func CaptureException(ctx context.Context, err error, args ...any) string {
	slog.Error(err.Error(), args...)
	return ""
}
func FromContext(ctx context.Context) *slog.Logger { return slog.Default() }

type Mark struct{}

func Start(ctx context.Context, name string) *Mark { return nil }
func (*Mark) End() time.Duration                   { return 0 }

type Money struct {
	Minor    int64
	Currency string
}
type OrderStatus string

const Placed, Confirmed, Delivered, Cancelled OrderStatus = "placed", "confirmed", "delivered", "cancelled"

type Order struct {
	ID, CustomerID, SupplierID string
	Status                     OrderStatus
	Total                      Money
	At                         time.Time
}
type Refund struct {
	ID, OrderID string
	Amount      Money
	At          time.Time
}
type Payment struct {
	ID, OrderID, Method, FailureReason string
	Amount                             Money
	Succeeded, Declined                bool
	At                                 time.Time
}
type SupplierResponse struct {
	ID, SupplierID, OrderID string
	After                   time.Duration
	Accepted                bool
	At                      time.Time
}
type NPS struct {
	ID, UserID, Comment string
	Score               int
	At                  time.Time
}

func RecordOrder(context.Context, Order) error                       { return nil }
func RecordRefund(context.Context, Refund) error                     { return nil }
func RecordPayment(context.Context, Payment) error                   { return nil }
func RecordSupplierResponse(context.Context, SupplierResponse) error { return nil }
func RecordNPS(context.Context, NPS) error                           { return nil }

var _ http.Handler

func Err(err error) slog.Attr { return slog.Any("error", err) }

type Recorder struct{}
type Query struct {
	Metric   string
	From, To time.Time
	Filter   map[string]string
}
type Row struct{ Count int64 }
type Span struct{ Value Money }
type Revenue struct{ Today Span }
type Transactions struct{ Total, Succeeded int64 }

func (*Recorder) Sync(context.Context) error                                     { return nil }
func (*Recorder) Revenue(context.Context) (r Revenue, err error)                 { return }
func (*Recorder) Transactions(context.Context) (r Transactions, err error)       { return }
func (*Recorder) Query(context.Context, Query) (r []Row, err error)              { return }
func (*Recorder) RecordOrder(context.Context, Order) error                       { return nil }
func (*Recorder) RecordRefund(context.Context, Refund) error                     { return nil }
func (*Recorder) RecordPayment(context.Context, Payment) error                   { return nil }
func (*Recorder) RecordSupplierResponse(context.Context, SupplierResponse) error { return nil }
func (*Recorder) RecordNPS(context.Context, NPS) error                           { return nil }

type Config struct{}
type Monitor struct{ Business *Recorder }

func Init(context.Context, Config) (*Monitor, error)    { return &Monitor{}, nil }
func (*Monitor) Handler() http.Handler                  { return http.NotFoundHandler() }
func (*Monitor) Middleware(h http.Handler) http.Handler { return h }
func (*Monitor) Shutdown(context.Context) error         { return nil }
