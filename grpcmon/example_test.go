package grpcmon_test

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/distri-night/monitoring"
	"github.com/distri-night/monitoring/grpcmon"
)

func Example() {
	ctx := context.Background()
	mon, err := monitoring.New(ctx, monitoring.Config{Service: "orders", Disabled: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	calls, err := grpcmon.New(grpcmon.Config{Monitor: mon})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := grpc.NewServer(calls.ServerOptions()...)
	// pb.RegisterOrdersServer(server, ...), then server.Serve(listener)
	server.Stop()
	fmt.Println(mon.Shutdown(ctx))
	// Output: <nil>
}
