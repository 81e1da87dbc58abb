package sqlite

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// explain says what can be done about an error of the database.
func explain(err error, path string) error {
	var of *sqlite.Error
	if !errors.As(err, &of) {
		return err
	}
	hint := ""
	switch of.Code() & 0xff {
	case lib.SQLITE_FULL:
		hint = "the disk is full: make room; what was not stored can be stored again"
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		hint = "the file is damaged, or not a database: put it aside and restore a copy, or let `sqlite3 FILE .recover` save what is left"
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_CANTOPEN:
		hint = "the process must be able to write the file and its folder"
	case lib.SQLITE_IOERR:
		hint = "the disk failed, or is full"
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		hint = "another program holds the file locked"
	}
	if hint == "" {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf("%s: %w (%s)", path, err, hint)
}
