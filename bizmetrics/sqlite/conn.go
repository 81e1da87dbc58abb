package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

// conn is one connection with the statements that were prepared on it. It is
// used by one goroutine at a time. It goes past database/sql, whose pool and
// conversions would cost as much as many of the statements.
type conn struct {
	raw        driver.Conn
	statements map[string]driver.Stmt
	args       []driver.NamedValue
	dest       []driver.Value
	values     []sqlstore.Value
}

const maxStatements = 1000 // a query's text is one of some hundreds

func openConn(path string, pragmas ...string) (*conn, error) {
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path)} // a path may have a ? or a % in it
	raw, err := new(sqlite.Driver).Open(name.String())
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, statements: map[string]driver.Stmt{}}
	for _, p := range append([]string{"busy_timeout = 5000", "temp_store = MEMORY"}, pragmas...) {
		if err := c.script("PRAGMA " + p); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

func (c *conn) close() error {
	errs := make([]error, 0, 1)
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// script runs statements that are not worth keeping.
func (c *conn) script(text string) error {
	_, err := c.raw.(driver.ExecerContext).ExecContext(context.Background(), text, nil)
	return err
}

func (c *conn) prepare(text string) (driver.Stmt, error) {
	if s := c.statements[text]; s != nil {
		return s, nil
	}
	if len(c.statements) >= maxStatements {
		for text, s := range c.statements {
			delete(c.statements, text)
			if err := s.Close(); err != nil {
				return nil, err
			}
		}
	}
	s, err := c.raw.Prepare(text)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", text, err)
	}
	c.statements[text] = s
	return s, nil
}

// begin forgets the arguments of the statement before.
func (c *conn) begin() { c.args = c.args[:0] }

func (c *conn) arg(v driver.Value) {
	c.args = append(c.args, driver.NamedValue{Ordinal: len(c.args) + 1, Value: v})
}

func (c *conn) exec(text string) error {
	s, err := c.prepare(text)
	if err != nil {
		return err
	}
	_, err = s.(driver.StmtExecContext).ExecContext(context.Background(), c.args)
	return err
}

// query runs a statement with the arguments. row's values are of those types.
func (c *conn) query(ctx context.Context, text string, types []sqlstore.Type, row func([]sqlstore.Value) error) (err error) {
	s, err := c.prepare(text)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, c.args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	n := len(types)
	for len(c.dest) < n {
		c.dest, c.values = append(c.dest, nil), append(c.values, sqlstore.Value{})
	}
	for read := 1; ; read++ {
		if read%1024 == 0 && ctx.Err() != nil { // the driver looks at it at the start only
			return ctx.Err()
		}
		if err := rows.Next(c.dest[:n]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		for i, v := range c.dest[:n] {
			switch v := v.(type) {
			case int64:
				c.values[i].Int = v
			case string:
				c.values[i].Text = v
			case []byte:
				c.values[i].Bytes = v
			default:
				return fmt.Errorf("a value of type %T in column %d of %s", v, i, text)
			}
		}
		if err := row(c.values[:n]); err != nil {
			return err
		}
	}
}
