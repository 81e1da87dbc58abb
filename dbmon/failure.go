package dbmon

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Values of error.type beside the SQLSTATE classes.
const (
	typeCanceled   = "canceled"   // the caller gave up: not a failure of the database
	typeTimeout    = "timeout"    // the caller's deadline passed
	typeConnection = "connection" // no answer: refused, cut, reset
	typePanic      = "panic"      // the tracked function panicked
	typeOther      = "_OTHER"
)

// failureTypes are all values of error.type that count as failed: the SQLSTATE
// classes of PostgreSQL's appendix A, and ours. Sorted.
var failureTypes = []string{
	"02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22", "23", "24", "25", "26", "27", "28",
	"2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "44", "53", "54", "55", "57", "58", "72",
	"F0", "HV", "P0", "XX", typeOther, typeConnection, typePanic, typeTimeout,
}

// errorType is the bounded word for an error: "" for none, and for no rows,
// which is an answer. It is made of the error's type and code, never its text:
// a text may hold values.
func errorType(err error) string {
	switch {
	case err == nil, errors.Is(err, pgx.ErrNoRows), errors.Is(err, sql.ErrNoRows):
		return ""
	case errors.Is(err, context.Canceled):
		return typeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return typeTimeout
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		if code := state.SQLState(); len(code) == 5 {
			if _, known := slices.BinarySearch(failureTypes, code[:2]); known {
				return code[:2]
			}
		}
		return typeOther
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return typeTimeout
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return typeConnection
	default:
		return typeOther
	}
}
