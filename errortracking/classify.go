package errortracking

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"syscall"
)

// unknown is the class of what no rule knows.
var unknown = Class{Category: Bug, Level: slog.LevelError}

// classify finds the class of err: what own says of it, else the outermost
// error in the chain that a rule knows; of a joined error the worst branch.
func classify(err error, own func(error) (Class, bool)) Class {
	var w walk
	if c, ok := classOf(err, own, &w); ok {
		return c
	}
	return unknown
}

func classOf(err error, own func(error) (Class, bool), w *walk) (Class, bool) {
	if !w.enter(err) {
		return Class{}, false
	}
	defer w.leave()
	if c, ok := ask(own, err); ok {
		return c, true
	}
	c, known := ask(builtin, err)
	if known && c.Category != Network {
		return c, true
	}
	all, joined := children(err)
	if !joined {
		for _, child := range all {
			// A network error may tell more inside: that the caller went away.
			if inner, ok := classOf(child, own, w); ok {
				return inner, true
			}
		}
		return c, known
	}
	var worst Class
	found := false
	for _, child := range all {
		if child == nil {
			continue
		}
		c, ok := classOf(child, own, w)
		if !ok {
			c = unknown
		}
		if !found || worse(c, worst) {
			worst, found = c, true
		}
	}
	return worst, found
}

// ask guards against values that panic.
func ask(rule func(error) (Class, bool), err error) (c Class, ok bool) {
	if rule == nil {
		return Class{}, false
	}
	defer func() {
		if recover() != nil {
			c, ok = Class{}, false
		}
	}()
	return rule(err)
}

func worse(a, b Class) bool {
	if a.Expected != b.Expected {
		return b.Expected
	}
	return a.Level > b.Level
}

// is looks at err alone, not at what it wraps.
func is(err, target error) bool {
	if err == target { //nolint:errorlint // the chain is walked outside
		return true
	}
	x, ok := err.(interface{ Is(error) bool })
	return ok && x.Is(target)
}

// builtin judges err alone, not what it wraps.
func builtin(err error) (Class, bool) {
	class := func(c Category, l slog.Level) (Class, bool) { return Class{Category: c, Level: l}, true }
	switch {
	case is(err, context.Canceled):
		return Class{Category: Canceled, Level: slog.LevelInfo, Expected: true}, true
	case is(err, context.DeadlineExceeded), is(err, os.ErrDeadlineExceeded):
		return class(Timeout, slog.LevelError)
	case is(err, sql.ErrNoRows), is(err, fs.ErrNotExist):
		return class(NotFound, slog.LevelWarn)
	case is(err, sql.ErrConnDone), is(err, sql.ErrTxDone):
		return class(Database, slog.LevelError)
	case is(err, fs.ErrPermission):
		return class(Auth, slog.LevelError)
	case is(err, net.ErrClosed):
		return class(Network, slog.LevelWarn)
	}
	if e, ok := err.(interface{ SQLState() string }); ok { // *pgconn.PgError, *pq.Error
		return ofSQLState(e.SQLState()), true
	}
	if status, ok := httpStatus(err); ok {
		return ofStatus(status)
	}
	switch e := err.(type) { //nolint:errorlint // the chain is walked outside
	case *http.MaxBytesError:
		return class(Validation, slog.LevelWarn)
	case syscall.Errno:
		return ofErrno(e)
	case runtime.Error:
		return class(Bug, slog.LevelError)
	case net.Error:
		if e.Timeout() {
			return class(Timeout, slog.LevelError)
		}
		return class(Network, slog.LevelError)
	}
	return Class{}, false
}

// ofSQLState follows the classes of PostgreSQL's appendix A.
func ofSQLState(code string) Class {
	c := Class{Category: Database, Level: slog.LevelError}
	if len(code) != 5 {
		return c
	}
	switch {
	case code == "57014": // query_canceled: statement_timeout, mostly
		c.Category = Timeout
	case code == "23505", code == "23P01", code[:2] == "40": // duplicates; serialization failure, deadlock
		c.Category, c.Level = Conflict, slog.LevelWarn
	case code == "55P03": // lock_not_available
		c.Category = Timeout
	case code[:2] == "08", code == "57P01", code == "57P02", code == "57P03": // connection; shutting down
		c.Category = Network
	case code[:2] == "53": // insufficient resources
		c.Category, c.Level = Resource, LevelCritical
	case code[:2] == "58", code[:2] == "XX": // system error, internal error
		c.Level = LevelCritical
	case code[:2] == "42": // syntax, unknown column, missing privilege
		c.Category = Bug
	}
	return c
}

func httpStatus(err error) (int, bool) {
	switch e := err.(type) { //nolint:errorlint // the chain is walked outside
	case interface{ HTTPStatus() int }:
		return e.HTTPStatus(), true
	case interface{ StatusCode() int }:
		return e.StatusCode(), true
	case interface{ HTTPStatusCode() int }:
		return e.HTTPStatusCode(), true
	}
	return 0, false
}

func ofStatus(status int) (Class, bool) {
	c := Class{Category: Validation, Level: slog.LevelWarn}
	switch {
	case status < 400 || status > 599:
		return Class{}, false
	case status == 499: // nginx: the client closed the request
		return Class{Category: Canceled, Level: slog.LevelInfo, Expected: true}, true
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		c.Category = Auth
	case status == http.StatusPaymentRequired:
		c.Category = Payment
	case status == http.StatusNotFound, status == http.StatusGone:
		c.Category = NotFound
	case status == http.StatusConflict, status == http.StatusPreconditionFailed:
		c.Category = Conflict
	case status == http.StatusRequestTimeout:
		c.Category = Timeout
	case status == http.StatusTooManyRequests:
		c.Category = Resource
	case status == http.StatusGatewayTimeout:
		c.Category, c.Level = Timeout, slog.LevelError
	case status >= 500:
		c.Category, c.Level = Dependency, slog.LevelError
	}
	return c, true
}

func ofErrno(e syscall.Errno) (Class, bool) {
	switch {
	case errors.Is(e, syscall.ENOSPC), errors.Is(e, syscall.ENOMEM), errors.Is(e, syscall.EMFILE), errors.Is(e, syscall.ENFILE):
		return Class{Category: Resource, Level: LevelCritical}, true
	case errors.Is(e, syscall.EPIPE), errors.Is(e, syscall.ECONNRESET):
		return Class{Category: Network, Level: slog.LevelWarn}, true
	case e.Timeout():
		return Class{Category: Timeout, Level: slog.LevelError}, true
	}
	return Class{Category: Network, Level: slog.LevelError}, false
}
