package dashboard_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/distri-night/monitoring/dashboard"
)

func Example() {
	waiting := func(context.Context, time.Time, time.Time) (any, error) {
		return dashboard.Number{Value: 12, Note: "oldest 3 s"}, nil
	}
	d, err := dashboard.New(dashboard.Config{Panels: []dashboard.Panel{
		{ID: "queue", Title: "Queue", Unit: "jobs", Page: dashboard.Operations, Good: dashboard.DownIsGood, Data: waiting},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/monitoring/", d)
	s := httptest.NewServer(mux)

	res, err := http.Get(s.URL + "/monitoring/api/pages/operations?from=-1h")
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	fmt.Println(res.StatusCode, strings.Contains(string(body), `"value":12`))

	s.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(d.Close(context.Background()))
	// Output:
	// 200 true
	// <nil>
}
