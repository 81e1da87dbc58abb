package grpcmon_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/errortracking"
	"github.com/distri-night/monitoring/grpcmon"
	"github.com/distri-night/monitoring/logging"
	"github.com/distri-night/monitoring/metric"
	"github.com/distri-night/monitoring/monitoringtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	check = "/grpc.health.v1.Health/Check"
	watch = "/grpc.health.v1.Health/Watch"
)

// service does what it is asked to by name.
type service struct {
	health.UnimplementedHealthServer
	seen chan context.Context
}

func (s *service) Check(ctx context.Context, r *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	s.seen <- ctx
	return &health.HealthCheckResponse{}, do(ctx, r.Service)
}

func (s *service) Watch(r *health.HealthCheckRequest, stream health.Health_WatchServer) error {
	s.seen <- stream.Context()
	for range 2 {
		if err := stream.Send(&health.HealthCheckResponse{}); err != nil {
			return err
		}
	}
	return do(stream.Context(), r.Service)
}

func do(ctx context.Context, what string) error {
	switch what {
	case "not found":
		return status.Error(codes.NotFound, "no such order")
	case "broken":
		return errors.New("a raw error")
	case "panic":
		panic("boom")
	case "capture":
		errortracking.CaptureException(errortracking.WithUser(ctx, errortracking.User{ID: "u1"}), errors.New("captured inside"))
	case "wait":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// setup is a server and a client of it, with a Monitor for both.
type setup struct {
	*monitoringtest.Recorder
	*service
	client health.HealthClient
}

func newSetup(t *testing.T, c grpcmon.Config, listen func() (net.Listener, string, grpc.DialOption)) *setup {
	t.Helper()
	s := &setup{Recorder: monitoringtest.New(t, monitoring.Config{}), service: &service{seen: make(chan context.Context, 10)}}
	i, err := grpcmon.New(c)
	require.NoError(t, err)
	server := grpc.NewServer(i.ServerOptions()...)
	health.RegisterHealthServer(server, s.service)
	listener, target, dial := listen()
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient(target, append(i.DialOptions(), dial, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
	})
	s.client = health.NewHealthClient(conn)
	return s
}

func inMemory() (net.Listener, string, grpc.DialOption) {
	l := bufconn.Listen(1 << 16)
	return l, "passthrough:///mem", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) })
}

func overTCP() (net.Listener, string, grpc.DialOption) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l, l.Addr().String(), grpc.WithUserAgent("test")
}

// counts are the calls by "method code outcome".
func (s *setup) counts(name string) map[string]uint64 {
	counts := map[string]uint64{}
	s.Metrics.Set.Produce(func(f metric.Family) {
		if f.Name == name {
			for _, p := range f.Points {
				counts[strings.Join(p.Values, " ")] += p.Hist.Count
			}
		}
	})
	return counts
}

func TestAUnaryCallIsCountedOnBothSides(t *testing.T) {
	s := newSetup(t, grpcmon.Config{}, inMemory)
	for name, want := range map[string]codes.Code{
		"ok": codes.OK, "not found": codes.NotFound, "broken": codes.Unknown, "panic": codes.Internal,
	} {
		_, err := s.client.Check(t.Context(), &health.HealthCheckRequest{Service: name})
		assert.Equal(t, want, status.Code(err), name)
		if name == "panic" {
			assert.NotContains(t, err.Error(), "boom", "a caller learns nothing of the inside")
		}
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.client.Check(short, &health.HealthCheckRequest{Service: "wait"})
	assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
	gone, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err = s.client.Check(gone, &health.HealthCheckRequest{Service: "wait"})
	assert.Equal(t, codes.Canceled, status.Code(err))

	want := map[string]uint64{
		check + " OK ok": 1, check + " NOT_FOUND client_error": 1, check + " UNKNOWN error": 1, check + " INTERNAL error": 1,
		check + " DEADLINE_EXCEEDED error": 1, check + " CANCELLED aborted": 1,
	}
	assert.Equal(t, want, s.counts("rpc.client.call.duration"))
	served := func() map[string]uint64 { return s.counts("rpc.server.call.duration") }
	require.Eventually(t, func() bool {
		total := uint64(0)
		for _, n := range served() {
			total += n
		}
		return total == 6
	}, 5*time.Second, time.Millisecond)
	got := served()
	// Whether the server sees the caller's deadline or its reset first is chance.
	late := got[check+" DEADLINE_EXCEEDED error"] + got[check+" CANCELLED aborted"]
	assert.EqualValues(t, 2, late, got)
	assert.EqualValues(t, 1, got[check+" INTERNAL error"], got)
}

func TestAPanicIsCapturedOnceWithItsIDs(t *testing.T) {
	s := newSetup(t, grpcmon.Config{}, inMemory)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "call-7")
	_, err := s.client.Check(ctx, &health.HealthCheckRequest{Service: "panic"})
	require.Equal(t, codes.Internal, status.Code(err))
	_, err = s.client.Check(ctx, &health.HealthCheckRequest{Service: "capture"})
	require.NoError(t, err)
	stream, err := s.client.Watch(ctx, &health.HealthCheckRequest{Service: "panic"})
	require.NoError(t, err)
	for err == nil {
		_, err = stream.Recv()
	}
	require.Equal(t, codes.Internal, status.Code(err))

	require.Eventually(t, func() bool { return len(s.Exceptions()) == 3 }, 5*time.Second, time.Millisecond)
	for _, e := range s.Exceptions() {
		if e.Err != nil && e.Err.Error() == "captured inside" {
			assert.Equal(t, "u1", e.User.ID)
		} else {
			assert.ErrorContains(t, e.Err, "boom")
		}
	}
	require.NotEmpty(t, s.Log.Recent("call-7"), "the panic's record has the call's ID")
}

func TestStreamsAreApart(t *testing.T) {
	s := newSetup(t, grpcmon.Config{}, inMemory)
	var err error
	stream, err := s.client.Watch(t.Context(), &health.HealthCheckRequest{Service: "not found"})
	require.NoError(t, err)
	for err == nil {
		_, err = stream.Recv()
	}
	assert.Equal(t, codes.NotFound, status.Code(err))
	ctx, cancel := context.WithCancel(t.Context())
	stream, err = s.client.Watch(ctx, &health.HealthCheckRequest{Service: "wait"})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	cancel()
	want := map[string]uint64{watch + " NOT_FOUND client_error": 1, watch + " CANCELLED aborted": 1}
	for _, name := range []string{"rpc.server.stream.duration", "rpc.client.stream.duration"} {
		assert.Eventually(t, func() bool { return assert.ObjectsAreEqual(want, s.counts(name)) }, 5*time.Second, time.Millisecond, "%s %v", name, s.counts(name))
	}
	assert.Empty(t, s.counts("rpc.server.call.duration"))
}

func TestOneIDTiesACallToItsCaller(t *testing.T) {
	for _, tc := range []struct {
		name    string
		trusted []netip.Prefix
		listen  func() (net.Listener, string, grpc.DialOption)
		same    bool
	}{
		{"trusted", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, overTCP, true},
		{"a stranger", nil, overTCP, false},
		{"without an address", []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}, inMemory, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSetup(t, grpcmon.Config{TrustedCallers: tc.trusted}, tc.listen)
			ctx := logging.Extract(t.Context(), map[string]string{
				"x-request-id": "order-42", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
			})
			var header metadata.MD
			_, err := s.client.Check(ctx, &health.HealthCheckRequest{}, grpc.Header(&header))
			require.NoError(t, err)
			assert.Equal(t, []string{"order-42"}, header.Get("x-request-id"))
			inside := <-s.seen
			assert.Equal(t, "order-42", logging.CorrelationID(inside))
			carrier := map[string]string{}
			logging.Inject(inside, carrier)
			assert.Equal(t, tc.same, strings.Contains(carrier["traceparent"], "4bf92f3577b34da6a3ce929d0e0e4736"), carrier)
		})
	}
	s := newSetup(t, grpcmon.Config{}, inMemory)
	_, err := s.client.Check(metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "not well formed\x7f"), &health.HealthCheckRequest{})
	if err == nil {
		assert.Len(t, logging.CorrelationID(<-s.seen), 32, "a malformed ID is replaced")
	}
}

func TestAWrongConfigNamesItsField(t *testing.T) {
	_, err := grpcmon.New(grpcmon.Config{TrustedCallers: []netip.Prefix{{}}})
	require.ErrorIs(t, err, monitoring.ErrInvalid)
	assert.ErrorContains(t, err, "Monitor")
	assert.ErrorContains(t, err, "TrustedCallers[0]")
}
