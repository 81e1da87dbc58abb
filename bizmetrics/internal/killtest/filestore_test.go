package killtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/distri-night/monitoring/bizmetrics"
)

// fileStore is a Store of lines in a file, which knows orders by customer and
// nothing else. It is away when it is told so, and by chance.
type fileStore struct {
	file   *os.File
	away   atomic.Bool
	chance float64 // of a refusal

	mu     sync.Mutex
	orders map[string]order
}

type order struct {
	Customer string `json:"customer"`
	Amount   struct {
		Minor int64 `json:"minor"`
	} `json:"amount"`
}

func openFileStore(path string) (*fileStore, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	s := &fileStore{file: f, orders: map[string]order{}}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var e bizmetrics.Event
		if json.Unmarshal(lines.Bytes(), &e) == nil { // else torn by a kill
			if err := s.keep(e); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

func (s *fileStore) keep(e bizmetrics.Event) error {
	var o order
	err := json.Unmarshal(e.Data, &o)
	s.orders[e.Key] = o
	return err
}

func (s *fileStore) Append(_ context.Context, events []bizmetrics.Event) ([]bizmetrics.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away.Load() || rand.Float64() < s.chance {
		return nil, errors.New("no connection")
	}
	outcomes := make([]bizmetrics.Outcome, len(events))
	out := []byte{'\n'} // ends what a kill tore
	for i, e := range events {
		if _, known := s.orders[e.Key]; known {
			outcomes[i] = bizmetrics.Duplicate
			continue
		}
		outcomes[i] = bizmetrics.Stored
		if err := s.keep(e); err != nil {
			return nil, err
		}
		line, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		out = append(append(out, line...), '\n')
	}
	_, err := s.file.Write(out)
	return outcomes, err
}

func (s *fileStore) Query(context.Context, bizmetrics.Query) ([]bizmetrics.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := map[string]*bizmetrics.Row{}
	for _, o := range s.orders {
		row := sums[o.Customer]
		if row == nil {
			row = &bizmetrics.Row{Group: []string{o.Customer}}
			sums[o.Customer] = row
		}
		row.Count++
		row.Money.Minor += o.Amount.Minor
	}
	var rows []bizmetrics.Row
	for _, row := range sums {
		rows = append(rows, *row)
	}
	return rows, nil
}

func (s *fileStore) Scan(context.Context, time.Time, time.Time) iter.Seq2[bizmetrics.Event, error] {
	return func(func(bizmetrics.Event, error) bool) {}
}

func (s *fileStore) Close() error { return s.file.Close() }
