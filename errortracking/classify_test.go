package errortracking

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
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

// grpcError has the shape of errors of google.golang.org/grpc/status.
type (
	grpcError  struct{ code grpcCode }
	grpcCode   uint32
	grpcStatus struct{ code grpcCode }
)

func (grpcError) Error() string             { return "rpc error" }
func (e grpcError) GRPCStatus() *grpcStatus { return &grpcStatus{e.code} }
func (s *grpcStatus) Code() grpcCode        { return s.code }

type wrapped struct {
	status int
	err    error
}

func (w wrapped) Error() string   { return w.err.Error() }
func (w wrapped) Unwrap() error   { return w.err }
func (w wrapped) HTTPStatus() int { return w.status }

func numError() error {
	_, err := strconv.Atoi("x")
	return err
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
		"grpc canceled":                   {grpcError{1}, Class{Canceled, slog.LevelInfo, true}},
		"grpc invalid argument":           {fmt.Errorf("x: %w", grpcError{3}), Class{Validation, w, false}},
		"grpc deadline":                   {grpcError{4}, Class{Timeout, e, false}},
		"grpc not found":                  {grpcError{5}, Class{NotFound, w, false}},
		"grpc exists":                     {grpcError{6}, Class{Conflict, w, false}},
		"grpc denied":                     {grpcError{7}, Class{Auth, w, false}},
		"grpc exhausted":                  {grpcError{8}, Class{Resource, e, false}},
		"grpc unimplemented":              {grpcError{12}, Class{Bug, e, false}},
		"grpc unavailable":                {grpcError{14}, Class{Dependency, e, false}},
		"grpc data loss":                  {grpcError{15}, Class{Dependency, crit, false}},
		"grpc ok":                         {grpcError{0}, Class{Bug, e, false}},
		"server closed":                   {http.ErrServerClosed, Class{Canceled, slog.LevelInfo, true}},
		"no file handles":                 {&net.OpError{Op: "accept", Err: os.NewSyscallError("accept", syscall.EMFILE)}, Class{Resource, crit, false}},
		"out of memory":                   {os.NewSyscallError("mmap", syscall.ENOMEM), Class{Resource, crit, false}},
		"disk quota":                      {&fs.PathError{Op: "write", Err: syscall.EDQUOT}, Class{Resource, crit, false}},
		"read-only disk":                  {&fs.PathError{Op: "write", Err: syscall.EROFS}, Class{Resource, e, false}},
		"unreachable":                     {os.NewSyscallError("connect", syscall.EHOSTUNREACH), Class{Network, e, false}},
		"timed out":                       {os.NewSyscallError("connect", syscall.ETIMEDOUT), Class{Timeout, e, false}},
		"permission":                      {&fs.PathError{Op: "open", Err: syscall.EACCES}, Class{Auth, e, false}},
		"exists":                          {&fs.PathError{Op: "mkdir", Err: syscall.EEXIST}, Class{Conflict, w, false}},
		"json":                            {json.Unmarshal([]byte("{"), &struct{}{}), Class{Validation, w, false}},
		"number":                          {numError(), Class{Validation, w, false}},
		"cut short":                       {io.ErrUnexpectedEOF, Class{Network, w, false}},
		"sql value":                       {sqlError("22P02"), Class{Validation, e, false}},
		"sql lock":                        {sqlError("55P03"), Class{Timeout, e, false}},
		"sql connection":                  {sqlError("08006"), Class{Network, e, false}},
		"sql shutdown":                    {sqlError("57P01"), Class{Network, e, false}},
		"sql internal":                    {sqlError("XX000"), Class{Database, crit, false}},
		"sql no data":                     {sqlError("02000"), Class{NotFound, w, false}},
		"http 409":                        {statusError(409), Class{Conflict, w, false}},
		"http 429":                        {statusError(429), Class{Resource, w, false}},
		"http 499":                        {statusError(499), Class{Canceled, slog.LevelInfo, true}},
		"http 504":                        {statusError(504), Class{Timeout, e, false}},
		"http 507":                        {statusError(507), Class{Resource, crit, false}},
		"a 500 whose client went away":    {wrapped{500, fmt.Errorf("q: %w", context.Canceled)}, Class{Canceled, slog.LevelInfo, true}},
		"a 500 of a full disk":            {wrapped{500, &fs.PathError{Op: "write", Err: syscall.ENOSPC}}, Class{Resource, crit, false}},
		"a 404 stays one":                 {wrapped{404, context.DeadlineExceeded}, Class{NotFound, w, false}},
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
