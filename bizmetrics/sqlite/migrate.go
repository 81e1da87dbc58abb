package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/distri-night/monitoring/bizmetrics/internal/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

const latest = 1 // the number of the last migration

// migrate brings the tables from the version that the file says to another,
// each step in a transaction.
func migrate(c *conn, to int) error {
	version, err := versionOf(c)
	if err != nil {
		return err
	}
	if version > latest {
		return fmt.Errorf("the file has version %d, this program knows %d: a later version of it wrote the file", version, latest)
	}
	for version != to {
		number, direction, next := version+1, "up", version+1
		if version > to {
			number, direction, next = version, "down", version-1
		}
		if err := step(c, number, direction, next); err != nil {
			return fmt.Errorf("migration %d %s: %w", number, direction, err)
		}
		version = next
	}
	return nil
}

func step(c *conn, number int, direction string, version int) error {
	names, err := fs.Glob(migrations, fmt.Sprintf("migrations/%04d_*.%s.sql", number, direction))
	if err != nil || len(names) != 1 {
		return errors.Join(err, fmt.Errorf("%d files", len(names)))
	}
	text, err := migrations.ReadFile(names[0])
	if err != nil {
		return err
	}
	err = c.script(strings.Join([]string{"BEGIN IMMEDIATE", string(text), fmt.Sprintf("PRAGMA user_version = %d", version), "COMMIT"}, ";\n"))
	if err != nil {
		_ = c.script("ROLLBACK")
	}
	return err
}

func versionOf(c *conn) (version int, err error) {
	c.begin()
	err = c.query(context.Background(), "PRAGMA user_version", []sqlstore.Type{sqlstore.Int}, func(v []sqlstore.Value) error {
		version = int(v[0].Int)
		return nil
	})
	return version, err
}
