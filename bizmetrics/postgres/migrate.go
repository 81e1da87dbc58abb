package postgres

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema, there and back.
type migration struct {
	version  int
	name     string
	up, down string
}

// migrations are those of this package, in order.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.up.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	all := make([]migration, 0, len(names))
	for _, file := range names {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "migrations/"), ".up.sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("number of migration %s: %w", name, err)
		}
		up, err := fs.ReadFile(migrationFiles, file)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		down, err := fs.ReadFile(migrationFiles, "migrations/"+name+".down.sql")
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		all = append(all, migration{version, name, string(up), string(down)})
	}
	slices.SortFunc(all, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	return all, nil
}

// Up makes the schema, or brings it to the version of this package, in one
// transaction. "" is the default schema. Several processes may call it at the
// same time: one does it, the others find it done. A schema that a later
// version of this package has made is refused, and left as it is.
//
// [Open] does it too. A service whose role may not create tables has Up called
// by one that may, with the rights granted that the package's documentation
// lists.
func Up(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	s, err := schemaOf(schema)
	if err != nil {
		return err
	}
	return migrate(ctx, pool, s, func(m *migrator) error { return m.up() })
}

// Down takes the schema back to a version, in one transaction: to 0, and
// nothing is left of it, nor of the events in it. A schema that was there before
// Up stays, empty.
func Down(ctx context.Context, pool *pgxpool.Pool, schema string, version int) error {
	s, err := schemaOf(schema)
	if err != nil {
		return err
	}
	return migrate(ctx, pool, s, func(m *migrator) error { return m.down(version) })
}

// migrator is what one transaction does to the schema.
type migrator struct {
	ctx    context.Context
	tx     pgx.Tx
	schema schema
	all    []migration
	there  int // the version that is there; 0: none
}

// migrate runs f while nobody else migrates or writes.
func migrate(ctx context.Context, pool *pgxpool.Pool, s schema, f func(*migrator) error) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin isolation level read committed; " + s.lock()})
	if err != nil {
		return fmt.Errorf("migrate schema %s: %w", s.quoted, err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	m := &migrator{ctx: ctx, tx: tx, schema: s, all: all}
	err = m.look()
	if err == nil {
		err = f(m)
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		return fmt.Errorf("migrate schema %s: %w", s.quoted, err)
	}
	return nil
}

// look finds out which version is there.
func (m *migrator) look() (err error) {
	m.there, err = versionOf(m.ctx, m.tx, m.schema)
	if err != nil {
		return err
	}
	return m.schema.checkVersion(m.there, m.newest())
}

func (m *migrator) newest() int { return m.all[len(m.all)-1].version }

// made says in the database that Up made the schema, so that Down removes it.
const made = "business events; made by the bizmetrics/postgres package"

func (m *migrator) up() error {
	if m.there == m.newest() {
		return nil
	}
	if m.there == 0 {
		if err := m.begin(); err != nil {
			return err
		}
	}
	for _, step := range m.all {
		if step.version <= m.there {
			continue
		}
		if err := m.run(step.name+" up", step.up); err != nil {
			return err
		}
		if err := m.run("note "+step.name, "INSERT INTO {schema}.migrations (version, name) VALUES ("+strconv.Itoa(step.version)+", '"+step.name+"')"); err != nil {
			return err
		}
	}
	return nil
}

// begin makes the schema, if it is not there, and the list of what was done.
func (m *migrator) begin() error {
	var there bool
	err := m.tx.QueryRow(m.ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", m.schema.name).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for the schema: %w", err)
	}
	if !there { // else it may be all that the role has: CREATE ... IF NOT EXISTS asks for more
		if err := m.run("create schema", "CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS '"+made+"'"); err != nil {
			return err
		}
	}
	return m.run("create migrations", `CREATE TABLE {schema}.migrations (
		version integer PRIMARY KEY,
		name    text NOT NULL,
		applied timestamptz NOT NULL DEFAULT now()
	)`)
}

func (m *migrator) down(to int) error {
	for _, step := range slices.Backward(m.all) {
		if step.version > m.there || step.version <= to {
			continue
		}
		if err := m.run(step.name+" down", step.down); err != nil {
			return err
		}
		if err := m.run("note "+step.name, "DELETE FROM {schema}.migrations WHERE version = "+strconv.Itoa(step.version)); err != nil {
			return err
		}
	}
	if to > 0 || m.there == 0 {
		return nil
	}
	if err := m.run("drop migrations", "DROP TABLE {schema}.migrations"); err != nil {
		return err
	}
	var ours bool
	err := m.tx.QueryRow(m.ctx, "SELECT coalesce(pg_catalog.obj_description(oid, 'pg_namespace') = $2, false) FROM pg_catalog.pg_namespace WHERE nspname = $1",
		m.schema.name, made).Scan(&ours)
	if err != nil {
		return fmt.Errorf("look for the schema: %w", err)
	}
	if !ours {
		return nil
	}
	return m.run("drop schema", "DROP SCHEMA {schema}")
}

// run executes statements, several at once: hence the simple protocol.
func (m *migrator) run(what, sql string) error {
	if _, err := m.tx.Exec(m.ctx, m.schema.sql(sql)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
