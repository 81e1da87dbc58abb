package grpcmon

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// codeNames are the status codes as OpenTelemetry and the protocol spell them,
// in the order of their numbers.
var codeNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

func codeName(c codes.Code) string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return "_OTHER"
}

// codeOf is the code that the caller sees.
func codeOf(err error) codes.Code {
	if s, ok := status.FromError(err); ok {
		return s.Code()
	}
	return status.FromContextError(err).Code()
}

// outcomeOf judges a call, by OpenTelemetry's table for servers; a method that
// is not there is the caller's mistake. Only a context that was cancelled, not
// a handler that says so, is a caller that went away.
func outcomeOf(ctx context.Context, c codes.Code) string {
	if errors.Is(ctx.Err(), context.Canceled) && c != codes.OK {
		return "aborted"
	}
	switch c {
	case codes.OK:
		return "ok"
	case codes.Unknown, codes.DeadlineExceeded, codes.Internal, codes.Unavailable, codes.DataLoss, codes.Canceled:
		return "error"
	default:
		return "client_error"
	}
}
