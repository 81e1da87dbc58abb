package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/distri-night/monitoring/internal/config"
)

const defaultSchema = "bizmetrics"

// schema is where the tables are. Each statement names it, so that search_path
// does not matter and is not touched.
type schema struct {
	name   string
	quoted string
}

func schemaOf(name string) (schema, error) {
	if name == "" {
		name = defaultSchema
	}
	var f config.Faults
	// PostgreSQL cuts longer names without a word.
	if len(name) > 63 || !utf8.ValidString(name) || strings.ContainsAny(name, "\x00$") || strings.HasPrefix(name, "pg_") {
		f.Add("Config.Schema", "the name of a schema: at most 63 bytes, without NUL and $, not beginning with pg_", name)
	}
	return schema{name: name, quoted: pgx.Identifier{name}.Sanitize()}, f.Err()
}

// sql puts the schema into a statement: {schema} is its name, {name} that as a
// text.
func (s schema) sql(text string) string {
	literal := "'" + strings.ReplaceAll(s.name, "'", "''") + "'"
	if strings.Contains(s.name, `\`) {
		literal = " E'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s.name) + "'"
	}
	return strings.NewReplacer("{schema}", s.quoted, "{name}", literal).Replace(text)
}

// lock waits until nobody else writes into the schema, until the end of the
// transaction. Advisory locks are the database's.
func (s schema) lock() string {
	sum := sha256.Sum256([]byte("bizmetrics/postgres " + s.name))
	return "select pg_catalog.pg_advisory_xact_lock(" + strconv.FormatInt(int64(binary.LittleEndian.Uint64(sum[:])), 10) + ")"
}

// querier is a connection or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// versionOf is the version of the schema, 0: there is none.
func versionOf(ctx context.Context, q querier, s schema) (version int, err error) {
	var there bool
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = 'migrations')`, s.name).Scan(&there)
	if err == nil && there {
		err = q.QueryRow(ctx, s.sql("SELECT coalesce(max(version), 0) FROM {schema}.migrations")).Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of schema %s: %w", s.quoted, err)
	}
	return version, nil
}

func (s schema) checkVersion(there, newest int) error {
	if there > newest {
		return fmt.Errorf("schema %s has version %d, made by a later version of this package, which knows %d: use that one, or take the schema back with its Down",
			s.quoted, there, newest)
	}
	return nil
}
