package errortracking

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

var gone = Class{Category: Canceled, Level: slog.LevelInfo, Expected: true}

// sentinels are known by identity, or by the error's own Is.
var sentinels = []struct {
	err   error
	class Class
}{
	{context.Canceled, gone},
	{http.ErrServerClosed, gone}, // a server that was told to stop
	{context.DeadlineExceeded, Class{Category: Timeout, Level: slog.LevelError}},
	{os.ErrDeadlineExceeded, Class{Category: Timeout, Level: slog.LevelError}},
	{http.ErrHandlerTimeout, Class{Category: Timeout, Level: slog.LevelError}},
	{sql.ErrNoRows, Class{Category: NotFound, Level: slog.LevelWarn}},
	{fs.ErrNotExist, Class{Category: NotFound, Level: slog.LevelWarn}},
	{fs.ErrExist, Class{Category: Conflict, Level: slog.LevelWarn}},
	{fs.ErrPermission, Class{Category: Auth, Level: slog.LevelError}},
	{sql.ErrConnDone, Class{Category: Database, Level: slog.LevelError}},
	{sql.ErrTxDone, Class{Category: Database, Level: slog.LevelError}},
	{driver.ErrBadConn, Class{Category: Database, Level: slog.LevelError}},
	{net.ErrClosed, Class{Category: Network, Level: slog.LevelWarn}},
	{io.ErrClosedPipe, Class{Category: Network, Level: slog.LevelWarn}},
	{io.ErrUnexpectedEOF, Class{Category: Network, Level: slog.LevelWarn}},
}

// builtin judges err alone, not what it wraps.
func builtin(err error) (Class, bool) {
	own, _ := err.(interface{ Is(error) bool })
	for i := range sentinels {
		s := &sentinels[i]
		if err == s.err || own != nil && own.Is(s.err) { //nolint:errorlint // the chain is walked outside
			return s.class, true
		}
	}
	if e, ok := err.(interface{ SQLState() string }); ok { // *pgconn.PgError, *pq.Error
		return ofSQLState(e.SQLState()), true
	}
	if status, ok := httpStatus(err); ok {
		return ofStatus(status)
	}
	if code := typeOf(err).grpc; code != nil {
		return ofGRPC(code(err))
	}
	return ofType(err)
}

func ofType(err error) (Class, bool) {
	switch e := err.(type) { //nolint:errorlint // the chain is walked outside
	case *http.MaxBytesError, *json.SyntaxError, *json.UnmarshalTypeError, *strconv.NumError, *time.ParseError,
		base64.CorruptInputError, hex.InvalidByteError:
		return Class{Category: Validation, Level: slog.LevelWarn}, true
	case syscall.Errno:
		return ofErrno(e)
	case runtime.Error:
		return unknown, true
	case *tls.CertificateVerificationError:
		return Class{Category: Network, Level: slog.LevelError}, true
	case net.Error:
		if e.Timeout() {
			return Class{Category: Timeout, Level: slog.LevelError}, true
		}
		return Class{Category: Network, Level: slog.LevelError}, true
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
	case code == "55P03", code[:2] == "25" && code[2:] == "P03", code == "57P05": // lock not available; idle too long
		c.Category = Timeout
	case code[:2] == "08", code == "57P01", code == "57P02", code == "57P03": // connection; shutting down
		c.Category = Network
	case code[:2] == "53": // insufficient resources
		c.Category, c.Level = Resource, LevelCritical
	case code[:2] == "58", code[:2] == "XX": // system error, internal error
		c.Level = LevelCritical
	case code[:2] == "22": // a value that the type does not take
		c.Category = Validation
	case code[:2] == "02": // no data
		c.Category, c.Level = NotFound, slog.LevelWarn
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
		return gone, true
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		c.Category = Auth
	case status == http.StatusPaymentRequired:
		c.Category = Payment
	case status == http.StatusNotFound, status == http.StatusGone:
		c.Category = NotFound
	case status == http.StatusConflict, status == http.StatusPreconditionFailed, status == http.StatusLocked:
		c.Category = Conflict
	case status == http.StatusRequestTimeout:
		c.Category = Timeout
	case status == http.StatusTooManyRequests:
		c.Category = Resource
	case status == http.StatusInsufficientStorage:
		c.Category, c.Level = Resource, LevelCritical
	case status == http.StatusGatewayTimeout:
		c.Category, c.Level = Timeout, slog.LevelError
	case status >= 500:
		c.Category, c.Level = Dependency, slog.LevelError
	}
	return c, true
}

func ofErrno(e syscall.Errno) (Class, bool) {
	switch e {
	case syscall.ENOSPC, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.EDQUOT, syscall.ENOBUFS, syscall.EADDRNOTAVAIL, syscall.EIO:
		return Class{Category: Resource, Level: LevelCritical}, true
	case syscall.EROFS, syscall.EAGAIN, syscall.EFBIG:
		return Class{Category: Resource, Level: slog.LevelError}, true
	case syscall.EPIPE, syscall.ECONNRESET:
		return Class{Category: Network, Level: slog.LevelWarn}, true
	case syscall.ETIMEDOUT:
		return Class{Category: Timeout, Level: slog.LevelError}, true
	case syscall.ECONNREFUSED, syscall.ECONNABORTED, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.ENETRESET:
		return Class{Category: Network, Level: slog.LevelError}, true
	}
	return Class{}, false
}

// ofGRPC follows the codes of gRPC's status.
func ofGRPC(code uint64) (Class, bool) {
	c := Class{Category: Dependency, Level: slog.LevelError}
	switch code {
	case 0: // OK
		return Class{}, false
	case 1: // Canceled
		return gone, true
	case 3, 11: // InvalidArgument, OutOfRange
		c = Class{Category: Validation, Level: slog.LevelWarn}
	case 4: // DeadlineExceeded
		c.Category = Timeout
	case 5: // NotFound
		c = Class{Category: NotFound, Level: slog.LevelWarn}
	case 6, 9, 10: // AlreadyExists, FailedPrecondition, Aborted
		c = Class{Category: Conflict, Level: slog.LevelWarn}
	case 7, 16: // PermissionDenied, Unauthenticated
		c = Class{Category: Auth, Level: slog.LevelWarn}
	case 8: // ResourceExhausted
		c.Category = Resource
	case 12: // Unimplemented
		c.Category = Bug
	case 15: // DataLoss
		c.Level = LevelCritical
	}
	return c, true
}
