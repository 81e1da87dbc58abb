package errortracking

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

type sqlError string

func (e sqlError) Error() string    { return "sql " + string(e) }
func (e sqlError) SQLState() string { return string(e) }

type statusError int

func (e statusError) Error() string   { return fmt.Sprint("status ", int(e)) }
func (e statusError) StatusCode() int { return int(e) }

type cyclic struct{ next error }

func (*cyclic) Error() string   { return "cyclic" }
func (c *cyclic) Unwrap() error { return c.next }

type panicking struct{}

func (panicking) Error() string   { panic("no text") }
func (panicking) Unwrap() error   { panic("no cause") }
func (panicking) Is(error) bool   { panic("no comparison") }
func (panicking) StatusCode() int { panic("no status") }

type wide struct{}

func (wide) Error() string { return "wide" }
func (wide) Unwrap() []error {
	all := make([]error, 10_000)
	for i := range all {
		all[i] = wide{}
	}
	return all
}

func runtimeError() (err error) {
	defer func() { err, _ = recover().(error) }()
	var list []int
	return fmt.Errorf("not reached: %d", list[len(os.Args)])
}

func TestEveryErrorHasACategoryAndALevel(t *testing.T) {
	const e, w, crit = slog.LevelError, slog.LevelWarn, LevelCritical
	loop := &cyclic{}
	loop.next = fmt.Errorf("again: %w", loop)
	_, openErr := os.Open(t.TempDir() + "/missing")
	for name, tc := range map[string]struct {
		err  error
		want Class
	}{
		"unknown":                         {errors.New("x"), Class{Bug, e, false}},
		"client gone":                     {fmt.Errorf("q: %w", context.Canceled), Class{Canceled, slog.LevelInfo, true}},
		"client gone, in a url.Error":     {&url.Error{Op: "Get", Err: context.Canceled}, Class{Canceled, slog.LevelInfo, true}},
		"deadline":                        {fmt.Errorf("q: %w", context.DeadlineExceeded), Class{Timeout, e, false}},
		"net timeout":                     {&net.DNSError{IsTimeout: true}, Class{Timeout, e, false}},
		"net":                             {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, Class{Network, e, false}},
		"peer reset":                      {&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, Class{Network, w, false}},
		"disk full":                       {&fs.PathError{Op: "write", Err: syscall.ENOSPC}, Class{Resource, crit, false}},
		"no row":                          {fmt.Errorf("q: %w", sql.ErrNoRows), Class{NotFound, w, false}},
		"no file":                         {openErr, Class{NotFound, w, false}},
		"duplicate":                       {fmt.Errorf("q: %w", sqlError("23505")), Class{Conflict, w, false}},
		"deadlock":                        {sqlError("40P01"), Class{Conflict, w, false}},
		"statement timeout":               {sqlError("57014"), Class{Timeout, e, false}},
		"too many connections":            {sqlError("53300"), Class{Resource, crit, false}},
		"syntax":                          {sqlError("42601"), Class{Bug, e, false}},
		"foreign key":                     {sqlError("23503"), Class{Database, e, false}},
		"odd state":                       {sqlError("1"), Class{Database, e, false}},
		"http 404":                        {statusError(404), Class{NotFound, w, false}},
		"http 422":                        {statusError(422), Class{Validation, w, false}},
		"http 401":                        {statusError(401), Class{Auth, w, false}},
		"http 402":                        {statusError(402), Class{Payment, w, false}},
		"http 503":                        {fmt.Errorf("x: %w", statusError(503)), Class{Dependency, e, false}},
		"http 200":                        {statusError(200), Class{Bug, e, false}},
		"body too large":                  {&http.MaxBytesError{}, Class{Validation, w, false}},
		"runtime":                         {runtimeError(), Class{Bug, e, false}},
		"joined: the worst":               {errors.Join(statusError(404), sqlError("53300"), context.Canceled), Class{Resource, crit, false}},
		"joined: unknown beside expected": {errors.Join(context.Canceled, errors.New("x")), Class{Bug, e, false}},
		"joined: all expected":            {errors.Join(context.Canceled, context.Canceled), Class{Canceled, slog.LevelInfo, true}},
		"two %w":                          {fmt.Errorf("%w, %w", statusError(404), context.DeadlineExceeded), Class{Timeout, e, false}},
		"cyclic":                          {loop, Class{Bug, e, false}},
		"panicking":                       {panicking{}, Class{Bug, e, false}},
		"huge":                            {wide{}, Class{Bug, e, false}},
		"typed nil":                       {(*cyclic)(nil), Class{Bug, e, false}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tc.want, classify(tc.err, nil))
		})
	}
}

func TestTheServicesOwnClassifyGoesFirst(t *testing.T) {
	declined := errors.New("declined")
	tr := tracker(t, Config{Classify: func(err error) (Class, bool) {
		if errors.Is(err, statusError(404)) {
			panic("a fault of the service")
		}
		return Class{Category: Payment, Level: slog.LevelWarn}, errors.Is(err, declined)
	}})
	assert.Equal(t, Class{Category: Payment, Level: slog.LevelWarn}, tr.Classify(fmt.Errorf("charge: %w", declined)))
	assert.Equal(t, Timeout, tr.Classify(context.DeadlineExceeded).Category)
	assert.Equal(t, NotFound, tr.Classify(statusError(404)).Category, "a panicking Classify decides nothing")
}
