package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cockroach "github.com/cockroachdb/errors"
	goerrors "github.com/go-errors/errors"
	pkgerrors "github.com/pkg/errors"
	"github.com/samber/oops"

	"github.com/distri-night/monitoring/errortracking"
)

//go:noinline
func makeCockroach() error { return cockroach.New("x") }

//go:noinline
func makeGo() error { return goerrors.New("x") }

//go:noinline
func makePkg() error { return pkgerrors.New("x") }

//go:noinline
func makeOops() error { return oops.Errorf("x") }

// TestTheStackIsOfThePlaceWhereTheErrorWasMade is here, where others' libraries
// may be required.
func TestTheStackIsOfThePlaceWhereTheErrorWasMade(t *testing.T) {
	var mu sync.Mutex
	var got strings.Builder
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			if z, err := gzip.NewReader(r.Body); err == nil {
				body = z
			}
		}
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&got, body)
	}))
	defer server.Close()
	for name, tc := range map[string]struct {
		make  func() error
		where string
	}{
		"cockroachdb/errors": {makeCockroach, "makeCockroach"},
		"go-errors":          {makeGo, "makeGo"},
		"pkg/errors":         {makePkg, "makePkg"},
		"samber/oops":        {makeOops, "makeOops"},
	} {
		for how, wrap := range map[string]func(error) error{
			"bare":    func(err error) error { return err },
			"wrapped": func(err error) error { return fmt.Errorf("on the way: %w", err) },
			"joined":  func(err error) error { return errors.Join(errors.New("another"), err) },
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				mu.Lock()
				got.Reset()
				mu.Unlock()
				tr, err := errortracking.New(errortracking.Config{
					DSN: strings.Replace(server.URL, "http://", "http://key@", 1) + "/1", Logger: slog.New(slog.DiscardHandler),
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				tr.CaptureException(ctx, wrap(tc.make()))
				if err := tr.Close(ctx); err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if got := innermosts(t, got.String()); !slices.Contains(got, tc.where) {
					t.Errorf("the innermost frames are %v, want %s", got, tc.where)
				}
			})
		}
	}
}

// innermosts are the functions at the ends of the stacks of the event in an
// envelope; a stack has the innermost frame last.
func innermosts(t *testing.T, envelope string) (functions []string) {
	t.Helper()
	lines := strings.Split(envelope, "\n")
	if len(lines) < 3 {
		t.Fatalf("no event: %q", envelope)
	}
	type exception struct {
		Stacktrace struct {
			Frames []struct{ Function string }
		}
	}
	var event struct{ Exception json.RawMessage }
	var list []exception
	var values struct{ Values []exception }
	if err := json.Unmarshal([]byte(lines[2]), &event); err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(event.Exception, &list) != nil {
		if err := json.Unmarshal(event.Exception, &values); err != nil {
			t.Fatal(err)
		}
		list = values.Values
	}
	for _, e := range list {
		if n := len(e.Stacktrace.Frames); n > 0 {
			functions = append(functions, e.Stacktrace.Frames[n-1].Function)
		}
	}
	return functions
}
